"""Texts of which one says "before" and the other "after" the same thing: before the deploy, after the deploy."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.core.text.caching import cached
from kairos.core.text.words import WORD, stem

_BEFORE = frozenset("before vor avant antes перед".split())
_AFTER = frozenset("after nach après tras después depois после".split())
_FILLERS = frozenset(
    "the a an each every any our your my dem der den die das jedem jeder le la les l un une chaque el los las del de o "
    "os as do da dos um uma cada to".split()
)
"""Words that may stand between "before" or "after" and the word that it is about."""
_REACH = 4
"""How many words after "before" or "after" are searched for the word that it is about."""
_REVERSING = frozenset(
    "not no never without only until unless t nicht kein nie erst nur ohne pas jamais sans nunca sin não sem не "
    "без".split()
)
"""Words that can turn "before" into "after" and the reverse: "not before", "only after"."""
_Side = tuple[str, bool]
"""The stem of a word, and whether the text says "after" it."""


def before_versus_after(a: str, b: str) -> bool:
    """Whether one text says "before" and the other "after" the same thing, and no negation could reverse either."""
    ours, theirs = _sides(a), _sides(b)
    return any((word, not after) in theirs and (word, after) not in theirs for word, after in ours)


@cached(8192)
def _sides(text: str) -> frozenset[_Side]:
    words = WORD.findall(text.casefold())
    return frozenset() if not _REVERSING.isdisjoint(words) else frozenset(_sides_in(words))


def _sides_in(words: list[str]) -> Iterator[_Side]:
    for at, word in enumerate(words):
        if word in _BEFORE or word in _AFTER:
            about = next((other for other in words[at + 1 : at + 1 + _REACH] if other not in _FILLERS), None)
            if about is not None:
                yield stem(about), word in _AFTER
