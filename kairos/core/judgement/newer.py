"""Which of two conflicting statements is newer, judged by what their words say about time, or else by their dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from kairos.core.text.caching import cached
from kairos.core.text.outdated import is_outdated
from kairos.core.text.phrases import references_to_past
from kairos.core.text.words import WORD
from kairos.core.values.values import located_values, values
from kairos.model import Opinion, Side, Statement

_SURE = 0.8
"""Chance from which a model's reading of the wording outranks the dates, which need not be those of the words."""
_LEANING = 0.5
"""Chance from which a model decides if neither words nor dates do."""
_CHECKED = re.compile(
    r"(?:as of|since|measured|verified|checked|confirmed|updated|tested|seen|stand(?: vom)?|seit|depuis|desde|截至)"
    r"\W+(?:on\W+|am\W+)?\Z",
    re.IGNORECASE,
)
_LOOKBACK = 24
"""How many characters before a date are searched for what the date refers to."""
_FINISHED = frozenset(
    "done fixed resolved merged shipped released landed completed finished removed deployed".split()
)
"""Words for finished work. What was open gets finished and does not reopen, so the side with such a word is newer."""


def newer(a: Statement, b: Statement, opinion: Opinion | None = None) -> Side | None:
    """Return the newer side; None if neither words nor dates tell."""
    return (
        _still_valid(a, b)
        or _by_opinion(opinion, _SURE)
        or _by_words(a, b, lambda text: len(references_to_past(text)))
        or _by_words(a, b, lambda text: values(text).changes)
        or _later_side(_last_checked(a.text), _last_checked(b.text))
        or _later_side(a.day, b.day)
        or _by_words(a, b, _count_finished)
        or _by_opinion(opinion, _LEANING)
    )


def _still_valid(a: Statement, b: Statement) -> Side | None:
    """Return the side that does not say that it is outdated, if the other one does."""
    ours, theirs = is_outdated(a.text), is_outdated(b.text)
    if ours == theirs:
        return None
    return "b" if ours else "a"


def _by_opinion(opinion: Opinion | None, least: float) -> Side | None:
    if opinion is None or max(opinion.newer_a, opinion.newer_b) < least:
        return None
    return "a" if opinion.newer_a > opinion.newer_b else "b"


def _by_words(a: Statement, b: Statement, count: Callable[[str], int]) -> Side | None:
    """Return the side for which `count` finds something, if it is only one."""
    ours, theirs = count(a.text), count(b.text)
    if (ours > 0) == (theirs > 0):
        return None
    return "a" if ours else "b"


def _count_finished(text: str) -> int:
    return len(_FINISHED.intersection(WORD.findall(text.casefold())))


@cached(1024)
def _last_checked(text: str) -> date | None:
    """Return the latest date on which a text says that its statement was checked: "measured on 2026-08-14"."""
    found = located_values(text)
    days = []
    for (start, _), (year, month, day) in found.days:
        if year and month and day and _CHECKED.search(found.text[max(0, start - _LOOKBACK) : start]):
            days.append(_date(year, month, day))
    return max(filter(None, days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # no such day, e.g. 31 June
        return None


def _later_side(ours: date | None, theirs: date | None) -> Side | None:
    if ours is None or theirs is None or ours == theirs:
        return None
    return "a" if ours > theirs else "b"
