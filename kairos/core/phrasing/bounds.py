"""Whether of two texts one gives the start of something and the other its end: "until 6 pm" is not "from 6 pm"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kairos.core.text.caching import cached
from kairos.core.text.words import STOP_WORDS, WORD, stem
from kairos.core.values.number_words import HOURS, NUMBER_WORDS

_END = frozenset("until till bis jusqu hasta até до".split())
_START = frozenset("from since ab dès desde с".split())
_TO = frozenset("to through bis à au a al hasta até до".split()) | _END
"""Words that end a range after a word that begins it: "from 6:00 to 8:30"."""
_REACH = 4
"""How many words after the one that begins a range its other end is searched for: "from 06 00 to"."""
_VALUE = "#"
_Bound = tuple[str, bool]
"""The stem of what is bounded, or `#` for any number, and whether it is an end."""


def bounds_apart(a: str, b: str) -> bool:
    """Whether one text names as an end what the other names as a start; ranges with both ends do not count, nor does a
    text that names starts and ends.

    Numbers are not told from one another: they are compared elsewhere, and "6 pm" is "18:00".
    """
    ours, theirs = _bounds(a), _bounds(b)
    if len({ends for _, ends in ours}) != 1 or len({ends for _, ends in theirs}) != 1:
        return False
    return any((what, not ends) in theirs for what, ends in ours)


@cached(8192)
def _bounds(text: str) -> frozenset[_Bound]:
    return frozenset(_bounds_in(WORD.findall(text.casefold())))


def _bounds_in(words: Sequence[str]) -> Iterator[_Bound]:
    for at, word in enumerate(words):
        if word not in _END and word not in _START:
            continue
        about = next((other for other in words[at + 1 :] if other not in STOP_WORDS), None)
        if about is None:
            continue
        if not _is_value(about):
            yield stem(about), word in _END
        elif not _is_in_range(words, at):
            yield _VALUE, word in _END


def _is_in_range(words: Sequence[str], at: int) -> bool:
    """Whether a word that names a bound stands in a range: "from 6 to 8", "6 until 8"."""
    if words[at] in _END:
        before = words[max(0, at - _REACH) : at]
        return bool(before) and (_is_value(before[-1]) or not _START.isdisjoint(before))
    behind = words[at + 1 : at + 1 + _REACH]
    return any(word in _TO and _is_value(value) for word, value in zip(behind, words[at + 2 :], strict=False))


def _is_value(word: str) -> bool:
    return word in NUMBER_WORDS or word in HOURS or any(map(str.isdigit, word))
