"""Where the pairs of a look stand that are worth judging: found anew only where no look before saw them so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.core.pair_context import PairContext, enough, shared
from kairos.dream.candidates import Candidates
from kairos.dream.written import Where
from kairos.ml.pairing import lonely, nearest

_MAYBE_EQUAL = 0.95
"""Cosine of two claims from which they may be word for word the same."""
_CONTEXTS = tuple(
    shared(PairContext(is_near, is_mutual, composed, free, apart, lonely=is_lonely))
    for apart, free, composed, is_lonely, is_mutual, is_near in product((False, True), repeat=6)
)
_CODE = {context: code for code, context in enumerate(_CONTEXTS)}
_PLACES = 0b111000
"""The bits of the number of a context that the places of a pair tell; the others tell how near it is."""
_ENOUGH = np.array([enough(context) for context in _CONTEXTS])

Numbers = NDArray[np.int64]
Codes = NDArray[np.int8]
Objects = NDArray[np.object_]
Place = Callable[[str, str, PairContext], Where]
"""(id, other id, how near they are) → where the two stand."""


class Standing(NamedTuple):
    """Where pairs stand, in order: as numbers of ids, with the numbers of their contexts."""

    a: Numbers
    b: Numbers
    codes: Codes
    wheres: Objects


@dataclass(frozen=True, slots=True)
class Located:
    """The pairs of `ids` that a look found worth judging, in order, and where they stand. `fresh` are those that did
    not stand so before."""

    ids: Sequence[str]
    pairs: Standing
    fresh: Numbers

    def __iter__(self) -> Iterator[Where]:
        """Yield where the pairs stand."""
        return iter(self.pairs.wheres.tolist())

    def new(self) -> Iterator[Where]:
        """Yield the same, of pairs that did not stand so before."""
        return iter(self.pairs.wheres[self.fresh].tolist())

    def among(self, ids: Sequence[str], changed: Collection[str]) -> Standing:
        """Return where pairs of other ids stand as they did, as numbers of those; without the `changed`."""
        number = dict(zip(ids, range(len(ids)), strict=True))
        for id_ in changed:
            number.pop(id_, None)
        now = _numbers(number, self.ids, len(self.ids))
        a, b, codes, wheres = self.pairs
        a, b = now[a], now[b]
        stays = (a >= 0) & (b >= 0)
        return Standing(a[stays], b[stays], codes[stays], wheres[stays])


def standing(wheres: Iterable[Where], ids: Sequence[str], files: Mapping[str, str]) -> Standing:
    """Return where pairs still stand, as numbers of `ids`: those whose files are as they were; `files` are the sha256
    of these, by the ids of their entries."""
    stays = [one for one in wheres if files.get(one.a) == one.file_a and files.get(one.b) == one.file_b]
    number = dict(zip(ids, range(len(ids)), strict=True))
    ones, others = (_numbers(number, map(attrgetter(side), stays), len(stays)) for side in ("a", "b"))
    codes = np.fromiter((_CODE[where.context] for where in stays), dtype=np.int8, count=len(stays))
    order = np.lexsort((others, ones))
    order = order[(ones[order] >= 0) & (others[order] >= 0)]
    return Standing(ones[order], others[order], codes[order], _objects(stays)[order])


def located(
    found: Candidates, cosines: NDArray[np.float64], place: Place, before: Standing | None = None
) -> Located:
    """Return where the pairs stand that are worth judging: those of which more can come than that both stay.

    `cosines` are those of the whole entries; `place` adds what the places of two entries tell. What stood somewhere
    `before` stands there, as near as it is now.
    """
    near, mutual = nearest(found.pairs, cosines)
    maybe_equal = found.pairs.scores >= _MAYBE_EQUAL
    nearness = (near | mutual << 1 | lonely(found.pairs, cosines) << 2).astype(np.int8)
    at = np.flatnonzero(maybe_equal | (cosines >= _ENOUGH[nearness]))
    a, b, codes = found.pairs.a[at], found.pairs.b[at], nearness[at]
    wheres, is_fresh = _objects([None] * len(at)), np.ones(len(at), dtype=bool)
    if before is not None:
        known, row = _known(before, a, b, len(found.ids))
        wheres[known] = before.wheres[row]
        codes[known] |= before.codes[row] & _PLACES
        is_fresh[known] = codes[known] != before.codes[row]
    for position in np.flatnonzero(is_fresh).tolist():
        where, context = wheres[position], _CONTEXTS[codes[position]]
        if where is None:
            where = place(found.ids[a[position]], found.ids[b[position]], context)
            codes[position] = _CODE[where.context]
        else:
            where = where._replace(context=context)
        wheres[position] = where
    worth = maybe_equal[at] | (cosines[at] >= _ENOUGH[codes])
    pairs = Standing(a[worth], b[worth], codes[worth], wheres[worth])
    return Located(found.ids, pairs, np.flatnonzero(is_fresh[worth]))


def _known(before: Standing, a: Numbers, b: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return which of some pairs of `count` ids stood somewhere before, and the row of each of these there."""
    old, pairs = before.a * count + before.b, a * count + b
    row = np.searchsorted(old, pairs, side="right") - 1
    known = np.flatnonzero(row >= 0)
    known = known[old[row[known]] == pairs[known]]
    return known, row[known]


def _numbers(number: Mapping[str, int], ids: Iterable[str], count: int) -> Numbers:
    """Return the number of each id, −1 for one that has none."""
    return np.fromiter(map(number.get, ids, repeat(-1)), dtype=np.int64, count=count)


def _objects(values: Sequence[object]) -> Objects:
    made = np.empty(len(values), dtype=np.object_)
    made[:] = values
    return made
