"""Reads days written as YYYY-MM-DD, the one form that is the same in every language."""

from __future__ import annotations

import re
from datetime import date

_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


def iso_day(text: str) -> date | None:
    """Return the first valid day written as YYYY-MM-DD in a text, or None."""
    for match in _ISO_DATE.finditer(text):
        try:
            return date(*(int(group) for group in match.groups()))
        except ValueError:
            continue
    return None
