"""Bad input through the command line: one clear sentence, the right exit code, and the root as it was."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.fault.asked import GOOD, Ask, files, is_merged, report_of

pytestmark = pytest.mark.model


# --- the directory itself ---


def test_a_missing_root_is_refused(home: Path, ask: Ask) -> None:
    answer = ask("dream", home / "nowhere", "--yes")
    assert answer.code == 10
    assert "nowhere" in answer.sentence
    assert not (home / "nowhere").exists()


@pytest.mark.usefixtures("root")
def test_a_file_as_root_is_refused(home: Path, ask: Ask) -> None:
    (home / "note.md").write_text("x", encoding="utf-8")
    answer = ask("dream", home / "note.md", "--yes")
    assert answer.code == 10
    assert "note.md" in answer.sentence
    assert (home / "note.md").read_text(encoding="utf-8") == "x"


def test_a_root_without_notes_stays_empty(home: Path, ask: Ask, root: Path) -> None:
    (home / "empty").mkdir()
    assert ask("dream", home / "empty", "--yes").code == 0
    assert list((home / "empty").iterdir()) == []
    assert files(root).keys() == GOOD.keys()


# --- files in it ---


def skip_reason(root: Path, ask: Ask, name: str, code: int = 3) -> str:
    """Dream over a root with a bad file. Returns the reason that the report gives for skipping it."""
    answer = ask("dream", root, "--yes", "--json")
    assert answer.code == code
    value = report_of(answer)
    assert is_merged(root)
    (found,) = [skip for skip in value["skipped"] if skip["what"] == name]
    assert found["advice"]
    return str(found["reason"])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"# Caf\xe9\n\n- A note in Latin-1.\n", "not valid UTF-8 (byte 5)"),
        (b"# Torn\n\0\0\0\0\n", "NUL bytes"),
        (b"\xff\xfe#\0 \0U\0", "NUL bytes"),
    ],
)
def test_a_file_that_is_not_text_is_left_alone(root: Path, ask: Ask, data: bytes, reason: str) -> None:
    (root / "bad.md").write_bytes(data)
    assert reason in skip_reason(root, ask, "bad.md")
    assert (root / "bad.md").read_bytes() == data


def test_a_file_that_is_too_large_is_skipped(root: Path, ask: Ask, home: Path) -> None:
    config = home / "config.yaml"
    config.write_text("max_file_bytes: 1000\n", encoding="utf-8")
    (root / "big.md").write_text("# Big\n\n" + "word " * 400, encoding="utf-8")
    answer = ask("dream", root, "--yes", "--json", "--config", config)
    assert [skip["what"] for skip in report_of(answer)["skipped"]] == ["big.md"]
    assert answer.code == 3


def test_an_unreadable_file_is_skipped(root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "secret.md").write_text(GOOD["ship.md"], encoding="utf-8")
    really = os.open

    def guarded(path: Any, *rest: Any, **named: Any) -> int:  # chmod does not keep root out
        if os.fsdecode(path).endswith("secret.md"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really(path, *rest, **named)

    monkeypatch.setattr(os, "open", guarded)
    assert "ermission" in skip_reason(root, ask, "secret.md")
    assert (root / "secret.md").read_text(encoding="utf-8") == GOOD["ship.md"]


def test_a_pipe_is_not_waited_for(root: Path, ask: Ask) -> None:
    os.mkfifo(root / "pipe.md")
    assert "pipe" in skip_reason(root, ask, "pipe.md")
    assert (root / "pipe.md").is_fifo()


def test_a_socket_or_directory_named_like_a_note_is_left_alone(
    root: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("s.md")
    (root / "dir.md").mkdir()
    assert skip_reason(root, ask, "s.md")
    assert (root / "dir.md").is_dir()


def test_a_link_out_of_the_root_is_not_followed(root: Path, ask: Ask, home: Path) -> None:
    outside = home / "outside"
    outside.mkdir()
    (outside / "theirs.md").write_text(GOOD["ship.md"], encoding="utf-8")
    (root / "link.md").symlink_to(outside / "theirs.md")
    (root / "below").symlink_to(outside)
    assert "symbolic link" in skip_reason(root, ask, "link.md")
    assert (outside / "theirs.md").read_text(encoding="utf-8") == GOOD["ship.md"]
    assert (root / "link.md").is_symlink()


def test_circular_links_are_skipped(root: Path, ask: Ask) -> None:
    (root / "loop.md").symlink_to("loop.md")
    (root / "up").symlink_to("..")
    (root / "self").symlink_to("self")
    assert "symbolic link" in skip_reason(root, ask, "loop.md")


def test_broken_front_matter_is_read_line_by_line(root: Path, ask: Ask) -> None:
    bad = "---\nname: guest: login\ndescription: [never closed\nexpires: 2026-01-31\n\ttab: x\n---\n\nGuests log in.\n"
    (root / "bad.md").write_text(bad, encoding="utf-8")
    answer = ask("dream", root, "--now", "2026-01-01", "--yes", "--json")
    assert answer.code in {0, 3}
    assert is_merged(root)
    assert (root / "bad.md").read_text(encoding="utf-8") == bad
    assert ask("dream", root, "--now", "2026-03-02", "--yes", "--json").code == 0
    assert not (root / "bad.md").exists()  # its expiry has passed


@pytest.mark.parametrize(
    "front",
    [
        *(f"x: {'[' * depth}{']' * depth}" for depth in (100, 520, 700, 900, 5000)),
        *(f"x: {'{a: ' * depth}{'}' * depth}" for depth in (100, 300, 520, 900)),
        "x: " + "9" * 5000,
        "x: !!binary aGVsbG8=",
        "x: !!set {a, b}",
        "x: {1: 2, [a, b]: 3}",
        "x: 1:1:1:1:1:1\ny: .nan",
    ],
    ids=lambda front: front[:8],
)
def test_a_front_matter_bomb_stops_no_dream(root: Path, ask: Ask, home: Path, front: str) -> None:
    text = f"---\nname: bomb\n{front}\n---\n\n- Bombs are not allowed.\n"
    (root / "bomb.md").write_text(text, encoding="utf-8")
    assert ask("dream", root, "--yes").code in {0, 3}
    assert is_merged(root)
    assert ask("dream", root, "--yes").code in {0, 3}
    assert (root / "bomb.md").read_text(encoding="utf-8") == text
    (kept,) = (home / ".cache/kairos/indexes").glob("*.kept")
    assert b"Backups are encrypted" in kept.read_bytes()


@pytest.mark.parametrize(
    "text", ["", "---", "---\n", "---\n---\n", "---\nname: x\n", "\ufeff", "\r\r\r", "```\n", "- " * 500]
)
def test_odd_notes_break_nothing(root: Path, ask: Ask, text: str) -> None:
    (root / "odd.md").write_text(text, encoding="utf-8", newline="")
    before = files(root)
    assert ask("dream", root, "--yes").code in {0, 3}
    assert is_merged(root)
    ask("undo", root, "--all")
    assert files(root) == before


def test_pointers_out_of_the_root_are_not_followed(root: Path, ask: Ask, home: Path) -> None:
    (home / "theirs.md").write_text(GOOD["ship.md"], encoding="utf-8")
    lines = (
        "- [Up](../theirs.md) — theirs\n- [Abs](/etc/passwd) — theirs\n- [Far](../../../../x.md) — theirs\n"
    )
    (root / "MEMORY.md").write_text(GOOD["MEMORY.md"] + lines, encoding="utf-8")
    before = files(root)
    assert ask("dream", root, "--yes").code in {0, 3}
    assert (home / "theirs.md").read_text(encoding="utf-8") == GOOD["ship.md"]
    assert is_merged(root)
    ask("undo", root, "--all")
    assert files(root) == before


def test_an_expiry_that_is_not_a_date_prunes_nothing(root: Path, ask: Ask) -> None:
    text = (
        "---\nname: x\nexpires: 2026-13-45\nsuperseded_by: ../../x.md\ntype: [a, b]\n---\n\nGuests log in.\n"
    )
    (root / "odd.md").write_text(text, encoding="utf-8")
    assert ask("dream", root, "--yes").code in {0, 3}
    assert (root / "odd.md").read_text(encoding="utf-8") == text
