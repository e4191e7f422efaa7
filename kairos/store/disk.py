"""The seam to the operating system: every call that changes a disk goes through `Disk`.

Tests hand in a wrapper that fails, or kills the process, at the n-th call.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from kairos.errors import StorageError
from kairos.store.exchange import exchange_names, rename_to_free_name

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700

_PIECE = 2**16
"""Bytes that are read together of what a file has grown by."""

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, then run it again."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, then run it again."),
    errno.EROFS: ("the file system is read-only", "Mount it writable, then run it again."),
    errno.EACCES: ("permission was denied", "Give your user access to it."),
    errno.EPERM: ("the operation is not permitted", "Give your user access to it."),
    errno.EIO: ("the disk reports an input/output error", "Check the disk before running it again."),
    errno.ENAMETOOLONG: ("the name is too long for this file system", "Use a shorter name."),
    errno.EMFILE: ("too many files are open", "Raise the limit (ulimit -n), then run it again."),
}


class Disk:
    """The system calls that matter, one method each."""

    def open(self, path: str, flags: int, mode: int = PRIVATE_FILE, *, dir_fd: int | None = None) -> int:
        """Open `path`, relative to `dir_fd` where one is given; the descriptor is closed on exec."""
        return os.open(path, flags | os.O_CLOEXEC, mode, dir_fd=dir_fd)

    def write(self, fd: int, data: bytes) -> int:
        """Write as much of `data` as the system takes at once."""
        return os.write(fd, data)

    def truncate(self, fd: int) -> None:
        """Take all bytes out of an open file."""
        os.ftruncate(fd, 0)

    def fsync(self, fd: int) -> None:
        """Wait until a file, or the names in a directory, are on the disk."""
        os.fsync(fd)

    def chmod(self, fd: int, mode: int) -> None:
        """Set the permission bits of an open file."""
        os.fchmod(fd, mode)

    def chown(self, fd: int, uid: int, gid: int) -> None:
        """Set owner and group of an open file."""
        os.fchown(fd, uid, gid)

    def setxattr(self, fd: int, name: str, value: bytes) -> None:
        """Set an extended attribute of an open file."""
        os.setxattr(fd, name, value)

    def removexattr(self, fd: int, name: str) -> None:
        """Take an extended attribute from an open file."""
        os.removexattr(fd, name)

    def utime(self, fd: int, mtime_ns: int) -> None:
        """Set the modification time of an open file; the access time follows."""
        os.utime(fd, ns=(mtime_ns, mtime_ns))

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        """Replace `target` by `source`, both names in one directory."""
        os.rename(source, target, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        """Swap two names in one directory at one instant; an OSError where the system cannot."""
        exchange_names(first, second, dir_fd)

    def rename_to_free_name(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename within one directory, and never replace an existing file; an OSError where the system cannot."""
        rename_to_free_name(source, target, dir_fd)

    def link(self, source: str, target: str, *, dir_fd: int) -> None:
        """Give `source` a second name; unlike a rename it never replaces an existing file."""
        os.link(source, target, src_dir_fd=dir_fd, dst_dir_fd=dir_fd, follow_symlinks=False)

    def unlink(self, name: str, *, dir_fd: int) -> None:
        """Remove a name from a directory."""
        os.unlink(name, dir_fd=dir_fd)

    def mkdir(self, name: str, mode: int, *, dir_fd: int | None = None) -> None:
        """Make a directory."""
        os.mkdir(name, mode, dir_fd=dir_fd)

    def rmdir(self, name: str, *, dir_fd: int) -> None:
        """Remove an empty directory."""
        os.rmdir(name, dir_fd=dir_fd)

    def commit(self, connection: sqlite3.Connection) -> None:
        """Make a database transaction durable."""
        connection.execute("COMMIT")


DISK = Disk()


@contextmanager
def opened(disk: Disk, path: str, flags: int, *, dir_fd: int | None = None) -> Iterator[int]:
    """An open descriptor that is closed at the end."""
    fd = disk.open(path, flags, PRIVATE_FILE, dir_fd=dir_fd)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def explained(action: str) -> Iterator[None]:
    """Turn an OSError into one sentence: "Could not `action`: why"."""
    try:
        yield
    except OSError as error:
        reason, advice = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
        raise StorageError(f"Could not {action}: {reason}.", advice) from error


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all of `data`, and prove by its length that it arrived."""
    view = memoryview(data)
    while view:
        view = view[disk.write(fd, bytes(view)) :]
    if os.fstat(fd).st_size != len(data):
        raise OSError(errno.EIO, "the file has another length than what was written to it")


def read_all(fd: int, size: int, limit: int) -> bytes:
    """Read an open file to its end, or `limit` bytes of it; `size` is what it had a moment ago.

    Room is made for no more than that: to make it for the largest of notes takes longer than to read most of them.
    """
    parts: list[bytes] = []
    left, wanted = limit, size + 1
    while left and (part := os.read(fd, min(wanted, left))):
        parts.append(part)
        left, wanted = left - len(part), _PIECE
    return b"".join(parts)


def make_private_directory(disk: Disk, path: str, *, dir_fd: int | None = None) -> None:
    """Make a directory and, but below `dir_fd`, its parents; the last one is for the user alone, whatever the umask."""
    if dir_fd is None:
        if os.path.isdir(path):  # noqa: PTH112 - paths stay strings: they may hold undecodable bytes
            return
        make_private_directory(disk, os.path.dirname(path))  # noqa: PTH120
    try:
        disk.mkdir(path, PRIVATE_DIRECTORY, dir_fd=dir_fd)
    except FileExistsError:
        return  # another Kairos was faster
    os.chmod(path, PRIVATE_DIRECTORY, dir_fd=dir_fd)  # a strange umask could have taken our own bits
