"""Tells what a merge would lose: the numbers, days and identifiers of the dropped text that the kept one lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from kairos.core.markdown.plain_text import normalised
from kairos.core.values.missing import missing_days, missing_identifiers, missing_quantities
from kairos.core.values.values import values
from kairos.model import Statement

_SEPARATOR = "\n;\n"
"""Separates joined texts: no date and no number spans it."""


def losses(dropped: Statement, kept: Statement) -> Iterator[str]:
    """Yield the kinds of values that `kept` lacks: "number", "day", "identifier".

    Nothing is lost if `kept` has every sentence of `dropped` word for word.
    """
    if _sentences(dropped) <= _sentences(kept) or _normalised(dropped.text) == _normalised(kept.text):
        return
    ours, theirs = values(dropped.text, dropped.code), values(kept.text, kept.code)
    if missing_quantities(ours, theirs):
        yield "number"
    if missing_days(ours, theirs):
        yield "day"
    if missing_identifiers(ours.identifiers, theirs, kept.text):
        yield "identifier"


def join_statements(statements: Sequence[Statement]) -> Statement:
    """Join several statements into one."""
    return Statement(
        _SEPARATOR.join(one.text for one in statements),
        tuple(chain.from_iterable(one.sentences for one in statements)),
        code=tuple(chain.from_iterable(one.code for one in statements)),
    )


def _sentences(statement: Statement) -> frozenset[str]:
    return frozenset(map(_normalised, statement.sentences or (statement.text,)))


def _normalised(text: str) -> str:
    return normalised(text).rstrip(".!。;；")
