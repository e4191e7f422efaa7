"""The directories of the state: accessible to the user alone, and reached through no link.

Whoever owned one of them, or could put a link in its place, would decide where the originals of notes go and who
reads them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kairos.errors import StateError
from kairos.store.disk import DIRECTORY, DISK, PRIVATE_DIRECTORY, Disk, make_private_directory

_OTHERS_BITS = 0o077
_STATE_FILES = frozenset({"state.db", "kairosd.lock", "touched"})
"""A directory that holds one of these is ours, whatever else is in it: a state, or the start of one by the daemon."""


@contextmanager
def private_directory(path: Path, disk: Disk = DISK) -> Iterator[int]:
    """Yield a directory of the state, open; it and its parents are created if they are missing.

    If it is open to others, it is closed to them. Raises StateError for a link, for what is not a directory, for what
    belongs to another user (even if we are root), and for what is open to others and holds other things than a state;
    OSError if the system refuses. Links above `path` are followed.
    """
    make_private_directory(disk, str(path))
    fd = _open(disk, str(path), path)
    try:
        if _is_open_to_others(fd):
            names = os.listdir(fd)  # noqa: PTH208 - by its descriptor
            if names and _STATE_FILES.isdisjoint(names):
                raise StateError(
                    f"{path} is open to other users and holds {min(names)!r}: the state needs its own directory.",
                    "Set state_dir to one that is empty or does not exist yet.",
                )
            disk.chmod(fd, PRIVATE_DIRECTORY)
        yield fd
    finally:
        os.close(fd)


@contextmanager
def private_below(above: int, path: Path, disk: Disk = DISK) -> Iterator[int]:
    """Yield the directory `path` of the state, open, given its parent open as `above`.

    It is created if it is missing. Raises as `private_directory` does, but may hold anything.
    """
    if path.name not in os.listdir(above):
        make_private_directory(disk, path.name, dir_fd=above)
    fd = _open(disk, path.name, path, dir_fd=above)
    try:
        if _is_open_to_others(fd):
            disk.chmod(fd, PRIVATE_DIRECTORY)
        yield fd
    finally:
        os.close(fd)


def check_private(path: Path) -> None:
    """Raise StateError if the directory of the state cannot be trusted; nothing is changed."""
    os.close(_open(DISK, str(path), path))


def _open(disk: Disk, name: str, path: Path, *, dir_fd: int | None = None) -> int:
    """Open a directory that is ours; messages call it `path`."""
    try:
        fd = disk.open(name, DIRECTORY, dir_fd=dir_fd)
    except OSError as error:
        if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
            raise
        if not path.is_symlink():
            raise StateError(f"{path} is not a directory.", "Move it away.") from error
        raise StateError(
            f"{path} is a symbolic link, and Kairos does not follow links to its state.",
            "Put the directory itself there, or set state_dir to what the link points to.",
        ) from error
    owner = os.fstat(fd).st_uid
    if owner != os.geteuid():
        os.close(fd)
        raise StateError(
            f"{path} belongs to another user (number {owner}), who could read and replace what is in it.",
            "Run Kairos as that user, or give the directory to yours.",
        )
    return fd


def _is_open_to_others(fd: int) -> bool:
    return bool(os.fstat(fd).st_mode & _OTHERS_BITS)
