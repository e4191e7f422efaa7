"""The daemon's keys: when to look, what must hold before a dream, how to watch, and how far a dream may go."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from kairos.config.cron import parse_cron
from kairos.config.hours import parse_hours
from kairos.config.section import Section
from kairos.core.hosts import is_loopback

_NIGHTLY = "30 3 * * *"


def _cron(text: str) -> str:
    parse_cron(text)
    return text


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected the name of a time zone, like Europe/Berlin") from None
    return name


def _on_this_machine(listen: str) -> str:
    if listen.startswith("unix:/") and "\0" not in listen:
        return listen
    parts = urlsplit(f"http://{listen}")  # raises ValueError by itself, as does an impossible port
    port = parts.port
    if (
        parts.netloc != listen
        or not port
        or parts.username is not None
        or not is_loopback(f"http://{listen}")
    ):
        raise ValueError("expected an address of this machine alone, like 127.0.0.1:9178 or unix:/run/a.sock")
    return listen


CronText = Annotated[str, AfterValidator(_cron)]
HoursText = Annotated[str, AfterValidator(_hours)]
ZoneName = Annotated[str, AfterValidator(_timezone)]
Listen = Annotated[str, AfterValidator(_on_this_machine)]
Interval = Annotated[float, Field(ge=0.01, le=8784, allow_inf_nan=False)]
Wait = Annotated[float, Field(ge=0, le=8784, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, le=1440, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]
Load = Annotated[float, Field(ge=0.01, le=1000, allow_inf_nan=False)]


def _one_rhythm(section: Schedule | RootSchedule) -> None:
    if section.cron is not None and section.every_hours is not None:
        raise ValueError("expected cron or every_hours, not both")


def _cron_by_default(given: dict[str, Any]) -> str | None:
    return _NIGHTLY if given.get("every_hours") is None else None


class Schedule(Section):
    """When a root is looked at: by `cron`, in `timezone` (None: this machine's), or `every_hours`.

    Every root comes later by a part of `jitter_minutes` that is its own, so that not all of them start at once.
    """

    every_hours: Interval | None = None  # before cron, whose default depends on it
    cron: CronText | None = Field(default_factory=_cron_by_default)
    timezone: ZoneName | None = None
    jitter_minutes: Minutes = 10
    catch_up_minutes: Minutes = 5

    @model_validator(mode="after")
    def _has_one_rhythm(self) -> Self:
        _one_rhythm(self)
        return self


class RootSchedule(Section):
    """What one line of `roots` has of its own; None is the daemon's."""

    every_hours: Interval | None = None
    cron: CronText | None = None
    timezone: ZoneName | None = None
    jitter_minutes: Minutes | None = None

    @model_validator(mode="after")
    def _has_one_rhythm(self) -> Self:
        _one_rhythm(self)
        return self

    def over(self, general: Schedule) -> Schedule:
        """Return `general` with what this root has of its own; either rhythm takes the other's place."""
        own = self.model_dump(exclude_none=True)
        if "cron" in own or "every_hours" in own:
            own = {"cron": None, "every_hours": None} | own
        return general.model_copy(update=own)


class Gates(Section):
    """What must hold before the daemon starts a dream by itself."""

    min_changed_entries: Count = 1
    min_changed_bytes: Count = 200
    min_hours: Wait = 20
    quiet_minutes: Minutes = 10
    transcript_quiet_minutes: Minutes = 10
    min_sessions: Count = 0
    quiet_hours: HoursText | None = None
    max_load_per_core: Load = 1.0
    min_battery_percent: Percent = 30


class RootGates(Section):
    """What one line of `roots` has of its own; None is the daemon's."""

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
        """Return `general` with what this root has of its own."""
        return general.model_copy(update=self.model_dump(exclude_none=True))


class Watch(Section):
    """How changes are noticed."""

    quiet_seconds: Seconds = 3
    at_most_seconds: Seconds = 60
    reconcile_minutes: Annotated[float, Field(ge=0.01, le=1440, allow_inf_nan=False)] = 10
    polling: Literal["auto", "always", "never"] = "auto"
    poll_seconds: Seconds = 30

    @model_validator(mode="after")
    def _quiet_can_come(self) -> Self:
        if self.at_most_seconds < self.quiet_seconds:
            raise ValueError(
                f"expected at_most_seconds ({self.at_most_seconds:g}) not to be below "
                f"quiet_seconds ({self.quiet_seconds:g})"
            )
        return self


class Worker(Section):
    """How many dreams at once, how far each gives way to other programs, and how far it may go before it is stopped."""

    at_once: int = Field(default=1, ge=1, le=64)
    niceness: int = Field(default=19, ge=0, le=19)
    memory_mb: int = Field(default=2048, ge=128)
    minutes: Annotated[float, Field(ge=0.01, le=1440, allow_inf_nan=False)] = 60


class Backoff(Section):
    """How long a root rests after a failed dream: twice as long each time, up to a ceiling."""

    first_minutes: Annotated[float, Field(ge=0.01, le=1440, allow_inf_nan=False)] = 15
    at_most_hours: Annotated[float, Field(ge=0.01, le=8784, allow_inf_nan=False)] = 24


class Metrics(Section):
    """Where figures for Prometheus are served; None is nowhere."""

    listen: Listen | None = None


class Daemon(Section):
    """Everything that kairosd alone reads."""

    schedule: Schedule = Schedule()
    gates: Gates = Gates()
    watch: Watch = Watch()
    worker: Worker = Worker()
    backoff: Backoff = Backoff()
    metrics: Metrics = Metrics()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
