"""The daemon's clock, replaceable: tests bring their own, and a soak uses one on which nights pass quickly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfoNotFoundError

import tzlocal


class Clock(Protocol):
    """Tells the time of day, for schedules, and a time that never jumps, for durations."""

    def now(self) -> datetime:
        """Return the current time, aware, in this machine's time zone."""

    def monotonic(self) -> float:
        """Return seconds since some arbitrary start; only differences are meaningful."""

    def at(self, system: datetime) -> datetime:
        """Return what this clock shows when the system's clock shows `system`."""

    def alarm(self, moment: datetime) -> datetime:
        """Return what the system's clock shows as soon as this clock shows `moment`: the inverse of `at`."""


def local_zone(*, reload: bool = True) -> tzinfo:
    """Return this machine's time zone: as of now, or with `reload=False` as it was last read.

    A zone with a name comes with its daylight saving rules.
    """
    try:
        return tzlocal.reload_localzone() if reload else tzlocal.get_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # TZ may hold rules instead of a name: then only the current offset is known.
        return datetime.now(UTC).astimezone().tzinfo or UTC


def zone_mark() -> tuple[str | None, timedelta | None]:
    """Read this machine's time zone again, and return a value that changes once the machine is in another zone."""
    zone = local_zone()
    return getattr(zone, "key", None), datetime.now(zone).utcoffset()


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The operating system's clock, in the time zone as it was last read."""

    def now(self) -> datetime:
        """Return the current time, aware, in this machine's time zone."""
        return datetime.now(local_zone(reload=False))

    def monotonic(self) -> float:
        """Return seconds since some arbitrary start; only differences are meaningful."""
        return time.monotonic()

    def at(self, system: datetime) -> datetime:
        """Return the same moment."""
        return system

    def alarm(self, moment: datetime) -> datetime:
        """Return the same moment."""
        return moment
