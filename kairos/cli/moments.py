"""Points in time, read from the command line and shown to people."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

_STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def moment_option(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """Read a day, `2026-11-24`, or a point in time, `2026-11-24T13:00`, in the zone of this machine."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(f"{value!r} is not a date like 2026-11-24 or 2026-11-24T13:00.") from None


def shown(moment: datetime) -> str:
    """Return a point in time as `2026-11-24 13:00`, in the zone of this machine."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in its largest unit."""
    passed = now - moment
    for length, unit in _STEPS:
        number = int(passed / length)
        if number >= 1:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now" if passed >= timedelta(0) else "in the future"
