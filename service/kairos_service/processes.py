"""A process and its descendants: how much memory they use, and how to kill them.

Descendants and memory are read from Linux's /proc; on other systems none are found.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def family(pid: int) -> tuple[int, ...]:
    """Return a process and its descendants, including those in other process groups and sessions."""
    found: list[int] = []
    unseen = [pid]
    while unseen:
        found.append(unseen.pop())
        unseen += [child for child in _children(found[-1]) if child not in found]
    return tuple(found)


def memory_of(pid: int) -> int:
    """Return the bytes that a process and its descendants hold in RAM and swap."""
    return sum(map(_memory, family(pid)))


def kill(pid: int) -> None:
    """Kill a child of ours that leads a process group: the whole group and all descendants."""
    descendants = family(pid)[1:]
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    for descendant in descendants:
        with suppress(ProcessLookupError):
            os.kill(descendant, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                yield from map(int, (task / "children").read_text(encoding="ascii").split())


def _memory(pid: int) -> int:
    fields = {}
    with suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            fields[name] = value.split()
    kilobytes = (fields.get(name, ["0"])[0] for name in ("VmRSS", "VmSwap"))
    return sum(map(int, kilobytes)) * 1024
