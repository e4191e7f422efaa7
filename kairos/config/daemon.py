"""The daemon's keys: its schedule, the gates before a dream, how it watches, and the limits of a dream."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from kairos.config.section import Section, above, at_least, at_most
from kairos.core.root.hosts import is_loopback

S = TypeVar("S", bound=Section)

_NIGHTLY = "30 3 * * *"


def _cron(text: str) -> None:
    from kairos.config.cron import parse_cron  # noqa: PLC0415 - most commands read none

    parse_cron(text)


def _hours(text: str) -> None:
    from kairos.config.hours import parse_hours  # noqa: PLC0415 - few configurations have any

    parse_hours(text)


def _timezone(name: str) -> None:
    import zoneinfo  # noqa: PLC0415 - few configurations name one

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected the name of a time zone, like Europe/Berlin") from None


def _on_this_machine(listen: str) -> None:
    if listen.startswith("unix:/") and "\0" not in listen:
        return
    parts = urlsplit(f"http://{listen}")  # raises ValueError by itself, as does an impossible port
    port = parts.port
    if (
        parts.netloc != listen
        or not port
        or parts.username is not None
        or not is_loopback(f"http://{listen}")
    ):
        raise ValueError("expected an address on this machine, like 127.0.0.1:9178 or unix:/run/a.sock")


CronText = Annotated[str, _cron]
HoursText = Annotated[str, _hours]
ZoneName = Annotated[str, _timezone]
Listen = Annotated[str, _on_this_machine]
Interval = Annotated[float, at_least(0.01), at_most(8784)]
Wait = Annotated[float, at_least(0), at_most(8784)]
Minutes = Annotated[float, at_least(0), at_most(1440)]
LongMinutes = Annotated[float, at_least(0.01), at_most(1440)]
Seconds = Annotated[float, above(0), at_most(3600)]
Percent = Annotated[int, at_least(0), at_most(100)]
Count = Annotated[int, at_least(0)]
Load = Annotated[float, at_least(0.01), at_most(1000)]


def _check_rhythm(section: Schedule | RootSchedule) -> None:
    if section.cron is not None and section.every_hours is not None:
        raise ValueError("expected cron or every_hours, not both")


def _overridden(general: S, own: Section) -> S:
    """Return `general`, overridden by every value that `own` sets."""
    named = {name: value for name in own.names() if (value := getattr(own, name)) is not None}
    return general.replaced(**named) if named else general


class Schedule(Section):
    """When a root is looked at: by `cron`, in `timezone` (None: this machine's), or `every_hours`.

    Each root is delayed by a fixed fraction of `jitter_minutes`, so that they do not all start at once.
    """

    every_hours: Interval | None = None
    cron: CronText | None = None  # every night, if neither is set
    timezone: ZoneName | None = None
    jitter_minutes: Minutes = 10.0
    catch_up_minutes: Minutes = 5.0

    def check(self) -> None:
        """Raise ValueError if the keys contradict each other."""
        _check_rhythm(self)
        if self.cron is None and self.every_hours is None:
            self.__dict__["cron"] = _NIGHTLY


class RootSchedule(Section):
    """The schedule that one line of `roots` sets for itself; None means the daemon's value."""

    every_hours: Interval | None = None
    cron: CronText | None = None
    timezone: ZoneName | None = None
    jitter_minutes: Minutes | None = None

    def check(self) -> None:
        """Raise ValueError if the keys contradict each other."""
        _check_rhythm(self)

    def over(self, general: Schedule) -> Schedule:
        """Return `general`, overridden by what this root sets; `cron` and `every_hours` replace each other."""
        if self.cron is not None or self.every_hours is not None:
            general = general.replaced(cron=self.cron, every_hours=self.every_hours)
        return _overridden(general, self)


class Gates(Section):
    """What must hold before the daemon starts a dream by itself."""

    min_changed_entries: Count = 1
    min_changed_bytes: Count = 200
    min_hours: Wait = 20.0
    quiet_minutes: Minutes = 10.0
    transcript_quiet_minutes: Minutes = 10.0
    min_sessions: Count = 0
    quiet_hours: HoursText | None = None
    max_load_per_core: Load = 1.0
    min_battery_percent: Percent = 30


class RootGates(Section):
    """The gates that one line of `roots` sets for itself; None means the daemon's value."""

    min_changed_entries: Count | None = None
    min_changed_bytes: Count | None = None
    min_hours: Wait | None = None
    quiet_minutes: Minutes | None = None
    transcript_quiet_minutes: Minutes | None = None
    min_sessions: Count | None = None
    quiet_hours: HoursText | None = None
    max_load_per_core: Load | None = None
    min_battery_percent: Percent | None = None

    def over(self, general: Gates) -> Gates:
        """Return `general`, overridden by what this root sets."""
        return _overridden(general, self)


class Watch(Section):
    """How changes are noticed."""

    quiet_seconds: Seconds = 3.0
    at_most_seconds: Seconds = 60.0
    reconcile_minutes: LongMinutes = 10.0
    polling: Literal["auto", "always", "never"] = "auto"
    poll_seconds: Seconds = 30.0

    def check(self) -> None:
        """Raise ValueError if the keys contradict each other."""
        if self.at_most_seconds < self.quiet_seconds:
            raise ValueError(
                f"expected at_most_seconds ({self.at_most_seconds:g}) not to be below "
                f"quiet_seconds ({self.quiet_seconds:g})"
            )


class Worker(Section):
    """How many dreams run at once, their niceness, and the memory and time after which one is stopped."""

    at_once: Annotated[int, at_least(1), at_most(64)] = 1
    niceness: Annotated[int, at_least(0), at_most(19)] = 19
    memory_mb: Annotated[int, at_least(128)] = 2048
    minutes: LongMinutes = 60.0


class Backoff(Section):
    """How long a root waits after a failed dream: twice as long after each failure, up to a maximum."""

    first_minutes: LongMinutes = 15.0
    at_most_hours: Interval = 24.0


class Metrics(Section):
    """The address on which Prometheus metrics are served; None for nowhere."""

    listen: Listen | None = None


class Daemon(Section):
    """Everything that only kairosd reads."""

    schedule: Schedule = Schedule()
    gates: Gates = Gates()
    watch: Watch = Watch()
    worker: Worker = Worker()
    backoff: Backoff = Backoff()
    metrics: Metrics = Metrics()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
