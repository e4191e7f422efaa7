"""Checks that every night of a soak came once and at its time, including the one in which the clocks change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scripts.soak.verdict import Verdict

ZONE = ZoneInfo("Europe/Berlin")
_DUE, _SKIPPED_TO = timedelta(hours=2, minutes=30), timedelta(hours=2)
"""The time since midnight at 02:30, and at 03:00 on the day on which that comes right after 01:59."""
_JITTER = timedelta(hours=12)
_SHOWN = 3


def change_of_clocks(year: int) -> date:
    """Return the last Sunday of March, on which the clocks change in ZONE."""
    return max(day for number in range(25, 32) if (day := date(year, 3, number)).isoweekday() == 7)


def nights(due: Mapping[str, Collection[datetime]]) -> Verdict:
    """Check that each root was announced as due once per night, at its time. `due` has the moments by root."""
    wrong = [root for root, moments in due.items() if not _is_nightly(moments)]
    days = {_night(moment) for moments in due.values() for moment in moments}
    told = f"{len(days)} nights"
    if days:
        changes = sum(day == change_of_clocks(day.year) for day in days)
        told += f", from {min(days)} to {max(days)}, clocks changed in {changes} of them"
    if wrong:
        told += f"; not to {', '.join(wrong[:_SHOWN])}"
    return Verdict("each night came once", bool(days) and not wrong, told)


def _is_nightly(moments: Collection[datetime]) -> bool:
    days = {_night(moment) for moment in moments}
    return len(days) == len(moments) and all(map(_is_in_time, moments))


def _is_in_time(moment: datetime) -> bool:
    day = _night(moment)
    midnight = datetime.combine(day, datetime.min.time(), ZONE)
    due = _SKIPPED_TO if day == change_of_clocks(day.year) else _DUE
    return due <= timedelta(seconds=moment.timestamp() - midnight.timestamp()) < due + _JITTER


def _night(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
