"""Which pairs of entries a look judges: those about which there can be more to say than that both stay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.ml.memory import give_back
from kairos.ml.neighbours import Found
from kairos.ml.pairing import Partners, joined, partners
from kairos.model import Claim, Entry

Numbers = NDArray[np.int64]
Similarities = Callable[[Sequence[str], Numbers, Numbers], NDArray[np.float64]]
"""(texts, numbers of some, numbers of others) → the cosine of each two."""


class Candidates(NamedTuple):
    """Pairs of entries with a claim in each other's neighbourhood; `ids` are the entries that the pairs number, and
    `plain` tells of each of them whether its only claim is all that it says."""

    ids: Sequence[str]
    pairs: Partners
    plain: NDArray[np.bool_]


def candidates(
    claims: Sequence[Claim], texts: Sequence[str], near: Found, entries: Mapping[str, Entry]
) -> Candidates:
    """Return every pair of `entries` that has claims near each other, and all that are equal.

    `near` are the nearest of `texts`, the texts of the claims. Entries with equal digests are always paired, in a
    chain, so that many copies do not make many pairs.
    """
    ids = sorted(entries)
    number = {id_: position for position, id_ in enumerate(ids)}
    row = {text: position for position, text in enumerate(texts)}
    of_claims = _numbers(number, map(attrgetter("entry_id"), claims), len(claims))
    found = partners(of_claims, _numbers(row, map(attrgetter("embedded"), claims), len(claims)), near)
    equal = list(_equal(entries))
    one, other = (_numbers(number, map(itemgetter(side), equal), len(equal)) for side in (0, 1))
    pairs = joined(found, one, other)
    give_back()
    plain = np.bincount(of_claims, minlength=len(ids)) == 1
    for alone in map(claims.__getitem__, np.flatnonzero(plain[of_claims]).tolist()):
        if alone.embedded != entries[alone.entry_id].text:
            plain[number[alone.entry_id]] = False
    return Candidates(ids, pairs, plain)


def whole_cosines(
    found: Candidates, entries: Mapping[str, Entry], similarities: Similarities
) -> NDArray[np.float64]:
    """Return the cosines of the whole entries of each pair: of two plain ones, that of their claims."""
    a, b, scores = found.pairs
    cosines = scores.copy()
    # What was joined because its words are equal has no cosine of its own.
    open_ = np.flatnonzero(~(found.plain[a] & found.plain[b]) | (scores >= 1))
    cosines[open_] = similarities([entries[id_].text for id_ in found.ids], a[open_], b[open_])
    return cosines


def _equal(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    count = Counter(map(attrgetter("digest"), entries.values()))
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries.values():
        if count[entry.digest] > 1:
            groups[entry.digest].append(entry.id)
    for group in groups.values():
        yield from pairwise(sorted(group))


def _numbers(number: Mapping[str, int], names: Iterable[str], count: int) -> Numbers:
    return np.fromiter(map(number.__getitem__, names), dtype=np.int64, count=count)
