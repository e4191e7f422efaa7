"""The day on which something is looked at, and how long what was found holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kairos.core.dates.days import DayMention, Precision, mentions

_ONE = timedelta(1)
_NEAREST = timedelta(182)
"""How long a day of one year is nearer than that of the next."""


@dataclass(slots=True)
class Today:
    """A day that others are compared with: all comparisons come out the same on the days up to `through`."""

    day: date
    through: date = date.max

    def is_past(self, day: date) -> bool:
        """Whether a day has passed."""
        if day < self.day:
            return True
        self.through = min(self.through, day)
        return False

    def has_come(self, day: date) -> bool:
        """Whether a day has passed, or is this one."""
        if day <= self.day:
            return True
        self.through = min(self.through, day - _ONE)
        return False

    def mentions(self, text: str) -> tuple[DayMention, ...]:
        """Return the days that a text names; those without a year are the nearest."""
        found = mentions(text, reference=self.day)
        for one in found:
            if one.precision is Precision.YEARLESS:
                self.through = min(self.through, min(one.first, date.max - _NEAREST) + _NEAREST)
        return found
