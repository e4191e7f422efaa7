"""Time, as the daemon reads it. Tests have clocks of their own, and a soak has one on which nights pass quickly."""

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
        """Return the moment, aware, in the zone of this machine."""

    def monotonic(self) -> float:
        """Return seconds from some start; only differences mean something."""

    def at(self, system: datetime) -> datetime:
        """Return what this clock shows when that of the system shows a moment."""

    def alarm(self, moment: datetime) -> datetime:
        """Return what the clock of the system shows as soon as this one shows a moment."""


def local_zone(*, anew: bool = True) -> tzinfo:
    """Return the zone that this machine has now, or had when it was last asked for anew, with its rules for changing
    clocks where it has a name."""
    try:
        return tzlocal.reload_localzone() if anew else tzlocal.get_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # TZ can hold rules instead of a name: then today's offset is what is known.
        return datetime.now(UTC).astimezone().tzinfo or UTC


def zone_mark() -> tuple[str | None, timedelta | None]:
    """Ask for the zone of this machine anew, and return what is different as soon as somebody travels with it."""
    zone = local_zone()
    return getattr(zone, "key", None), datetime.now(zone).utcoffset()


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the operating system, in the zone that the machine had when somebody last asked for that."""

    def now(self) -> datetime:
        """Return the moment, aware, in the zone of this machine."""
        return datetime.now(local_zone(anew=False))

    def monotonic(self) -> float:
        """Return seconds from some start; only differences mean something."""
        return time.monotonic()

    def at(self, system: datetime) -> datetime:
        """Return the same moment."""
        return system

    def alarm(self, moment: datetime) -> datetime:
        """Return the same moment."""
        return moment
