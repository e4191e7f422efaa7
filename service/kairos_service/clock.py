"""Time, as the daemon reads it. Tests have clocks of their own, and a soak has one on which nights pass quickly."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
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


def local_zone() -> tzinfo:
    """Return the zone that this machine has now, with its rules for changing clocks where it has a name."""
    try:
        return tzlocal.reload_localzone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # TZ can hold rules instead of a name: then today's offset is what is known.
        return datetime.now(UTC).astimezone().tzinfo or UTC


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of the operating system, in the zone that the machine had when this was made."""

    zone: tzinfo = field(default_factory=local_zone)

    def now(self) -> datetime:
        """Return the moment, aware, in the zone of this machine."""
        return datetime.now(self.zone)

    def monotonic(self) -> float:
        """Return seconds from some start; only differences mean something."""
        return time.monotonic()

    def at(self, system: datetime) -> datetime:
        """Return the same moment."""
        return system

    def alarm(self, moment: datetime) -> datetime:
        """Return the same moment."""
        return moment
