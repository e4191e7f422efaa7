"""Points in time and durations: read from the command line, and shown to people."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import click

from kairos.core.text.counts import count

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(?:\d{1,6}[dhms])+")
_LONGEST = timedelta(days=3650)
_STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def moment_option(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """Read a day (`2026-11-24`) or a point in time (`2026-11-24T13:00`), by default in this machine's time zone.

    Raises BadParameter.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(f"{value!r} is not a date like 2026-11-24 or 2026-11-24T13:00.") from None


def duration_option(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> timedelta | None:
    """Read a duration like `90m`, `2h` or `1d12h`; raises BadParameter."""
    if value is None:
        return None
    text = value.replace(" ", "").lower()
    if not _DURATION.fullmatch(text):
        raise click.BadParameter(f"{value!r} is not a duration like 2h, 90m or 1d12h.")
    parts = re.findall(r"(\d+)([dhms])", text)
    lasting = sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
    if not timedelta() < lasting <= _LONGEST:
        raise click.BadParameter(f"{value!r} is not between a second and ten years.")
    return lasting


def shown(moment: datetime) -> str:
    """Return a point in time as `2026-11-24 13:00`, in this machine's time zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    passed = now - moment
    for length, unit in _STEPS:
        number = int(passed / length)
        if number >= 1:
            return f"{count(number, unit)} ago"
    return "just now" if passed >= timedelta(0) else "in the future"
