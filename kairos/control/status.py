"""The status of the daemon and its roots, as sent through the socket and shown by `kairos status`.

Named tuples, because defining these classes as frozen dataclasses took longer than everything that `kairos status`
does with them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from kairos.control.wire import from_value, to_value

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a pause without an end. Not `datetime.max`, so that it stays in range in every time zone."""


class Check(NamedTuple):
    """A self-check of the daemon; `advice` says what to do if it is not `ok`."""

    name: str
    ok: bool
    value: str
    advice: str = ""


class ConfigStatus(NamedTuple):
    """The configuration in force, and when its file was last read; `error` says why that file was refused."""

    path: str
    error: str | None = None
    read_at: datetime | None = None


class WatchStatus(NamedTuple):
    """How a root is watched: `inotify`, `polling` or `none`."""

    mode: str
    problem: str | None = None


class GateStatus(NamedTuple):
    """A condition for a dream to start by itself.

    `value` is the measured value against the required one; `until` is when the gate may open.
    """

    name: str
    open: bool
    value: str
    until: datetime | None = None


class DreamProgress(NamedTuple):
    """The progress of a running dream: `done` out of `of` steps of a stage; `of` is 0 if unknown."""

    stage: str
    done: int
    of: int
    since: datetime


class RootStatus(NamedTuple):
    """The status of one root; `path` is its real path.

    `problem` is what is wrong with its directory, first seen at `problem_since`. `next_due` is its next scheduled time,
    `catch_up_at` when a missed one is made up for, `due_since` since when a dream is due, whose gates are tried every
    minute, and `replaced_at` when another directory took the root's place.
    """

    path: str
    problem: str | None = None
    watch: WatchStatus | None = None
    dirty_since: datetime | None = None
    next_due: datetime | None = None
    gates: tuple[GateStatus, ...] = ()
    kept_by: str | None = None
    kept_since: datetime | None = None
    paused_until: datetime | None = None
    dream: DreamProgress | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    tail: tuple[str, ...] = ()
    catch_up_at: datetime | None = None
    due_since: datetime | None = None
    replaced_at: datetime | None = None
    problem_since: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """When the root is next dreamt over, if its gates are open then."""
        return min((at for at in (self.next_due, self.catch_up_at) if at is not None), default=None)


class GcRecord(NamedTuple):
    """The last collection of originals that were kept long enough: when, how many files, and how many bytes.

    `error` says why it failed.
    """

    at: datetime
    files: int = 0
    bytes: int = 0
    error: str | None = None


class DaemonStatus(NamedTuple):
    """The status of the daemon.

    `state` is `running`, `reloading` or `stopping`; `queue` are the roots that wait for their turn; `gc` is the last
    collection of originals.
    """

    version: str
    pid: int
    since: datetime
    state: str
    config: ConfigStatus
    paused_until: datetime | None = None
    checks: tuple[Check, ...] = ()
    roots: tuple[RootStatus, ...] = ()
    queue: tuple[str, ...] = ()
    gc: GcRecord | None = None

    def to_value(self) -> dict[str, object]:
        """Return the status as it is sent through the socket."""
        return dict(to_value(self))

    @classmethod
    def from_value(cls, value: object) -> DaemonStatus:
        """Rebuild a status that came through the socket; raises ValueError if it is malformed."""
        return from_value(cls, value)
