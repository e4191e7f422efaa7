"""Amounts and times in the daemon's sentences, and sentences of its child processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kairos.report.escape import one_line

_LONGEST_SENTENCE = 500
_PREFIX = "kairos: "
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def size(number: int) -> str:
    """Return a number of bytes as "200 B", "1.2 kB" or "3 MB"."""
    if number < 1_000:
        return f"{number} B"
    unit, scaled = ("kB", number / 1e3) if number < 999_950 else ("MB", number / 1e6)
    return f"{scaled:,.1f}".removesuffix(".0") + f" {unit}"


def span(seconds: float) -> str:
    """Return a duration in its largest unit: "40 s", "12 min", "3.5 h", "2 days"."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.1f}".removesuffix(".0") + " h"
    return f"{seconds / _DAY:.0f} days"


def clock_time(moment: datetime, now: datetime) -> str:
    """Return a moment in the time zone of `now`: "14:30" if it is today, else with its date."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%Y-%m-%d %H:%M}"


def complaint(tail: Sequence[str]) -> str | None:
    """Return the error of a `kairos` command: the last line that it wrote to stderr; None if it wrote none."""
    return tail[-1].removeprefix(_PREFIX) if tail else None


def sentence(text: str) -> str:
    """Return a text on one line, cut to what a status can show."""
    return one_line(text)[:_LONGEST_SENTENCE]
