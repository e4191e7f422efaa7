"""Touches: messages from agents, left by the example hook or by anything else."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from kairos.control.notices import take_notices
from kairos.control.places import touched_directory

HOOK = Path(__file__).parents[3] / "examples/hooks/claude-code/kairos-session-end.sh"


@pytest.fixture
def state_dir(home: Path) -> Path:
    directory = home / ".local/state/kairos"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def memory(home: Path) -> Path:
    directory = home / ".claude/projects/-home-me-a b/memory"
    directory.mkdir(parents=True)
    return directory


def end_session(value: Any) -> subprocess.CompletedProcess[bytes]:
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return subprocess.run(["sh", str(HOOK)], input=data, capture_output=True, check=True)


def session(memory: Path, name: str = "0a1b") -> dict[str, str]:
    return {
        "session_id": name,
        "transcript_path": str(memory.parent / f"{name}.jsonl"),
        "cwd": "/home/me",
        "hook_event_name": "SessionEnd",
        "reason": "exit",
    }


def test_the_hook_touches_the_memory_next_to_the_transcript(state_dir: Path, memory: Path) -> None:
    for name in ("a", "b", "a"):
        done = end_session(session(memory, name))
        assert (done.stdout, done.stderr) == (b"", b"")
    directory = touched_directory(state_dir)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert take_notices(state_dir) == (str(memory),)
    assert list(directory.iterdir()) == []
    assert take_notices(state_dir) == ()


def test_the_hook_reads_a_tilde_path_and_indented_json(home: Path, state_dir: Path, memory: Path) -> None:
    value = session(memory) | {
        "transcript_path": "~" + str(memory.parent / "x.jsonl").removeprefix(str(home))
    }
    end_session(json.dumps(value, indent=2).encode())
    assert take_notices(state_dir) == (str(memory),)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{}",
        b"\0\xff",
        b'{"transcript_path"',
        b'{"transcript_path": null}',
        b'{"transcript_path": "/a\\u0062/x"}',
    ],
)
def test_the_hook_is_silent_whatever_its_input(state_dir: Path, said: bytes) -> None:
    assert end_session(said).stdout == b""
    assert take_notices(state_dir) == ()


def test_the_hook_creates_nothing_if_kairos_was_never_used(home: Path, memory: Path) -> None:
    end_session(session(memory))
    assert not (home / ".local").exists()


def test_the_hook_takes_less_than_50_ms_of_cpu_time(state_dir: Path, memory: Path) -> None:
    def seconds() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    times = []
    for _ in range(7):
        before = seconds()
        end_session(session(memory))
        times.append(seconds() - before)
    assert min(times) < 0.05
    assert take_notices(state_dir)


def test_invalid_touches_are_removed_or_left_alone(state_dir: Path, tmp_path: Path) -> None:
    directory = touched_directory(state_dir)
    directory.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("/root/of/somebody\n", encoding="utf-8")
    (directory / "link").symlink_to(precious)
    os.mkfifo(directory / "fifo")
    (directory / "relative").write_text("memory\n", encoding="utf-8")
    (directory / "nul").write_bytes(b"/a\0b\n")
    (directory / "huge").write_bytes(b"/" + b"x" * 100_000 + b"\n")
    (directory / "unfinished").write_text("/half", encoding="utf-8")
    (directory / "odd").write_bytes(b"/odd/\xff/../\xfe\n")
    assert take_notices(state_dir) == ("/odd/\udcfe",)
    assert precious.exists()
    left = {path.name for path in directory.iterdir()}
    assert left == {"link", "fifo", "huge", "unfinished"}
    long_ago = time.time() - 3600
    for name in ("huge", "unfinished", "fifo"):
        os.utime(directory / name, (long_ago, long_ago))
    assert take_notices(state_dir) == ()
    assert {path.name for path in directory.iterdir()} == {"link"}


def test_without_a_directory_there_are_no_touches(tmp_path: Path) -> None:
    assert take_notices(tmp_path / "nowhere") == ()
    assert not (tmp_path / "nowhere").exists()
