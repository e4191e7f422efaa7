"""Marks each character of a pair of texts by how it relates to the other text: shared, own, or part of a value.

A small model reads digits and names badly because its tokenizer cuts them to pieces. The marks tell it what the values
tier knows, so that it need not learn that 90 min is 1.5 h; see `kairos.ml.pair_encoding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from kairos.core.dates.written_days import WEEKDAYS
from kairos.core.text.caching import cached
from kairos.core.text.phrases import Span, change_phrases, negations
from kairos.core.text.words import STOP_WORDS, WIDE, WORD, stem
from kairos.core.values.missing import missing_days, missing_identifiers, missing_quantities
from kairos.core.values.values import Values, located_values, values


class Mark(IntEnum):
    """What a character belongs to. The numbers are input of a trained model: never renumber them."""

    PLAIN = 0  # stop words, punctuation, whitespace
    SHARED = 1  # a word that the other text has too
    OWN = 2  # a word that the other text lacks
    VALUE_SHARED = 3  # a number, day or identifier that the other text has too, in whatever spelling
    VALUE_OWN = 4
    NEGATION = 5
    CHANGE = 6  # "no longer", "since", "instead of"


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in its normal form, with one mark (one byte) per character."""

    text: str
    marks: bytes


def marked(a: str, b: str) -> tuple[Marked, Marked]:
    """Mark both texts of a pair."""
    return _marked(a, b), _marked(b, a)


def _marked(text: str, other: str) -> Marked:
    found, theirs = located_values(text), values(other)
    marks = bytearray(len(found.text))
    for (start, end), mark in (*_word_marks(found.text, other), *_value_marks(text, theirs, other)):
        marks[start:end] = bytes((mark,)) * (end - start)
    return Marked(found.text, bytes(marks))


def _word_marks(text: str, other: str) -> Iterator[tuple[Span, Mark]]:
    known = _vocabulary(other)
    for span, word in _stems_with_spans(text):
        yield span, Mark.SHARED if word in known else Mark.OWN
    yield from ((span, Mark.CHANGE) for span in change_phrases(text))
    yield from ((span, Mark.NEGATION) for span in negations(text))


@cached(8192)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(word for _, word in _stems_with_spans(located_values(text).text))


@cached(8192)
def _stems_with_spans(text: str) -> tuple[tuple[Span, str], ...]:
    """Return the stems of a text's words with their spans, without stop words."""
    return tuple((span, stem(word)) for span, word in _words_with_spans(text) if word not in STOP_WORDS)


@cached(8192)
def _words_with_spans(text: str) -> tuple[tuple[Span, str], ...]:
    """Return the case-folded words of a text with their spans; words with CJK letters are split into characters."""
    return tuple(
        (span, text[slice(*span)].casefold())
        for match in WORD.finditer(text)
        for span in _pieces(match.span(), match.group())
    )


def _pieces(span: Span, word: str) -> Iterable[Span]:
    if WIDE.search(word) is None:
        return (span,)
    return ((at, at + 1) for at in range(*span))


def _value_marks(text: str, theirs: Values, other: str) -> Iterator[tuple[Span, Mark]]:
    """Yield the spans of all values of `text` with their marks; where spans overlap, the last one wins."""
    found, mine = located_values(text), values(text)
    lacking = {quantity.span for quantity in missing_quantities(mine, theirs)}
    for quantity in found.quantities:
        yield quantity.span, Mark.VALUE_OWN if quantity.span in lacking else Mark.VALUE_SHARED
    absent = frozenset(missing_identifiers(mine.identifiers, theirs, other))
    for span, name in found.identifiers:
        yield span, Mark.VALUE_OWN if name in absent else Mark.VALUE_SHARED
    days = frozenset(missing_days(mine, theirs))
    for span, day in found.days:
        yield span, Mark.VALUE_OWN if day in days else Mark.VALUE_SHARED
    for span, word in _words_with_spans(found.text):
        if word in WEEKDAYS:
            yield span, Mark.VALUE_SHARED if WEEKDAYS[word] in theirs.weekdays else Mark.VALUE_OWN
