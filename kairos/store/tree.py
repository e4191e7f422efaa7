"""One root on disk: reads, durable replacements and removals, never outside it."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Self

from kairos.errors import ChangedError, NoSuchRootError, StorageError
from kairos.store import swap
from kairos.store.attributes import attributes_of
from kairos.store.digests import ABSENT, IRREGULAR, sha256
from kairos.store.disk import DIRECTORY, DISK, READ, Disk, opened, read_all, storage_errors
from kairos.store.naming import rename_if_free
from kairos.store.temporary import temporary_name, write_temporary

_TRIES = 100
_NO_ROOT = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "is not a directory",
    errno.EACCES: "is not readable for your user",
    errno.ELOOP: "has become a symbolic link, or is one that points to itself",
    errno.ENAMETOOLONG: "is too long a name for a directory",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is at a path at one moment."""

    sha256: str
    data: bytes = b""
    mode: int | None = None
    mtime_ns: int | None = None
    owner: tuple[int, int] | None = None


NOTHING = Found(ABSENT)


def open_below(disk: Disk, root_fd: int, parts: Iterable[str]) -> int:
    """Open a directory below `root_fd`, name by name, so that no link on the way is followed."""
    fd = os.dup(root_fd)
    for part in parts:
        try:
            below = disk.open(part, DIRECTORY, dir_fd=fd)
        finally:
            os.close(fd)
        fd = below
    return fd


def real_path(root: str | Path) -> str:
    """Resolve the real path of a root, starting over whenever a link on the way is replaced while it is read.

    Raises NoSuchRootError if that does not end.
    """
    for _ in range(_TRIES):
        try:
            return os.path.realpath(root)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOENT}:
                raise
    raise NoSuchRootError(
        f"{root} leads through a link that keeps being replaced.",
        "Give the path of a directory that stays in place.",
    )


def open_root(disk: Disk, root: str) -> int:
    """Open the directory of a root, given by its real path; a link that has taken its place is refused.

    Raises NoSuchRootError if there is no directory to read, or if it belongs to another user.
    """
    with storage_errors(f"open {root}"):
        try:
            fd = disk.open(root, DIRECTORY)
        except OSError as error:
            reason = _NO_ROOT.get(error.errno or 0)
            if reason is None:  # it may exist: the fault lies with the disk, or with too many open files
                raise
            raise NoSuchRootError(f"{root} {reason}.", _advice(root, error.errno)) from error
    owner = os.fstat(fd).st_uid
    if os.geteuid() not in {0, owner}:
        os.close(fd)
        raise NoSuchRootError(
            f"{root} belongs to another user (number {owner}): the owner of a directory can replace what is in it.",
            "Run Kairos there as that user.",
        )
    return fd


def _advice(root: str, number: int | None) -> str:
    if number == errno.EACCES:
        return "Check its permissions, and those of the directories above it."
    moved = f" If this one was moved, run `kairos moved {quote(root)} NEW`." if number == errno.ENOENT else ""
    return f"Give the path of a memory directory.{moved}"


def rightful_owner(fd: int) -> tuple[int, int] | None:
    """Owner and group for what is created in an open directory; None if the system gives it the right ones.

    Root working on a user's files must not leave anything there that the user cannot change.
    """
    owner = _owner(os.fstat(fd))
    ours = (os.geteuid(), os.getegid())
    return owner if os.geteuid() == 0 and owner != ours else None


def read_regular(disk: Disk, name: str, *, dir_fd: int, limit: int | None = None) -> Found:
    """Read a regular file, at most `limit` + 1 bytes of it; links, pipes and devices are `IRREGULAR`.

    Never blocks. Raises OSError, including FileNotFoundError.
    """
    # Checked before opening, since opening a device can have side effects.
    if not stat.S_ISREG(os.stat(name, dir_fd=dir_fd, follow_symlinks=False).st_mode):
        return Found(IRREGULAR)
    fd = disk.open(name, READ, dir_fd=dir_fd)  # not `opened`: thousands of notes would pay for it
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            return Found(IRREGULAR)
        data = read_all(fd, status.st_size, sys.maxsize if limit is None else limit + 1)
    finally:
        os.close(fd)
    mode = stat.S_IMODE(status.st_mode)
    return Found(sha256(data), data, mode, status.st_mtime_ns, _owner(status))


class Tree:
    """A root that is open for reading and writing; `name` is its real path."""

    def __init__(self, root: Path, disk: Disk = DISK) -> None:
        self.name = real_path(root)
        self._disk = disk
        self._fd = open_root(disk, self.name)

    def known_as(self, name: str) -> Self:
        """The same directory under a path that it once had; it is closed when this one is."""
        other = copy(self)
        other.name = name
        return other

    @property
    def disk(self) -> Disk:
        """The calls through which it is read and written."""
        return self._disk

    @property
    def fd(self) -> int:
        """Descriptor of the directory itself."""
        return self._fd

    def close(self) -> None:
        """Close the directory."""
        os.close(self._fd)

    def read(self, path: str) -> Found:
        """What is at `path` now: `NOTHING`, something `IRREGULAR`, or a file."""
        with storage_errors(f"read {path}"):
            try:
                with self._parent(path) as (parent, name):
                    return read_regular(self._disk, name, dir_fd=parent)
            except FileNotFoundError:
                return NOTHING
            except OSError as error:
                if error.errno in {errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
                    return Found(IRREGULAR)  # a link or a file where a directory was
                raise

    def attributes(self, path: str) -> Mapping[str, bytes]:
        """The extended attributes of a file; none if it cannot be opened."""
        with (
            suppress(OSError),
            self._parent(path) as (parent, name),
            opened(self._disk, name, READ, dir_fd=parent) as fd,
        ):
            return attributes_of(fd)
        return {}

    def write(
        self,
        path: str,
        data: bytes,
        *,
        expected: str,
        mode: int | None = None,
        mtime_ns: int | None = None,
        attributes: Mapping[str, bytes] | None = None,
    ) -> None:
        """Durably replace or create a file, if it still has the sha256 `expected`.

        A replaced file keeps its mode, owner and extended attributes; a new file gets `attributes`, and `mode` or
        what its directory allows. Raises ChangedError if somebody else was faster, StorageError if the disk refuses.
        """
        with storage_errors(f"write {path}"):
            self._make_parents(path)
            with self._parent(path) as (parent, name):
                old = self.read(path)
                if old.sha256 != expected:
                    raise _changed_error(path)
                if old.mode is None:
                    wanted = mode if mode is not None else os.fstat(parent).st_mode & 0o666
                else:
                    wanted = old.mode
                temporary = temporary_name()
                try:
                    owner = old.owner or rightful_owner(parent)
                    like = attributes or {} if old.mode is None else name
                    write_temporary(
                        self._disk,
                        temporary,
                        data,
                        parent=parent,
                        like=like,
                        mode=wanted,
                        owner=owner,
                        mtime_ns=mtime_ns,
                    )
                    if expected == ABSENT:
                        self._create(temporary, name, parent, path)
                    elif not swap.replace(
                        self._disk, temporary, name, parent=parent, expected=expected, new=sha256(data)
                    ):
                        raise _changed_error(path)
                finally:
                    with suppress(OSError):
                        self._disk.unlink(temporary, dir_fd=parent)
                self._disk.fsync(parent)

    def remove(self, path: str, *, expected: str) -> None:
        """Durably remove a file, if it still has the sha256 `expected`; raises ChangedError otherwise."""
        with storage_errors(f"remove {path}"):
            if self.read(path).sha256 != expected:
                raise _changed_error(path)
            with self._parent(path) as (parent, name):
                if not swap.remove(self._disk, name, parent=parent, expected=expected):
                    raise _changed_error(path)

    def missing_directories(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The directories that writing these paths would have to make, parents first."""
        parents = {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."}
        return tuple(sorted(parent for parent in parents if not self._is_directory(parent)))

    def drop_empty(self, directories: Iterable[str]) -> None:
        """Remove those of the directories that are empty, children first."""
        for directory in sorted(directories, reverse=True):
            with suppress(OSError), self._parent(directory) as (parent, name):
                self._disk.rmdir(name, dir_fd=parent)

    def _create(self, temporary: str, name: str, parent: int, path: str) -> None:
        """Give a new file its name, without overwriting a file that has just appeared there."""
        try:
            rename_if_free(self._disk, temporary, name, parent=parent)
        except FileExistsError:
            raise _changed_error(path) from None

    def _make_parents(self, path: str) -> None:
        for directory in self.missing_directories([path]):
            with self._parent(directory) as (parent, name):
                with suppress(FileExistsError):
                    self._disk.mkdir(name, stat.S_IMODE(os.fstat(parent).st_mode), dir_fd=parent)
                    self._give_to_owner(name, parent)
                self._disk.fsync(parent)

    def _give_to_owner(self, name: str, parent: int) -> None:
        """Give a directory that was just made the owner of the directory it is in."""
        owner = rightful_owner(parent)
        if owner is not None:
            with opened(self._disk, name, DIRECTORY, dir_fd=parent) as fd:
                self._disk.chown(fd, *owner)

    def _is_directory(self, path: str) -> bool:
        try:
            fd = open_below(self._disk, self._fd, _parts(path))
        except OSError:
            return False
        os.close(fd)
        return True

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        *above, name = _parts(path)
        fd = open_below(self._disk, self._fd, above)
        try:
            yield fd, name
        finally:
            os.close(fd)


def _owner(status: os.stat_result) -> tuple[int, int]:
    """The owner and the group of a file."""
    return status.st_uid, status.st_gid


def _parts(path: str) -> tuple[str, ...]:
    parts = tuple(path.split("/"))
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise StorageError(f"{path!r} does not name a file inside the root.")
    return parts


def _changed_error(path: str) -> ChangedError:
    return ChangedError(
        f"{path} was changed by somebody else, or is open for writing there.",
        (path,),
        "Their version was not touched; dream again.",
    )
