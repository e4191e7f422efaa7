"""Where the pairs of a look stand that are worth judging: found anew only where a look before did not see them so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kairos.core.pair_context import PairContext, can_matter, shared
from kairos.dream.candidates import Candidates
from kairos.dream.written import Where
from kairos.ml.pairing import lonely, nearest

_MAYBE_EQUAL = 0.95
"""Cosine of two claims from which they may be word for word the same."""

Numbers = NDArray[np.int64]
Place = Callable[[str, str, PairContext], Where]
"""(id, other id, how near they are) → where the two stand."""


@dataclass(frozen=True, slots=True)
class Located:
    """The pairs that were looked at, in order, as numbers of `ids`: how near each is among all others (`traits`, bits),
    its cosine, and where it stands (`wheres`, objects; None for what is not worth judging). `fresh` are the places that
    were found anew."""

    ids: Sequence[str]
    a: Numbers
    b: Numbers
    traits: NDArray[np.int8]
    cosines: NDArray[np.float64]
    wheres: NDArray[np.object_]
    fresh: Numbers

    def __iter__(self) -> Iterator[Where]:
        """Yield where the pairs stand that are worth judging."""
        return (where for where in self.wheres.tolist() if where is not None)

    def new(self) -> Iterator[Where]:
        """Yield the same, of pairs that were found anew."""
        return (where for where in self.wheres[self.fresh].tolist() if where is not None)


def located(
    found: Candidates,
    cosines: NDArray[np.float64],
    place: Place,
    before: Located | None = None,
    changed: Collection[str] = (),
) -> Located:
    """Return where the pairs stand that are worth judging.

    `cosines` are those of the whole entries; `place` adds what the places of two entries tell. A pair that was as near
    `before` stands where it stood, unless one of its ids is among the `changed`.
    """
    near, mutual = nearest(found.pairs, cosines)
    maybe_equal = found.pairs.scores >= _MAYBE_EQUAL
    traits = near | mutual << 1 | lonely(found.pairs, cosines) << 2 | maybe_equal << 3
    at = np.flatnonzero(near | maybe_equal)
    columns = found.pairs.a[at], found.pairs.b[at], traits[at].astype(np.int8), cosines[at]
    wheres = np.full(len(at), None, dtype=np.object_)
    is_known = np.zeros(len(at), dtype=bool)
    if before is not None:
        row, is_known = _as_before(found.ids, columns, before, changed)
        wheres[is_known] = before.wheres[row[is_known]]
    fresh = np.flatnonzero(~is_known)
    for position, where in zip(fresh.tolist(), _placed(found.ids, columns, fresh, place), strict=True):
        wheres[position] = where
    return Located(found.ids, *columns, wheres, fresh)


Columns = tuple[Numbers, Numbers, NDArray[np.int8], NDArray[np.float64]]


def _as_before(
    ids: Sequence[str], columns: Columns, before: Located, changed: Collection[str]
) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return for each pair a row of those before, and whether it is that pair, which is as near as it was."""
    number = {id_: position for position, id_ in enumerate(ids) if id_ not in changed}
    now = np.fromiter((number.get(id_, -1) for id_ in before.ids), dtype=np.int64, count=len(before.ids))
    a, b, traits, cosines = columns
    old_a, old_b = now[before.a], now[before.b]
    stays = np.flatnonzero((old_a >= 0) & (old_b >= 0))
    old = old_a[stays] * len(ids) + old_b[stays]  # in order, since ids are
    pairs = a * len(ids) + b
    if not len(old):
        return np.zeros(len(pairs), dtype=np.int64), np.zeros(len(pairs), dtype=bool)
    place = np.minimum(np.searchsorted(old, pairs), len(old) - 1)
    row = stays[place]
    same = (old[place] == pairs) & (before.traits[row] == traits) & (before.cosines[row] == cosines)
    return row, same


def _placed(ids: Sequence[str], columns: Columns, at: Numbers, place: Place) -> Iterator[Where | None]:
    contexts = [  # few, for many pairs: by the bits of their traits
        shared(PairContext(is_near, is_mutual, lonely=is_lonely))
        for is_lonely, is_mutual, is_near in product((False, True), repeat=3)
    ]
    for a, b, traits, cosine in zip(*(column[at].tolist() for column in columns), strict=True):
        context, is_equal = contexts[traits & 7], traits >= 8
        where = place(ids[a], ids[b], context) if is_equal or can_matter(context, cosine) else None
        yield where if where and (is_equal or can_matter(where.context, cosine)) else None
