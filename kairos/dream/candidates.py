"""Which pairs of entries a look judges: those about which there can be more to say than that both stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, repeat
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
    """Pairs of entries with a claim in each other's neighbourhood; `ids` are the entries that the pairs number, `texts`
    what they say, and `plain` tells of each of them whether its only claim is all that."""

    ids: Sequence[str]
    texts: Sequence[str]
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
    whole = [entries[id_].text for id_ in ids]
    number, row = (dict(zip(names, range(len(names)), strict=True)) for names in (ids, texts))
    of_claims = _numbers(number, map(attrgetter("entry_id"), claims), len(claims))
    of_texts = _numbers(row, map(attrgetter("embedded"), claims), len(claims))
    found = partners(of_claims, of_texts, near)
    equal = list(_equal(entries))
    one, other = (_numbers(number, map(itemgetter(side), equal), len(equal)) for side in (0, 1))
    pairs = joined(found, one, other)
    give_back()
    plain = np.bincount(of_claims, minlength=len(ids)) == 1
    says = np.fromiter(map(row.get, whole, repeat(-1)), dtype=np.int64, count=len(whole))
    plain[of_claims[of_texts != says[of_claims]]] = False
    return Candidates(ids, whole, pairs, plain)


def whole_cosines(found: Candidates, similarities: Similarities) -> NDArray[np.float64]:
    """Return the cosines of the whole entries of each pair: of two plain ones, that of their claims."""
    a, b, scores = found.pairs
    cosines = scores.copy()
    # What was joined because its words are equal has no cosine of its own.
    open_ = np.flatnonzero(~(found.plain[a] & found.plain[b]) | (scores >= 1))
    cosines[open_] = similarities(found.texts, a[open_], b[open_])
    return cosines


def _equal(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    digests = list(map(attrgetter("digest"), entries.values()))
    groups: dict[str, list[str]] = {digest: [] for digest, count in Counter(digests).items() if count > 1}
    for id_, digest in zip(entries, digests, strict=True):
        if digest in groups:
            groups[digest].append(id_)
    for group in groups.values():
        yield from pairwise(sorted(group))


def _numbers(number: Mapping[str, int], names: Iterable[str], count: int) -> Numbers:
    return np.fromiter(map(number.__getitem__, names), dtype=np.int64, count=count)
