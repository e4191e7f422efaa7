"""Waiting for processes that were started by what is tested."""

from __future__ import annotations

import time
from pathlib import Path


def running(pid: int) -> bool:
    """Whether a process exists that has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 30) -> bool:
    """Wait until a process has ended; return whether it has."""
    deadline = time.monotonic() + seconds
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not running(pid)


def number_in(path: Path, seconds: float = 60) -> int:
    """Wait until a process has written a number to a file."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text(encoding="ascii")).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(f"nothing wrote {path}")
