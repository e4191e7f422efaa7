"""Which of two conflicting statements is newer: by what its words say of time, else by their days."""

from __future__ import annotations

from kairos.core.values import values
from kairos.model import Opinion, Side, Statement

_SURE = 0.8
"""Chance from which a model's reading of the wording goes before the days: a copy can be older than its words."""
_LEANING = 0.5


def newer(a: Statement, b: Statement, opinion: Opinion | None = None) -> Side | None:
    """Return the newer side; None where neither words nor days say so."""
    return _by_opinion(opinion, _SURE) or _by_words(a, b) or _by_days(a, b) or _by_opinion(opinion, _LEANING)


def _by_opinion(opinion: Opinion | None, least: float) -> Side | None:
    if opinion is None or max(opinion.newer_a, opinion.newer_b) < least:
        return None
    return "a" if opinion.newer_a > opinion.newer_b else "b"


def _by_words(a: Statement, b: Statement) -> Side | None:
    changes_a, changes_b = values(a.text).changes, values(b.text).changes
    if (changes_a > 0) == (changes_b > 0):
        return None
    return "a" if changes_a else "b"


def _by_days(a: Statement, b: Statement) -> Side | None:
    if a.day is None or b.day is None or a.day == b.day:
        return None
    return "a" if a.day > b.day else "b"
