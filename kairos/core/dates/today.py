"""The day on which notes are judged, and how long the results stay valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kairos.core.dates.days import DayMention, Precision, mentions

_ONE_DAY = timedelta(1)
_HALF_A_YEAR = timedelta(182)
"""For this long after it, a day of one year stays nearer than the same day of the next year."""


@dataclass(slots=True)
class Today:
    """The day that other days are compared with.

    `through` is the last day on which all comparisons made so far would still come out the same.
    """

    day: date
    through: date = date.max

    def is_past(self, day: date) -> bool:
        """Whether a day has passed."""
        if day < self.day:
            return True
        self.through = min(self.through, day)
        return False

    def has_come(self, day: date) -> bool:
        """Whether a day has passed or is today."""
        if day <= self.day:
            return True
        self.through = min(self.through, day - _ONE_DAY)
        return False

    def mentions(self, text: str) -> tuple[DayMention, ...]:
        """Return the days that a text names. A day without a year is the one nearest to today."""
        found = mentions(text, reference=self.day)
        for mention in found:
            if mention.precision is Precision.YEARLESS:
                self.through = min(self.through, min(mention.first, date.max - _HALF_A_YEAR) + _HALF_A_YEAR)
        return found
