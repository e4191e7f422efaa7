"""The lock of the agent that writes to a root: taken while we work there, and put back exactly as it was."""

from __future__ import annotations

import base64
import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kairos.errors import LockedError
from kairos.store.attributes import attributes_of
from kairos.store.disk import CREATE, DIRECTORY, DISK, READ, Disk, opened, write_all
from kairos.store.temporary import temporary_name, write_temporary
from kairos.store.tree import open_below, rightful_owner

STALE_SECONDS = 60 * 60
"""After this time Claude Code itself takes over its lock, whoever holds it."""

_MAX_BYTES = 4096
"""The largest size of a lock file, in bytes: it only holds a PID."""


@dataclass(frozen=True, slots=True)
class AgentsLock:
    """The lock file of an agent in the root with the real path `root`, open as `root_fd` if that is known.

    The file holds a PID, and its mtime is when the agent last consolidated. What has to be put back is first saved
    under the name `note` in the directory that is open as `shelf`, so that a crash does not lose it. The lock is
    always replaced as a whole, bytes and mtime at once: so after a crash it is either as it was or holds our PID, and
    whatever else it holds comes from the agent.
    """

    disk: Disk
    root: str
    root_fd: int | None
    shelf: int
    note: str

    def take(self, path: str) -> None:
        """Take the lock at `path` below the root; raises LockedError if the agent holds it, or it is not a lock."""
        with self._parent(path) as (parent, name):
            before = _LockFile.read(self.disk, name, dir_fd=parent)
            if before.body is not None and not before.is_plain:
                raise _not_a_lock(f"{self.root}/{path}")
            if before.body is not None and before.is_alive():
                raise LockedError(
                    f"{self.root} is being consolidated by its agent (PID {before.pid} holds {name}).",
                    "Wait for it to finish, then run it again.",
                )
            self._write_note(path, before)
            if before.body is None:
                self._create(name, parent)
            self._replace(name, parent, str(os.getpid()).encode())

    def give_back(self) -> None:
        """Put the lock back as the note says, if there is one, unless the agent has taken it in the meantime."""
        note = self._read_note()
        if note is None:
            return
        with suppress(FileNotFoundError), self._parent(note.path) as (parent, name):
            now = _LockFile.read(self.disk, name, dir_fd=parent)
            if now.is_plain and now.body in note.left:
                if note.before.body is None:
                    self.disk.unlink(name, dir_fd=parent)
                else:
                    self._replace(name, parent, note.before.body, note.before.mtime_ns)
        self._drop_note()

    def _create(self, name: str, parent: int) -> None:
        """Create an empty lock, which only one can; our PID follows."""
        try:
            with opened(self.disk, name, CREATE, dir_fd=parent) as fd:
                owner = rightful_owner(parent)
                if owner is not None:
                    self.disk.chown(fd, *owner)
        except FileExistsError:
            self._drop_note()
            raise LockedError(
                f"{self.root} has just been locked by its agent.", "Run it again later."
            ) from None

    def _replace(self, name: str, parent: int, body: bytes, mtime_ns: int | None = None) -> None:
        """Atomically replace the lock by one with the same mode, owner and attributes."""
        with opened(self.disk, name, READ, dir_fd=parent) as fd:
            status, attributes = os.fstat(fd), attributes_of(fd)
        temporary = temporary_name()
        try:
            write_temporary(
                self.disk,
                temporary,
                body,
                parent=parent,
                like=attributes,
                mode=stat.S_IMODE(status.st_mode),
                owner=(status.st_uid, status.st_gid),
                mtime_ns=mtime_ns,
            )
            self.disk.rename(temporary, name, dir_fd=parent)
        except BaseException:
            with suppress(OSError):
                self.disk.unlink(temporary, dir_fd=parent)
            raise
        self.disk.fsync(parent)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """Yield the directory of a path below the root, open, and the name in it; no link on the way is followed."""
        *above, name = PurePosixPath(path).parts
        top = self.disk.open(self.root, DIRECTORY) if self.root_fd is None else os.dup(self.root_fd)
        try:
            fd = open_below(self.disk, top, above)
        finally:
            os.close(top)
        try:
            yield fd, name
        finally:
            os.close(fd)

    def _write_note(self, path: str, before: _LockFile) -> None:
        note = {
            "path": base64.b64encode(os.fsencode(f"{self.root}/{path}")).decode(),
            "pid": os.getpid(),
            "body": None if before.body is None else base64.b64encode(before.body).decode(),
            "mtime_ns": before.mtime_ns,
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with opened(self.disk, self.note, flags, dir_fd=self.shelf) as fd:
            write_all(self.disk, fd, json.dumps(note).encode())
            self.disk.fsync(fd)
        self.disk.fsync(self.shelf)

    def _read_note(self) -> _Note | None:
        try:
            with opened(self.disk, self.note, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=self.shelf) as fd:
                note = json.loads(os.read(fd, os.fstat(fd).st_size))
            body = None if note["body"] is None else base64.b64decode(note["body"])
            path = os.fsdecode(base64.b64decode(note["path"]))
            before = _LockFile(body, int(note["mtime_ns"]))
            return _Note(_relative(path, self.root), str(note["pid"]).encode(), before)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # cut short by a crash: the lock was not touched yet
            self._drop_note()
            return None

    def _drop_note(self) -> None:
        self.disk.unlink(self.note, dir_fd=self.shelf)


@dataclass(frozen=True, slots=True)
class _LockFile:
    """The agent's lock file: its bytes (None if there is no such file) and its mtime."""

    body: bytes | None
    mtime_ns: int = 0
    is_plain: bool = True  # safe to replace: read whole, and it has no other name

    @classmethod
    def read(cls, disk: Disk, name: str, *, dir_fd: int | None = None) -> _LockFile:
        try:
            with opened(disk, name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=dir_fd) as fd:
                status = os.fstat(fd)
                plain = _is_plain(status)
                return cls(os.read(fd, _MAX_BYTES) if plain else b"", status.st_mtime_ns, plain)
        except FileNotFoundError:
            return cls(None)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENXIO}:  # a symbolic link; a socket
                return cls(b"", 0, is_plain=False)
            raise

    @property
    def pid(self) -> int | None:
        text = (self.body or b"").strip()
        return int(text) if text.isdigit() and len(text) < 10 else None

    def is_alive(self) -> bool:
        """Whether the process it names is still working on the root."""
        if self.pid in {None, 0, os.getpid()} or time.time() - self.mtime_ns / 1e9 >= STALE_SECONDS:
            return False
        try:
            os.kill(self.pid or 0, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # alive, and another user's
            return True
        return True


@dataclass(frozen=True, slots=True)
class _Note:
    """What to put back: the path below the root, what we wrote there, and what was there before."""

    path: str
    ours: bytes
    before: _LockFile

    @property
    def left(self) -> frozenset[bytes]:
        """What a Kairos that was killed can have left in the lock; a lock that it created was empty at first."""
        return frozenset({self.ours, b""} if self.before.body is None else {self.ours})


def lock_holder(path: Path) -> int | None:
    """PID of the agent that holds the lock file `path` right now; None if none does."""
    with suppress(OSError):
        held = _LockFile.read(DISK, str(path))
        if held.is_alive():
            return held.pid
    return None


def _relative(path: str, root: str) -> str:
    """Make a path relative to the real path of a root; raises ValueError if it is not below it."""
    above, name = os.path.split(path)
    return str(PurePosixPath(os.path.realpath(above), name).relative_to(root))


def _is_plain(status: os.stat_result) -> bool:
    """Whether a file can be a lock that is safe to replace: small, regular, and with one name only."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_size <= _MAX_BYTES


def _not_a_lock(path: str) -> LockedError:
    return LockedError(
        f"{path} is not a lock file: it is too large, has a second name, or is not a regular file.",
        "Check it; if no agent uses it, remove it.",
    )
