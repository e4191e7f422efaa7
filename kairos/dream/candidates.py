"""Which pairs of entries a look judges: those about which there can be more to say than that both stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.dream.numbered import Numbered, Numbers
from kairos.ml.memory import give_back
from kairos.ml.neighbours import Found
from kairos.ml.pairing import Partners, joined, partners

Similarities = Callable[[Sequence[str], Numbers, Numbers], NDArray[np.float64]]
"""(texts, numbers of some, numbers of others) → the cosine of each two."""


class Candidates(NamedTuple):
    """Pairs of entries with a claim in each other's neighbourhood; `ids` are the entries that the pairs number, `texts`
    what they say, and `plain` tells of each of them whether its only claim is all that."""

    ids: Sequence[str]
    texts: Sequence[str]
    pairs: Partners
    plain: NDArray[np.bool_]


def candidates(numbered: Numbered, near: Found) -> Candidates:
    """Return every pair of entries that has claims near each other, and all that are equal.

    `near` are the nearest of the texts of the claims. Entries with equal digests are always paired, in a chain, so that
    many copies do not make many pairs.
    """
    found = partners(numbered.of_claims, numbered.of_texts, near)
    pairs = joined(found, *_equal(numbered.digests))
    give_back()
    return Candidates(numbered.ids, numbered.whole, pairs, numbered.plain)


def whole_cosines(found: Candidates, similarities: Similarities) -> NDArray[np.float64]:
    """Return the cosines of the whole entries of each pair: of two plain ones, that of their claims."""
    a, b, scores = found.pairs
    cosines = scores.copy()
    # What was joined because its words are equal has no cosine of its own.
    open_ = np.flatnonzero(~(found.plain[a] & found.plain[b]) | (scores >= 1))
    cosines[open_] = similarities(found.texts, a[open_], b[open_])
    return cosines


def _equal(digests: Sequence[str]) -> tuple[Numbers, Numbers]:
    groups: dict[str, list[int]] = {digest: [] for digest, count in Counter(digests).items() if count > 1}
    for number, digest in enumerate(digests):
        if digest in groups:
            groups[digest].append(number)
    pairs = [pair for group in groups.values() for pair in pairwise(group)]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return one, other
