"""The lock of a root: only one Kairos works there at a time, and the agent knows that one does."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kairos.errors import LockedError
from kairos.store.agents_lock import AgentsLock
from kairos.store.disk import DISK, Disk, storage_errors, write_all
from kairos.store.private import private_below, private_directory
from kairos.store.tree import Tree

_ENOTSUPP = 524
"""An error number internal to the Linux kernel, but some file systems let it out."""
_NO_LOCKS = {
    errno.EBADF,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENOLCK,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    _ENOTSUPP,
}
"""Errors of a file system that has no locks for directories, such as NFS."""
_TRIES = 5
_PAUSE_SECONDS = 0.02


class RootLock:
    """Exclusive use of one root, by up to three locks; raises LockedError on entry.

    These are a flock in our state directory, a flock on the root directory itself if `root` is open, and the agent's
    lock if it has one: `foreign` is its path below the root. The directory itself is locked because a bind mount can
    give it a second name, and a Kairos with another state directory does not know of our lock.
    """

    def __init__(
        self,
        directory: Path,
        root: Path | Tree,
        *,
        foreign: str | None = None,
        disk: Disk = DISK,
    ) -> None:
        self._directory = directory
        self._root = root.name if isinstance(root, Tree) else os.path.realpath(root)
        self._root_fd = root.fd if isinstance(root, Tree) else None
        self._foreign = foreign
        self._disk = disk
        self._held = ExitStack()

    def __enter__(self) -> Self:
        name = _lock_name(self._root)
        with storage_errors(f"lock {self._root}"), ExitStack() as held:
            with private_directory(self._directory.parent, self._disk) as above:
                shelf = held.enter_context(private_below(above, self._directory, self._disk))
            held.callback(os.close, self._take_own(f"{name}.lock", shelf))
            if self._root_fd is not None and self._lock_directory(self._root_fd):
                held.callback(fcntl.flock, self._root_fd, fcntl.LOCK_UN)
            agents = AgentsLock(self._disk, self._root, self._root_fd, shelf, f"{name}.foreign")
            agents.give_back()  # what a crashed Kairos still held
            if self._foreign is not None:
                agents.take(self._foreign)
            held.callback(agents.give_back)
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with storage_errors(f"give back the lock of {self._root}"):
            self._held.close()

    def _take_own(self, name: str, shelf: int) -> int:
        fd = self._disk.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, dir_fd=shelf)
        try:
            self._lock_and_sign(fd)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def _lock_and_sign(self, fd: int) -> None:
        if not _try_flock(fd):
            holder = os.pread(fd, 32, 0).decode(errors="replace").strip()
            raise LockedError(
                f"{self._root} is being worked on by another Kairos (PID {holder or 'unknown'}).",
                "Wait for it to finish, then run it again.",
            )
        self._disk.truncate(fd)
        write_all(self._disk, fd, str(os.getpid()).encode())

    def _lock_directory(self, root_fd: int) -> bool:
        """Lock the directory itself, whatever its name; False if its file system has no such locks."""
        try:
            is_free = _try_flock(root_fd)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        if not is_free:
            raise LockedError(
                f"{self._root} is locked (flock): by a Kairos that works there under another name or has another state "
                "directory, or by another program.",
                "Wait for it to finish, then run it again.",
            )
        return True


def _lock_name(root: str) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _try_flock(fd: int) -> bool:
    """Lock a file; False if somebody else holds it."""
    for remaining in reversed(range(_TRIES)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if remaining:
                time.sleep(_PAUSE_SECONDS)  # `is_worked_on` may be holding it for an instant
        else:
            return True
    return False


def is_worked_on(directory: Path, root: str) -> bool:
    """Whether a living Kairos holds the lock of a root, given by its real path, right now."""
    with suppress(FileNotFoundError, NotADirectoryError):
        fd = os.open(directory / f"{_lock_name(root)}.lock", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
    return False
