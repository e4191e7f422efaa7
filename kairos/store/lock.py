"""The locks of a root: our own, and the one of the agent that writes there."""

from __future__ import annotations

import base64
import errno
import fcntl
import hashlib
import json
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from kairos.errors import LockedError
from kairos.store.disk import DISK, Disk, explained, make_private_directory, opened, write_all
from kairos.store.tree import rightful_owner

STALE_SECONDS = 60 * 60
"""After this time Claude Code itself takes over its lock from whoever holds it."""


_TRIES = 5
_PAUSE_SECONDS = 0.02
_AT_ONCE_NS = 1_000_000_000
"""The longest time between two writes that follow each other."""

_LONGEST = 4096
"""Bytes of a lock file: it holds the number of a process."""


class RootLock:
    """Exclusive use of one root: a flock in our state directory, and the agent's lock where it has one.

    The agent's lock file holds a PID, and its mtime is when the agent last consolidated: both are put back
    exactly. What has to be put back is noted next to our own lock first, so that a crash does not lose it.
    Raises LockedError.
    """

    def __init__(
        self, directory: Path, root: Path, *, foreign: Path | None = None, disk: Disk = DISK
    ) -> None:
        self._directory = str(directory)
        self._root = os.path.realpath(root)
        self._foreign = foreign
        self._disk = disk
        name = _name(self._root)
        self._path = f"{self._directory}/{name}.lock"
        self._note = f"{self._directory}/{name}.foreign"
        self._fd: int | None = None

    def __enter__(self) -> Self:
        with explained(f"lock {self._root}"):
            make_private_directory(self._disk, self._directory)
            self._fd = self._take_own()
            try:
                self._give_back_foreign()  # what a crashed Kairos still held
                if self._foreign is not None:
                    self._take_foreign(self._foreign)
            except BaseException:
                self._release()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with explained(f"give back the lock of {self._root}"):
                self._give_back_foreign()
        finally:
            self._release()

    def _take_own(self) -> int:
        fd = self._disk.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        if not _locked(fd):
            holder = os.pread(fd, 32, 0).decode(errors="replace").strip()
            os.close(fd)
            raise LockedError(
                f"{self._root} is being worked on by another Kairos (PID {holder or 'unknown'}).",
                "Wait for it to finish, then run it again.",
            )
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
        return fd

    def _release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _take_foreign(self, path: Path) -> None:
        before = _Held.read(self._disk, path)
        if before.body is not None and not before.is_plain:
            raise _no_lock(path)
        if before.body is not None and before.is_alive():
            raise LockedError(
                f"{self._root} is being consolidated by its agent (PID {before.pid} holds {path.name}).",
                "Wait for it to finish, then run it again.",
            )
        self._write_note(path, before)
        ours = str(os.getpid()).encode()
        if before.body is None:
            try:
                with opened(self._disk, str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL) as fd:
                    write_all(self._disk, fd, ours)
                    self._hand_over(fd, path)
            except FileExistsError:
                self._drop_note()
                raise LockedError(
                    f"{self._root} has just been locked by its agent.", "Run it again later."
                ) from None
        else:
            _overwrite(self._disk, path, ours)

    def _hand_over(self, fd: int, path: Path) -> None:
        """Give the agent's lock to the owner of the directory that it is in."""
        with opened(self._disk, str(path.parent), os.O_RDONLY | os.O_DIRECTORY) as parent:
            owner = rightful_owner(parent)
        if owner is not None and owner != (os.geteuid(), os.getegid()):
            self._disk.chown(fd, *owner)

    def _give_back_foreign(self) -> None:
        """Put the agent's lock back as it was, unless the agent has taken it in the meantime."""
        note = self._read_note()
        if note is None:
            return
        path, ours, before = note
        now = _Held.read(self._disk, path)
        if now.is_plain and (now.body in {ours, b""} or self._is_torn(now, ours)):  # empty: a crash meanwhile
            if before.body is None:
                with opened(self._disk, str(path.parent), os.O_RDONLY | os.O_DIRECTORY) as parent:
                    self._disk.unlink(path.name, dir_fd=parent)
            else:
                _overwrite(self._disk, path, before.body, before.mtime_ns)
        self._drop_note()

    def _is_torn(self, now: _Held, ours: bytes) -> bool:
        """Whether a crash left a part of our own number in the agent's lock: it was written right after the note."""
        since_note = abs(now.mtime_ns - Path(self._note).stat().st_mtime_ns)
        return now.body is not None and ours.startswith(now.body) and since_note < _AT_ONCE_NS

    def _write_note(self, path: Path, before: _Held) -> None:
        note = {
            "path": base64.b64encode(os.fsencode(path)).decode(),
            "pid": os.getpid(),
            "body": None if before.body is None else base64.b64encode(before.body).decode(),
            "mtime_ns": before.mtime_ns,
        }
        with opened(self._disk, self._note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fd:
            write_all(self._disk, fd, json.dumps(note).encode())
            self._disk.fsync(fd)
        with opened(self._disk, self._directory, os.O_RDONLY | os.O_DIRECTORY) as parent:
            self._disk.fsync(parent)

    def _read_note(self) -> tuple[Path, bytes, _Held] | None:
        try:
            note = json.loads(Path(self._note).read_bytes())
            body = None if note["body"] is None else base64.b64decode(note["body"])
            path = Path(os.fsdecode(base64.b64decode(note["path"])))
            return path, str(note["pid"]).encode(), _Held(body, int(note["mtime_ns"]))
        except FileNotFoundError:
            return None
        except (
            ValueError,
            KeyError,
            TypeError,
        ):  # a crash while it was written: the agent's lock was not yet touched
            self._drop_note()
            return None

    def _drop_note(self) -> None:
        with opened(self._disk, self._directory, os.O_RDONLY | os.O_DIRECTORY) as parent:
            self._disk.unlink(os.path.basename(self._note), dir_fd=parent)  # noqa: PTH119


@dataclass(frozen=True, slots=True)
class _Held:
    """The agent's lock file: its bytes (None: there is none) and its mtime."""

    body: bytes | None
    mtime_ns: int = 0
    is_plain: bool = True  # to be written to: all of it was read, and no other name leads to it

    @classmethod
    def read(cls, disk: Disk, path: Path) -> _Held:
        try:
            with opened(disk, str(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as fd:
                status = os.fstat(fd)
                plain = _is_plain(status)
                return cls(os.read(fd, _LONGEST) if plain else b"", status.st_mtime_ns, plain)
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
        """Whether the process in it still works on the root."""
        if self.pid in {None, 0, os.getpid()} or time.time() - self.mtime_ns / 1e9 >= STALE_SECONDS:
            return False
        try:
            os.kill(self.pid or 0, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # alive, and another user's
            return True
        return True


def _overwrite(disk: Disk, path: Path, body: bytes, mtime_ns: int | None = None) -> None:
    """Replace the bytes in place: inode, owner and mode stay the agent's. Raises LockedError where it is no lock."""
    with opened(disk, str(path), os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as fd:
        if not _is_plain(
            os.fstat(fd)
        ):  # looked at once more, through the descriptor: it could just have been exchanged
            raise _no_lock(path)
        os.ftruncate(fd, 0)
        write_all(disk, fd, body)
        disk.fsync(fd)
        if mtime_ns is not None:
            disk.utime(fd, mtime_ns)


def _is_plain(status: os.stat_result) -> bool:
    """Whether a file can be a lock that may be written to: a small one, to which no other name leads."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_size <= _LONGEST


def _no_lock(path: Path) -> LockedError:
    return LockedError(
        f"{path} is no lock: it is too large, has a second name, or is no file at all.",
        "Look at it; if no agent uses it, remove it.",
    )


def _name(root: str) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _locked(fd: int) -> bool:
    """Lock a file; False where somebody has it."""
    for remaining in reversed(range(_TRIES)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if remaining:
                time.sleep(_PAUSE_SECONDS)  # somebody may only be looking, see `is_worked_on`
        else:
            return True
    return False


def is_worked_on(directory: Path, root: str) -> bool:
    """Whether a living Kairos holds the lock of a root, given by its real path, right now."""
    with suppress(FileNotFoundError, NotADirectoryError):
        fd = os.open(directory / f"{_name(root)}.lock", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
    return False


def lock_holder(path: Path) -> int | None:
    """PID of the agent that holds the lock file `path` right now, if one does."""
    with suppress(OSError):
        held = _Held.read(DISK, path)
        if held.is_alive():
            return held.pid
    return None
