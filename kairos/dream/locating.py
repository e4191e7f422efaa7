"""Where the pairs of a look stand that are worth judging: found anew only where no look before saw them so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.core.judgement.pair_context import PairContext, enough, shared
from kairos.dream.candidates import Candidates
from kairos.dream.written import Where
from kairos.ml.pairing import lonely, nearest
from kairos.model import JudgedPair, Judgement

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
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]
Objects = NDArray[np.object_]
Place = Callable[[str, str, PairContext], Where]
"""(id, other id, how near they are) → where the two stand."""


class Standing(NamedTuple):
    """Where pairs stand, in order: as numbers of ids, with the numbers of their contexts; and the pairs as they were
    `judged` there, None where that is not told yet."""

    a: Numbers
    b: Numbers
    codes: Codes
    wheres: Objects
    judged: Objects

    def only(self, some: Numbers | Flags) -> Standing:
        """Return the same of some pairs."""
        return Standing(self.a[some], self.b[some], self.codes[some], self.wheres[some], self.judged[some])


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
        now = np.fromiter(map(number.get, self.ids, repeat(-1)), dtype=np.int64, count=len(self.ids))
        pairs = self.pairs._replace(a=now[self.pairs.a], b=now[self.pairs.b])
        return pairs.only((pairs.a >= 0) & (pairs.b >= 0))

    def judged(self, verdicts: Mapping[Where, Judgement]) -> list[JudgedPair]:
        """Return the pairs with their verdicts."""
        for at, (where, pair) in enumerate(zip(self, self.pairs.judged.tolist(), strict=True)):
            if pair is None:
                self.pairs.judged[at] = JudgedPair(where.a, where.b, verdicts[where])
        return list(self.pairs.judged.tolist())


def standing(wheres: Iterable[Where], places: Mapping[str, tuple[int, str]]) -> Standing:
    """Return where pairs still stand: those whose files are as they were; `places` are, by id, the numbers of the
    entries of these, and the sha256 of their files."""
    stays: list[Where] = []
    sides: tuple[list[int], list[int]] = [], []
    for where in wheres:
        one, other = places.get(where.a), places.get(where.b)
        if one is not None and other is not None and one[1] == where.file_a and other[1] == where.file_b:
            stays.append(where)
            sides[0].append(one[0])
            sides[1].append(other[0])
    ones, others = np.array(sides, dtype=np.int64)
    codes = np.fromiter((_CODE[where.context] for where in stays), dtype=np.int8, count=len(stays))
    found = Standing(ones, others, codes, _objects(stays), _objects([None] * len(stays)))
    return found.only(np.lexsort((others, ones)))


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
    wheres, judged = np.full((2, len(at)), None, dtype=np.object_)
    is_fresh = np.ones(len(at), dtype=bool)
    if before is not None:
        known, row = _known(before, a, b, len(found.ids))
        wheres[known], judged[known] = before.wheres[row], before.judged[row]
        codes[known] |= before.codes[row] & _PLACES
        is_fresh[known] = codes[known] != before.codes[row]
        judged[is_fresh] = None
    for position in np.flatnonzero(is_fresh).tolist():
        where, context = wheres[position], _CONTEXTS[codes[position]]
        if where is None:
            where = place(found.ids[a[position]], found.ids[b[position]], context)
            codes[position] = _CODE[where.context]
        else:
            where = where._replace(context=context)
        wheres[position] = where
    worth = maybe_equal[at] | (cosines[at] >= _ENOUGH[codes])
    pairs = Standing(a, b, codes, wheres, judged).only(worth)
    return Located(found.ids, pairs, np.flatnonzero(is_fresh[worth]))


def _known(before: Standing, a: Numbers, b: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return which of some pairs of `count` ids stood somewhere before, and the row of each of these there."""
    old, pairs = before.a * count + before.b, a * count + b
    row = np.searchsorted(old, pairs, side="right") - 1
    known = np.flatnonzero(row >= 0)
    known = known[old[row[known]] == pairs[known]]
    return known, row[known]


def _objects(values: Sequence[object]) -> Objects:
    made = np.empty(len(values), dtype=np.object_)
    made[:] = values
    return made
