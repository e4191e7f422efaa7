"""Hermes and Codex on one machine, as a user with both of them meets Kairos."""

from __future__ import annotations

from pathlib import Path

import pytest

from kairos.store import flocks
from tests.e2e.shell import Shell
from tests.processes import holding_flock

TWICE = "The router in the cellar is restarted every Sunday at noon."
ENDED = "Until 2026-01-31 the heating is set by hand."
FACTS = (
    "Tea is in the attic.",
    "Run the tests like this:\n\n```\nmake test\n```",
    "The office printer is called Halcyon and needs A4 paper.",
    "Logs are rotated weekly by logrotate.",
    "The build cache lives in /var/cache/build.",
    "Backups go to the bucket seedbank-backups.",
    "The garden gate opens with the green key.",
)
USER = (
    "The user is called Jonas and lives in Graz.",
    "Jonas is allergic to peanuts.",
    "Jonas writes in vim.",
)


def joined(*entries: str) -> bytes:
    return "\n§\n".join(entries).encode()


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir() if path.suffix != ".lock"}


@pytest.fixture
def memories(home: Path) -> Path:
    memories = home / ".hermes/memories"
    write(memories / "MEMORY.md", joined(ENDED, TWICE, *FACTS, TWICE))
    write(memories / "USER.md", joined(*USER, USER[1]))
    write(memories / "MEMORY.md.lock", b"")
    write(home / ".hermes/profiles/work/memories/MEMORY.md", joined(*FACTS))
    write(home / ".codex/memories/MEMORY.md", f"# Memory\n\n- {TWICE}\n- {TWICE}\n".encode())
    return memories


def test_init_finds_all_memories_of_hermes_and_not_that_of_codex(memories: Path, shell: Shell) -> None:
    found = shell.json("init")["roots"]
    work = memories.parent / "profiles/work/memories"
    assert [(root["root"], root["layout"]) for root in found] == [
        (str(memories), "hermes"),
        (str(work), "hermes"),
    ]


@pytest.mark.model
def test_a_dream_and_its_undo(memories: Path, shell: Shell) -> None:
    before = contents(memories)
    told = shell("dream", memories, "--yes", "--now", "2026-11-20")
    assert "2 duplicates merged, 1 stale entry removed" in told
    assert contents(memories) == {"MEMORY.md": joined(TWICE, *FACTS), "USER.md": joined(*USER)}
    again = shell("dream", memories, "--yes", "--now", "2026-11-20")
    assert "There was nothing to change." in again
    assert "all is well" in shell("check", memories)
    shell("undo", memories)
    assert contents(memories) == before
    assert {path.name for path in memories.iterdir()} == {*before, "MEMORY.md.lock", "USER.md.lock"}


@pytest.mark.model
def test_while_hermes_writes_nothing_is_changed(
    memories: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flocks, "_PATIENCE_SECONDS", 0.1)
    before = contents(memories)
    with holding_flock(memories / "MEMORY.md.lock"):
        told = shell("dream", memories, "--yes", "--now", "2026-11-20", code=11)
    assert "MEMORY.md is being written by its agent, which holds MEMORY.md.lock." in told
    assert contents(memories) == before
    shell("dream", memories, "--yes", "--now", "2026-11-20")
    with holding_flock(memories / "USER.md.lock"):
        shell("undo", memories, code=11)
    shell("undo", memories)
    assert contents(memories) == before


@pytest.mark.model
def test_the_memory_of_codex_is_looked_at_and_left_alone(memories: Path, shell: Shell) -> None:
    root = memories.parent.parent / ".codex/memories"
    before = contents(root)
    for _ in range(2):
        (outcome,) = shell.json("dream", root, "--yes")
        (notice,) = outcome["notices"]
        assert "which only Codex itself edits" in notice
        assert outcome["changes"] == outcome["written"] == []
    assert contents(root) == before
    assert shell.json("status", root)[0]["layout"] == "codex"
    assert "Nothing was done to" in shell("explain", root / "MEMORY.md:3")
    assert "all is well" in shell("check", root)
