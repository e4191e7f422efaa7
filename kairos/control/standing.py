"""How the daemon and its roots stand, as `kairos status` shows it and the socket tells it.

Named tuples: as frozen dataclasses these classes alone took longer to make than all that `kairos status` does with
them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from kairos.control.wire import from_value, to_value

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a pause that has none; no zone carries it out of the calendar."""


class Check(NamedTuple):
    """Something that the daemon found out about itself; `advice` says what to do where it is not `ok`."""

    name: str
    ok: bool
    value: str
    advice: str = ""


class ConfigStanding(NamedTuple):
    """The configuration in force, and when its file was read last; `error` says why that was refused."""

    path: str
    error: str | None = None
    read_at: datetime | None = None


class WatchStanding(NamedTuple):
    """How a root is watched: `inotify`, `polling` or `none`."""

    mode: str
    problem: str | None = None


class GateStanding(NamedTuple):
    """A condition for dreaming by itself: `value` is measured against wanted, `until` when it may open."""

    name: str
    open: bool
    value: str
    until: datetime | None = None


class DreamStanding(NamedTuple):
    """How far a running dream is: `done` of `of` steps of a stage; `of` is 0 where that is not known."""

    stage: str
    done: int
    of: int
    since: datetime


class RootStanding(NamedTuple):
    """One root; `path` is its real path.

    `next_due` is when its schedule comes round, `catch_up_at` when what was missed is caught up, `due_since` since when
    it is owed a dream, whose gates are tried every minute; `replaced_at` when another directory took its place.
    """

    path: str
    problem: str | None = None
    watch: WatchStanding | None = None
    dirty_since: datetime | None = None
    next_due: datetime | None = None
    gates: tuple[GateStanding, ...] = ()
    kept_by: str | None = None
    kept_since: datetime | None = None
    paused_until: datetime | None = None
    dream: DreamStanding | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    tail: tuple[str, ...] = ()
    catch_up_at: datetime | None = None
    due_since: datetime | None = None
    replaced_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """When it is next dreamt over, if its gates are open then."""
        return min((at for at in (self.next_due, self.catch_up_at) if at is not None), default=None)


class GcRecord(NamedTuple):
    """When the daemon last let go of originals that were kept long enough, how many and how many bytes that freed.

    `error` says why it could not.
    """

    at: datetime
    files: int = 0
    bytes: int = 0
    error: str | None = None


class DaemonStatus(NamedTuple):
    """The daemon; `state` is `running`, `reloading` or `stopping`, `queue` the roots that wait their turn, `gc` the
    last time that originals were let go."""

    version: str
    pid: int
    since: datetime
    state: str
    config: ConfigStanding
    paused_until: datetime | None = None
    checks: tuple[Check, ...] = ()
    roots: tuple[RootStanding, ...] = ()
    queue: tuple[str, ...] = ()
    gc: GcRecord | None = None

    def to_value(self) -> dict[str, object]:
        """Return what goes through the socket."""
        return dict(to_value(self))

    @classmethod
    def from_value(cls, value: object) -> DaemonStatus:
        """Return what came through the socket; raises ValueError where it makes no sense."""
        return from_value(cls, value)
