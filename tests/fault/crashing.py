"""A small transaction with every kind of edit, and disks that fail or kill the process at a chosen call."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from kairos.model import Change, ChangeKind, FileChange, Place, RemoveFile
from kairos.store.disk import Disk
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CALLS = {name for name in vars(Disk) if not name.startswith("_")}

BEFORE = {
    "MEMORY.md": b"- [Port](port.md)\n- [Twin](twin.md)\n- fact: index\n",
    "port.md": b"fact: port\n",
    "twin.md": b"fact: port\nfact: host\n",
    "mixed.md": b"fact: one\nfact: host\n",
    "lossy.md": b"fact: one\nfact: two\n",
    "untouched.md": b"fact: untouched\n",
}
AFTER = {
    "MEMORY.md": b"- [Port](port.md)\n- [New](sub/new.md)\n- fact: index\n",
    "port.md": b"fact: port\nfact: host\n",
    "mixed.md": b"fact: one\nfact: three\n",
    "lossy.md": b"fact: two\n",
    "sub/new.md": b"fact: three\n",
    "untouched.md": b"fact: untouched\n",
}
EDITS = (
    FileChange("MEMORY.md", BEFORE["MEMORY.md"], AFTER["MEMORY.md"], index=True),
    FileChange("lossy.md", BEFORE["lossy.md"], AFTER["lossy.md"], requires=("mixed.md",)),
    FileChange(
        "mixed.md",
        BEFORE["mixed.md"],
        AFTER["mixed.md"],
        interim=b"fact: one\nfact: three\nfact: host\n",
        requires=("port.md",),
    ),
    FileChange("port.md", BEFORE["port.md"], AFTER["port.md"]),
    FileChange("sub/new.md", None, AFTER["sub/new.md"]),
    FileChange("twin.md", BEFORE["twin.md"], None, requires=("port.md",)),
)
CHANGES = (
    Change("k", ChangeKind.MERGE, "said twice", (RemoveFile("twin.md"),), Place("twin.md", 1, "fact: port")),
)


class Tripwire(Disk):
    """A disk that calls `trip(n, name)` before its n-th call. It skips fsync, for speed."""

    def __init__(self, trip: Callable[[int, str], None]) -> None:
        self.trip = trip
        self.calls = 0

    def __getattribute__(self, name: str) -> Any:
        if name in CALLS:
            self.calls += 1
            self.trip(self.calls, name)
        return super().__getattribute__(name)

    def fsync(self, fd: int) -> None:
        pass


def never(_number: int, _name: str) -> None:
    pass


def fail_at(target: int) -> Callable[[int, str], None]:
    def trip(number: int, _name: str) -> None:
        if number == target:
            raise OSError(errno.EIO, "injected")

    return trip


def kill_at(target: int, refused: Container[str] = ()) -> Callable[[int, str], None]:
    def trip(number: int, name: str) -> None:
        if number == target:
            os.kill(os.getpid(), signal.SIGKILL)
        refuse(refused, name)

    return trip


def refuse(refused: Container[str], name: str) -> None:
    """Fail like a file system that does not support a call: FAT, for example, has no hard links."""
    if name in refused:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def make_root(directory: Path) -> Path:
    root = directory / "root"
    root.mkdir(parents=True)
    for name, data in BEFORE.items():
        (root / name).write_bytes(data)
    return root


def read_root(root: Path) -> dict[str, bytes]:
    """Every file in the root, by its relative path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def directories(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def facts(files: Iterable[bytes]) -> set[bytes]:
    return {line for data in files for line in data.splitlines() if line.startswith(b"fact: ")}


def apply(store: Store, root: Path, foreign_lock: Path | None = None) -> None:
    store.apply(
        root,
        EDITS,
        kind=TransactionKind.DREAM,
        at=NOW,
        changes=CHANGES,
        base={name: sha256(data).hexdigest() for name, data in BEFORE.items()},
        foreign_lock=foreign_lock,
    )


def undo(store: Store, root: Path) -> None:
    store.undo(root, at=NOW, all_=True)


def check_recovered(state: Path, root: Path, allowed: Iterable[Mapping[str, bytes]]) -> None:
    """Recover, and check that the root is one of `allowed` and that apply and undo still work from there."""
    with Store(state, Tripwire(never)) as store:
        assert store.recover(root) == ()
        now = read_root(root)
        assert now in allowed
        assert directories(root) == ({"sub"} if "sub/new.md" in now else set())
        assert not store.journal.pending(str(root.resolve()))
        if now == BEFORE:
            apply(store, root)
        assert read_root(root) == AFTER
        undo(store, root)
        assert read_root(root) == BEFORE
        assert not directories(root)


def count_calls(directory: Path, action: Callable[[Store, Path], None], *, prepared: bool) -> int:
    root = make_root(directory)
    with Store(directory / "state", disk := Tripwire(never)) as store:
        if prepared:
            apply(store, root)
        disk.calls = 0
        action(store, root)
        return disk.calls


def killed(
    state: Path,
    root: Path,
    action: Callable[[Store, Path], None],
    target: int,
    refused: Container[str] = (),
) -> bool:
    """Run an action in a child process that is killed at one call. Returns whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            with Store(state, disk := Tripwire(never)) as store:
                disk.calls, disk.trip = 0, kill_at(target, refused)
                action(store, root)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
