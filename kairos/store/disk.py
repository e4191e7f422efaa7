"""The seam to the operating system: every call that changes a disk goes through `Disk`.

Tests hand in a wrapper that fails, or kills the process, at the n-th call.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kairos.errors import StorageError
from kairos.store.exchange import exchange_names, rename_to_free_name

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
"""Flags to read what may be no file: no link is followed, no pipe waited for, no terminal made the controlling one."""

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
"""Flags to open a directory that is no link."""

CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
"""Flags to create a file under a name that has to be free."""

_CHUNK_BYTES = 2**16
"""Bytes per read for whatever a file has grown by since its size was taken."""

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
        """Open `path`, relative to `dir_fd` if given; the descriptor is closed on exec."""
        return os.open(path, flags | os.O_CLOEXEC, mode, dir_fd=dir_fd)

    def write(self, fd: int, data: bytes) -> int:
        """Write as much of `data` as the system accepts at once; returns how many bytes that was."""
        return os.write(fd, data)

    def truncate(self, fd: int) -> None:
        """Truncate an open file to zero bytes."""
        os.ftruncate(fd, 0)

    def fsync(self, fd: int) -> None:
        """Wait until the data of a file, or the names in a directory, are on the disk."""
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
        """Remove an extended attribute from an open file."""
        os.removexattr(fd, name)

    def utime(self, fd: int, mtime_ns: int) -> None:
        """Set the modification time of an open file, and the access time with it."""
        os.utime(fd, ns=(mtime_ns, mtime_ns))

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename `source` to `target`, replacing it; both names are in one directory."""
        os.rename(source, target, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        """Atomically swap two names in one directory; raises OSError if the system cannot."""
        exchange_names(first, second, dir_fd)

    def rename_to_free_name(self, source: str, target: str, *, dir_fd: int) -> None:
        """Rename within one directory without ever replacing an existing file.

        Raises FileExistsError if there is one, OSError if the system cannot.
        """
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
    """Open a file; its descriptor is closed at the end of the block."""
    fd = disk.open(path, flags, PRIVATE_FILE, dir_fd=dir_fd)
    try:
        yield fd
    finally:
        os.close(fd)


@contextmanager
def storage_errors(action: str) -> Iterator[None]:
    """Turn an OSError into a StorageError of one sentence: "Could not `action`: why"."""
    try:
        yield
    except OSError as error:
        reason, advice = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
        raise StorageError(f"Could not {action}: {reason}.", advice) from error


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all of `data`, and verify by the file's length that it arrived; raises OSError if not."""
    view = memoryview(data)
    while view:
        view = view[disk.write(fd, bytes(view)) :]
    if os.fstat(fd).st_size != len(data):
        raise OSError(errno.EIO, "the file has another length than what was written to it")


def read_all(fd: int, size: int, limit: int = sys.maxsize) -> bytes:
    """Read an open file from its beginning to its end, or at most `limit` bytes; `size` is what it had a moment ago.

    No more than that is allocated: allocating for the largest possible note takes longer than reading most notes. The
    position of `fd` does not matter and does not move, so that it can be read again.
    """
    parts: list[bytes] = []
    position, wanted = 0, size + 1
    while part := os.pread(fd, min(wanted, limit - position), position):
        parts.append(part)
        position, wanted = position + len(part), _CHUNK_BYTES
    return b"".join(parts)


def make_private_directory(disk: Disk, path: str, *, dir_fd: int | None = None) -> None:
    """Make a directory and, unless below `dir_fd`, its missing parents, with mode 0700 whatever the umask.

    A directory that exists is left as it is.
    """
    if dir_fd is None:
        if os.path.isdir(path):  # noqa: PTH112 - paths stay strings: they may hold undecodable bytes
            return
        make_private_directory(disk, os.path.dirname(path))  # noqa: PTH120
    try:
        disk.mkdir(path, PRIVATE_DIRECTORY, dir_fd=dir_fd)
    except FileExistsError:
        return  # another Kairos was faster
    os.chmod(path, PRIVATE_DIRECTORY, dir_fd=dir_fd)  # an unusual umask may have cleared our own bits
