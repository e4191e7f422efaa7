"""A part of the day, written like `09:00-18:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day, from `start` up to but not including `end`; it may span midnight.

    It is empty if both are equal.
    """

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def parse_hours(text: str) -> Hours:
    """Parse hours like `22:00-06:30`; raises ValueError saying what was expected."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError("expected hours like 09:00-18:00")
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    return Hours(time(first_hour, first_minute), time(last_hour, last_minute))
