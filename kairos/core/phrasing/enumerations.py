"""Lists inside a sentence that differ in an item: "lint, tests and build" and "lint, tests and deploy".

A list claims to be complete, so if one has fewer items it is unclear which of the two holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairos.core.text.caching import cached
from kairos.core.text.words import stem

_END = re.compile(r"[.;:!?](?=\s|$)|[()\n]|\s[–—-]\s")
_CONJUNCTIONS = frozenset("and or und oder et ou y o e и или &".split())
_MAX_ITEM_WORDS = 3
"""The most words that an item may have: anything longer is a clause."""
_MIN_ITEMS = 3
"""How many items the longer list needs to count as a list rather than as two things that go together."""


def enumerated_apart(a: str, b: str) -> bool:
    """Whether each of two texts has exactly one list, and these lists differ but are nearly the same.

    They share at least two items, and all items of the shorter one but one at most.
    """
    ours, theirs = _items(a), _items(b)
    if max(len(ours), len(theirs)) < _MIN_ITEMS or ours == theirs:
        return False
    common = len(ours & theirs)
    return common >= _MIN_ITEMS - 1 and common >= min(len(ours), len(theirs)) - 1


@cached(8192)
def _items(text: str) -> frozenset[str]:
    """Return the stems of the last words of the items of a text's only list; empty if it has none, or several."""
    found = [items for clause in _END.split(text.casefold()) if (items := _items_of_clause(clause))]
    return frozenset(stem(item[-1].strip("`")) for item in found[0]) if len(found) == 1 else frozenset()


def _items_of_clause(clause: str) -> list[Sequence[str]]:
    """Return the items of the list that ends a clause; of the first one only the last word, the rest leads up to it."""
    first, *others = (part.split() for part in clause.split(","))
    *between, last = others or [first]
    at = [number for number, word in enumerate(last) if word in _CONJUNCTIONS]
    if len(at) != 1 or not last[at[0] + 1 :] or not first:
        return []
    before, behind = last[: at[0]], last[at[0] + 1 :]
    if not others:
        before, first = [], before[-1:]
    items = [*between, *filter(None, [before]), behind]
    if not first or not all(0 < len(item) <= _MAX_ITEM_WORDS for item in items):
        return []
    return [first[-1:], *items]
