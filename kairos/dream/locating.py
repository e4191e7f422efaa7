"""Positions of the pairs worth judging: those of an earlier look are reused wherever they still hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.core.judgement.pair_context import PairContext, interned, min_cosine
from kairos.dream.candidates import Candidates
from kairos.dream.kept_codec import PairPosition
from kairos.ml.arrays import Flags, Numbers, Scores
from kairos.ml.pairing import nearness
from kairos.model import JudgedPair, Judgement

_MAYBE_EQUAL = 0.95
"""Two claims with at least this cosine may be the same word for word."""
_CONTEXTS = tuple(
    interned(PairContext(is_near, is_mutual, composed, comparable, different, lonely=is_lonely))
    for different, comparable, composed, is_lonely, is_mutual, is_near in product((False, True), repeat=6)
)
_CODE_OF = {context: code for code, context in enumerate(_CONTEXTS)}
_PLACE_BITS = 0b111000
"""The bits of a context's code that follow from the places of a pair (`different_things`, `comparable`, `composed`).

The other bits say how near the two are.
"""
_MIN_COSINE = np.array([min_cosine(context) for context in _CONTEXTS])

Codes = NDArray[np.int8]
Objects = NDArray[np.object_]
PositionOf = Callable[[str, str, PairContext], PairPosition]
"""(id, other id, how near they are) → the position of the pair."""


class PositionedPairs(NamedTuple):
    """Pairs and their positions as parallel arrays, in order.

    `a` and `b` are numbers of ids, `codes` the codes of the contexts, `positions` the positions, and `judged` the
    judged pairs, None where there is none yet.
    """

    a: Numbers
    b: Numbers
    codes: Codes
    positions: Objects
    judged: Objects

    def only(self, some: Numbers | Flags) -> PositionedPairs:
        """Return a selection of the pairs, by indices or a mask."""
        return PositionedPairs(
            self.a[some], self.b[some], self.codes[some], self.positions[some], self.judged[some]
        )


@dataclass(frozen=True, slots=True)
class PairsToJudge:
    """The pairs that a look found worth judging, numbered by `ids`, with their positions.

    `fresh` are the indices of pairs that were not in this position before.
    """

    ids: Sequence[str]
    pairs: PositionedPairs
    fresh: Numbers

    def __iter__(self) -> Iterator[PairPosition]:
        """Iterate over the positions of the pairs."""
        return iter(self.pairs.positions.tolist())

    def new(self) -> Iterator[PairPosition]:
        """Return the positions of the fresh pairs."""
        return iter(self.pairs.positions[self.fresh].tolist())

    def among(self, ids: Sequence[str], changed: Collection[str]) -> PositionedPairs:
        """Return the pairs whose ids are both among `ids` and not `changed`, renumbered by `ids`."""
        number = dict(zip(ids, range(len(ids)), strict=True))
        for id_ in changed:
            number.pop(id_, None)
        now = np.fromiter(map(number.get, self.ids, repeat(-1)), dtype=np.int64, count=len(self.ids))
        pairs = self.pairs._replace(a=now[self.pairs.a], b=now[self.pairs.b])
        return pairs.only((pairs.a >= 0) & (pairs.b >= 0))

    def judged(self, verdicts: Mapping[PairPosition, Judgement]) -> list[JudgedPair]:
        """Return the pairs with their verdicts."""
        for row, (position, pair) in enumerate(zip(self, self.pairs.judged.tolist(), strict=True)):
            if pair is None:
                self.pairs.judged[row] = JudgedPair(position.a, position.b, verdicts[position])
        return list(self.pairs.judged.tolist())


def still_positioned(
    positions: Iterable[PairPosition], places: Mapping[str, tuple[int, str]]
) -> PositionedPairs:
    """Return the pairs that are still where they were, since both of their files are unchanged.

    `places` maps the ids of entries in unchanged files to (number of the entry, sha256 of its file).
    """
    stays: list[PairPosition] = []
    sides: tuple[list[int], list[int]] = [], []
    for position in positions:
        one, other = places.get(position.a), places.get(position.b)
        if (
            one is not None
            and other is not None
            and one[1] == position.file_a
            and other[1] == position.file_b
        ):
            stays.append(position)
            sides[0].append(one[0])
            sides[1].append(other[0])
    ones, others = np.array(sides, dtype=np.int64)
    codes = np.fromiter((_CODE_OF[position.context] for position in stays), dtype=np.int8, count=len(stays))
    found = PositionedPairs(ones, others, codes, _object_array(stays), _object_array([None] * len(stays)))
    return found.only(np.lexsort((others, ones)))


def pairs_to_judge(
    found: Candidates, cosines: Scores, position_of: PositionOf, before: PositionedPairs | None = None
) -> PairsToJudge:
    """Return the pairs worth judging, which could come to more than both entries staying, with their positions.

    `cosines` are those of the whole entries. `position_of` completes a context with what follows from the places of the
    two entries; for pairs in `before` that is reused, and only how near they are is updated.
    """
    near = nearness(found.pairs, cosines, found.originals)
    maybe_equal = found.pairs.scores >= _MAYBE_EQUAL
    ranks = (near.nearest | near.mutual << 1 | near.lonely << 2).astype(np.int8)
    chosen = np.flatnonzero(maybe_equal | (cosines >= _MIN_COSINE[ranks]))
    a, b, codes = found.pairs.a[chosen], found.pairs.b[chosen], ranks[chosen]
    positions, judged = np.full((2, len(chosen)), None, dtype=np.object_)
    is_fresh = np.ones(len(chosen), dtype=bool)
    if before is not None:
        known, row = _matched(before, a, b, len(found.ids))
        positions[known], judged[known] = before.positions[row], before.judged[row]
        codes[known] |= before.codes[row] & _PLACE_BITS
        is_fresh[known] = codes[known] != before.codes[row]
        judged[is_fresh] = None
    for number in np.flatnonzero(is_fresh).tolist():
        position, context = positions[number], _CONTEXTS[codes[number]]
        if position is None:
            position = position_of(found.ids[a[number]], found.ids[b[number]], context)
            codes[number] = _CODE_OF[position.context]
        else:
            position = position._replace(context=context)
        positions[number] = position
    is_worth = maybe_equal[chosen] | (cosines[chosen] >= _MIN_COSINE[codes])
    pairs = PositionedPairs(a, b, codes, positions, judged).only(is_worth)
    return PairsToJudge(found.ids, pairs, np.flatnonzero(is_fresh[is_worth]))


def _matched(before: PositionedPairs, a: Numbers, b: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return the indices of the pairs (`a`, `b`) that are in `before`, and the row of each there.

    `count` is the number of ids.
    """
    old, pairs = before.a * count + before.b, a * count + b
    row = np.searchsorted(old, pairs, side="right") - 1
    known = np.flatnonzero(row >= 0)
    known = known[old[row[known]] == pairs[known]]
    return known, row[known]


def _object_array(values: Sequence[object]) -> Objects:
    made = np.empty(len(values), dtype=np.object_)
    made[:] = values
    return made
