"""Which of two conflicting statements is newer: by what its words say of time, else by their days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from kairos.core.text.remembered import remembered
from kairos.core.text.turns import looks_back
from kairos.core.text.words import WORD
from kairos.core.values.values import located, values
from kairos.model import Opinion, Side, Statement

_SURE = 0.8
"""Chance from which a model's reading of the wording goes before the days: a copy can be older than its words."""
_LEANING = 0.5
_LOOKED = re.compile(
    r"(?:as of|since|measured|verified|checked|confirmed|updated|tested|seen|stand(?: vom)?|seit|depuis|desde|截至)"
    r"\W+(?:on\W+|am\W+)?\Z",
    re.IGNORECASE,
)
_BEFORE = 24
"""Characters before a day that are looked at for what it is the day of."""
_DONE = frozenset(
    "done fixed resolved merged shipped released landed completed finished removed deployed".split()
)
"""What comes of what was open: there is no way back but to something new."""


def newer(a: Statement, b: Statement, opinion: Opinion | None = None) -> Side | None:
    """Return the newer side; None where neither words nor days say so."""
    return (
        _by_opinion(opinion, _SURE)
        or _by_words(a, b, lambda text: len(looks_back(text)))
        or _by_words(a, b, lambda text: values(text).changes)
        or _later(_looked(a.text), _looked(b.text))
        or _later(a.day, b.day)
        or _by_words(a, b, _finished)
        or _by_opinion(opinion, _LEANING)
    )


def _by_opinion(opinion: Opinion | None, least: float) -> Side | None:
    if opinion is None or max(opinion.newer_a, opinion.newer_b) < least:
        return None
    return "a" if opinion.newer_a > opinion.newer_b else "b"


def _by_words(a: Statement, b: Statement, count: Callable[[str], int]) -> Side | None:
    """Return the only side with words of a kind."""
    ours, theirs = count(a.text), count(b.text)
    if (ours > 0) == (theirs > 0):
        return None
    return "a" if ours else "b"


def _finished(text: str) -> int:
    return len(_DONE.intersection(WORD.findall(text.casefold())))


@remembered(1024)
def _looked(text: str) -> date | None:
    """Return the last day on which a text says that it looked: "measured on 2026-08-14"."""
    found = located(text)
    days = []
    for (start, _), (year, month, day) in found.days:
        if year and month and day and _LOOKED.search(found.text[max(0, start - _BEFORE) : start]):
            days.append(_date(year, month, day))
    return max(filter(None, days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 31st of a shorter month
        return None


def _later(ours: date | None, theirs: date | None) -> Side | None:
    if ours is None or theirs is None or ours == theirs:
        return None
    return "a" if ours > theirs else "b"
