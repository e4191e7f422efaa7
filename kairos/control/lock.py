"""The lock that allows only one daemon per state directory."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kairos.control.places import lock_file
from kairos.errors import DaemonRunsError

_TRIES = 10
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, as far as the lock file says."""

    pid: int | None
    since: datetime | None

    def __str__(self) -> str:
        since = f", since {self.since.astimezone():%Y-%m-%d %H:%M}" if self.since else ""
        return f"PID {self.pid or 'unknown'}{since}"


class DaemonLock:
    """Exclusive use of a state directory by a daemon, or by a command that acts in its place.

    Entering raises DaemonRunsError, saying who holds the lock.
    """

    def __init__(self, state_dir: Path, now: datetime) -> None:
        self._path = lock_file(state_dir)
        self._now = now
        self._fd: int | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            self._lock(fd)
            note = json.dumps({"pid": os.getpid(), "since": self._now.isoformat()})
            os.ftruncate(fd, 0)
            os.pwrite(fd, note.encode(), 0)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def is_in_place(self) -> bool:
        """Whether the lock still protects the state directory; False once either was removed or replaced.

        True if the system cannot tell.
        """
        if self._fd is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._fd), self._path.lstat())
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True

    def _lock(self, fd: int) -> None:
        for remaining in reversed(range(_TRIES)):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not remaining:
                    raise DaemonRunsError(
                        f"kairosd is already running for this state directory ({_read_holder(fd)}).",
                        "See `kairos status`.",
                    ) from None
                time.sleep(_PAUSE_SECONDS)  # it may only be a look at the lock, see `holder`
            else:
                return


def holder(state_dir: Path) -> Holder | None:
    """Return who holds the lock right now; None if nobody does."""
    with suppress(FileNotFoundError, NotADirectoryError):
        fd = os.open(lock_file(state_dir), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(fd)
        finally:
            os.close(fd)
    return None


def _read_holder(fd: int) -> Holder:
    try:
        note = json.loads(os.pread(fd, 1024, 0))
        return Holder(int(note["pid"]), datetime.fromisoformat(note["since"]))
    except (ValueError, KeyError, TypeError):  # not written yet
        return Holder(None, None)
