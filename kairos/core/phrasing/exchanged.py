"""Whether two texts pair the same things the other way round: "hold A, press B" and "hold B, press A"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from kairos.core.phrasing.arrangement import CLAUSE, MAX_CLAUSES
from kairos.core.text.caching import cached
from kairos.core.text.synonyms import meanings, meanings_in_order

_STEP = re.compile(
    r"(?<!\w)(?:then|afterwards|dann|danach|anschließend|während|puis|ensuite|mais|luego|después|pero|mientras|depois|então|"
    r"mas|enquanto|затем|потом|и|а|но|пока)(?!\w)",
    re.IGNORECASE,
)
"""More words between two clauses: where the next step begins, with or without a comma, and what joins it elsewhere."""
_PRONOUNS = meanings("them him me us one ones sie ihn ihm ihnen les leur lui lo los las ellos eles их его её")
"""Words that stand for something else in each clause: "wash the shirt, dry it"."""
_MAX_WORDS = 5
"""A longer clause says more than one thing of another: what stands in it is no pair."""


class _Place(NamedTuple):
    """The clause that a word is in, and whether it is the first or the last word there, as verbs and objects are."""

    clause: int
    is_outer: bool


def pairs_exchanged(a: str, b: str) -> bool:
    """Whether two short clauses of `a` pair four words that two clauses of `b` pair the other way round.

    Each of the words occurs once in either text. Two of them, one of either clause, begin or end their clauses.
    """
    one, other = _places(a), _places(b)
    common: dict[int, dict[int, list[bool]]] = {}
    for word in one.keys() & other.keys():
        there = common.setdefault(one[word].clause, {})
        there.setdefault(other[word].clause, []).append(one[word].is_outer and other[word].is_outer)
    return any(
        _is_exchange(first, second, x, y)
        for first, second in combinations(common.values(), 2)
        for x, y in combinations(first.keys() & second.keys(), 2)
    )


def _is_exchange(first: Mapping[int, list[bool]], second: Mapping[int, list[bool]], x: int, y: int) -> bool:
    """Whether the outer words of two clauses of one text, given by their clauses of the other, show an exchange.

    Of `first` and `second`, each has words in the clauses `x` and `y` of the other text.
    """
    return any(any(first[at]) and any(second[to]) for at, to in ((x, y), (y, x)))


@cached(8192)
def _places(text: str) -> Mapping[str, _Place]:
    """Return where the words of a text are that occur once; none if it has too many clauses, or a single one."""
    parts = [part for piece in CLAUSE.split(_STEP.sub(";", text)) if (part := meanings_in_order(piece))]
    if not 1 < len(parts) <= MAX_CLAUSES:
        return {}
    count = Counter(word for part in parts for word in part)
    return {
        word: _Place(number, at in {0, len(part) - 1})
        for number, part in enumerate(parts)
        if len(part) <= _MAX_WORDS
        for at, word in enumerate(part)
        if count[word] == 1 and word not in _PRONOUNS
    }
