"""Cron expressions as in crontab(5): five fields, with Sunday as 0 or 7."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "sun mon tue wed thu fri sat".split()
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def value(self, text: str) -> int | None:
        """Return the value of a number or a name; None if the field cannot have it."""
        if text.lower() in self.names:
            return self.low + self.names.index(text.lower())
        number = int(text) if text.isdigit() and len(text) <= 2 else -1
        return number if self.low <= number <= self.high else None


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("weekday", 0, 7, tuple(_WEEKDAYS)),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression: minutes 0…59, hours 0…23, days 1…31, months 1…12, weekdays 0…6 from Sunday.

    `either_day`: both day fields are restricted, so matching one of them is enough, as usual in cron.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool


def parse_cron(text: str) -> Cron:
    """Parse a cron expression; raises ValueError saying what was expected."""
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError("expected five fields, minute hour day month weekday, like 30 3 * * *")
    minutes, hours, days, months, weekdays = (
        frozenset(number for part in written.split(",") for number in _numbers(field, part))
        for field, written in zip(_FIELDS, fields, strict=True)
    )
    either_day = not fields[2].startswith("*") and not fields[4].startswith("*")
    if not any(min(days) <= _LONGEST[month - 1] for month in months):
        if not either_day:
            raise ValueError("expected a day that exists in the month")
        days, either_day = frozenset(range(1, 32)), False  # only the weekday can ever match
    return Cron(
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        tuple(sorted(days)),
        tuple(sorted(months)),
        tuple(sorted({day % 7 for day in weekdays})),
        either_day,
    )


def _numbers(field: _Field, part: str) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise _unexpected(field, part)
    step = int(match["step"] or 1)
    if match["first"] is None:
        first, last = field.low, field.high
    else:
        first, last = _ends(field, match["first"], match["last"], part, open_end=match["step"] is not None)
    if step == 0 or first > last:
        raise _unexpected(field, part)
    return range(first, last + 1, step)


def _ends(field: _Field, start: str, end: str | None, part: str, *, open_end: bool) -> tuple[int, int]:
    """Return the ends of `a`, `a-b` or `a/n`; the last one runs to the end of the field."""
    first = field.value(start)
    last = field.value(end) if end else field.high if open_end else first
    if first is None or last is None:
        raise _unexpected(field, part)
    ends_on_sunday = field.name == "weekday" and last == 0 and first > 0
    return first, 7 if ends_on_sunday else last


def _unexpected(field: _Field, part: str) -> ValueError:
    return ValueError(
        f"expected {field.low} to {field.high}, *, a range, a list or a step for the {field.name}, not {part[:20]}"
    )
