"""A disk that fails, tears a write, or kills its own process at a chosen call.

    KAIROS_FAULT=17:kill python -m tests.fault.faults dream ROOT --yes

runs the command line of Kairos on such a disk; `17:ENOSPC+` means from the 17th call on.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from kairos.store.disk import DISK, Disk

CALLS = frozenset(name for name in vars(Disk) if not name.startswith("_"))
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE")


@dataclass(frozen=True, slots=True)
class Fault:
    """At the `at`-th call: "kill", "torn" (half a write, then kill), "short" (half a write), or an errno's name."""

    at: int
    what: str
    lasting: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `17:kill` or `17:ENOSPC+`."""
        match = re.fullmatch(r"(\d+):(\w+)(\+?)", text)
        assert match, text
        return cls(int(match[1]), match[2], bool(match[3]))


class FaultyDisk(Disk):
    """Counts every call that changes the disk (with `reads`, every open too) and injects one fault.

    Calls in `refused` always fail with their errno, as on a file system that does not support them.
    """

    refused: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self,
        fault: Fault | None = None,
        *,
        reads: bool = False,
        refused: Mapping[str, int] = refused,
    ) -> None:
        self.plan(fault, reads=reads)
        self.refused = refused

    def plan(self, fault: Fault | None, *, reads: bool = False) -> None:
        """Set the fault, and restart the count."""
        self.fault, self.reads = fault, reads
        self.seen: list[str] = []
        self.hit = False

    def __getattribute__(self, name: str) -> Any:
        call = super().__getattribute__(name)
        return self._counted(name, call) if name in CALLS else call

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*values: Any, **named: Any) -> Any:
            if name == "open" and not self.reads and not values[1] & WRITING:
                return call(*values, **named)
            self.seen.append(name)
            fault, number = self.fault, len(self.seen)
            if name in self.refused:
                raise OSError(self.refused[name], os.strerror(self.refused[name]))
            if fault is None or not (number == fault.at or (fault.lasting and number > fault.at)):
                return call(*values, **named)
            self.hit = True
            return _play(fault, name, call, values, named)

        return counted


def _play(
    fault: Fault, name: str, call: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    if name == "write" and fault.what in {"torn", "short"}:
        fd, data = values
        written = call(fd, data[: max(1, len(data) // 2)])
        if fault.what == "short":
            return written
    if fault.what in {"kill", "torn"}:
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.what == "short":
        return call(*values, **named)
    if name == "commit":  # as SQLite itself would report it
        error = sqlite3.OperationalError(
            "disk I/O error" if fault.what == "EIO" else "database or disk is full"
        )
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR if fault.what == "EIO" else sqlite3.SQLITE_FULL
        raise error
    number = getattr(errno, fault.what)
    raise OSError(number, os.strerror(number))


def in_child(action: Callable[[FaultyDisk], object], fault: Fault) -> int | None:
    """Run an action in a child process under a fault. Returns the signal that killed it, or None if it survived."""
    child = os.fork()
    if child == 0:
        try:
            action(FaultyDisk(fault))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None


def main() -> None:
    """Run the command line of Kairos on a disk with the fault of `KAIROS_FAULT`."""
    from kairos.cli import main as kairos  # noqa: PLC0415 - only needed here

    # The program has one disk object, which is a default argument everywhere: its class is changed in place.
    DISK.__class__ = FaultyDisk
    assert isinstance(DISK, FaultyDisk)
    text = os.environ.get("KAIROS_FAULT")
    DISK.plan(Fault.parse(text) if text else None)
    try:
        kairos()
    finally:
        if not text:
            print(f"calls: {len(DISK.seen)}", file=sys.stderr)


if __name__ == "__main__":
    main()
