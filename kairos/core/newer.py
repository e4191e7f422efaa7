"""Which of two conflicting statements is newer: by its own words, else by their days."""

from __future__ import annotations

from kairos.core.values import values
from kairos.model import Side, Statement


def newer(a: Statement, b: Statement) -> Side | None:
    """Return the newer side; None where neither words nor days say so."""
    changes_a, changes_b = values(a.text).changes, values(b.text).changes
    if (changes_a > 0) != (changes_b > 0):
        return "a" if changes_a else "b"
    if a.day is not None and b.day is not None and a.day != b.day:
        return "a" if a.day > b.day else "b"
    return None
