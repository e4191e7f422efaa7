"""Positions of the pairs worth judging: those of an earlier look are reused wherever they still hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.core.judgement.pair_context import CODE_OF, CONTEXTS, PairContext, min_cosine
from kairos.dream.candidates import Candidates
from kairos.dream.kept_codec import PairPosition
from kairos.dream.kept_verdicts import KeptVerdicts, Side
from kairos.ml.arrays import Flags, Numbers, Scores
from kairos.ml.pairing import nearness
from kairos.model import JudgedPair, Judgement

_MAYBE_EQUAL = 0.95
"""Two claims with at least this cosine may be the same word for word."""
_PLACE_BITS = 0b111000
"""The bits of a context's code that follow from the places of a pair (`different_things`, `comparable`, `composed`).

The other bits say how near the two are.
"""
_MIN_COSINE = np.array([min_cosine(context) for context in CONTEXTS])

Objects = NDArray[np.object_]
PositionOf = Callable[[str, str, PairContext], PairPosition]
"""(id, other id, how near they are) → the position of the pair."""


class PositionedPairs(NamedTuple):
    """Pairs and their contexts as parallel arrays, in order.

    `a` and `b` are numbers of ids, `codes` the codes of the contexts, and `judged` the judged pairs, None where there
    is none yet.
    """

    a: Numbers
    b: Numbers
    codes: Numbers
    judged: Objects

    def only(self, some: Numbers | Flags) -> PositionedPairs:
        """Return a selection of the pairs, by indices or a mask."""
        return PositionedPairs(self.a[some], self.b[some], self.codes[some], self.judged[some])


@dataclass(frozen=True, slots=True)
class PairsToJudge:
    """The pairs that a look found worth judging, numbered by `ids`; `files` has the sha256 of the file of each id.

    `fresh` are the indices of pairs that were not in this position before.
    """

    ids: Sequence[str]
    files: Sequence[str]
    pairs: PositionedPairs
    fresh: Numbers

    def __iter__(self) -> Iterator[PairPosition]:
        """Iterate over the positions of the pairs."""
        return self._positions(self.pairs)

    def new(self) -> Iterator[PairPosition]:
        """Return the positions of the fresh pairs."""
        return self._positions(self.pairs.only(self.fresh))

    def verdicts(self) -> dict[PairPosition, Judgement]:
        """Return the verdicts on all pairs by their positions, once `judged` has returned them."""
        return {where: pair.judgement for where, pair in zip(self, self.pairs.judged.tolist(), strict=True)}

    def among(self, ids: Sequence[str], changed: Collection[str]) -> PositionedPairs:
        """Return the pairs whose ids are both among `ids` and not `changed`, renumbered by `ids`."""
        number = dict(zip(ids, range(len(ids)), strict=True))
        for id_ in changed:
            number.pop(id_, None)
        now = np.fromiter(map(number.get, self.ids, repeat(-1)), dtype=np.int64, count=len(self.ids))
        pairs = self.pairs._replace(a=now[self.pairs.a], b=now[self.pairs.b])
        return pairs.only((pairs.a >= 0) & (pairs.b >= 0))

    def judged(self, verdict_on: Callable[[PairPosition], Judgement]) -> list[JudgedPair]:
        """Return the pairs with their verdicts; `verdict_on` has those on fresh pairs."""
        for row, position in zip(self.fresh.tolist(), self.new(), strict=True):
            self.pairs.judged[row] = JudgedPair(position.a, position.b, verdict_on(position))
        return list(self.pairs.judged.tolist())

    def _positions(self, pairs: PositionedPairs) -> Iterator[PairPosition]:
        a, b = pairs.a.tolist(), pairs.b.tolist()
        id_of, file_of = self.ids.__getitem__, self.files.__getitem__
        contexts = map(CONTEXTS.__getitem__, pairs.codes.tolist())
        return map(PairPosition, map(id_of, a), map(id_of, b), map(file_of, a), map(file_of, b), contexts)


def still_positioned(
    verdicts: KeptVerdicts, ids: Sequence[str], places: Mapping[Side, int]
) -> PositionedPairs:
    """Return the pairs that are still where they were, since both of their files are unchanged.

    `places` maps each of `ids` that stands in an unchanged file, with the sha256 of that file, to its number.
    """
    one, other = verdicts.numbered(places.get)
    stays = np.flatnonzero((one >= 0) & (other >= 0))
    stays = stays[np.lexsort((other[stays], one[stays]))]
    a, b = one[stays], other[stays]
    sides = (map(ids.__getitem__, side.tolist()) for side in (a, b))
    judgements = map(verdicts.judgements.__getitem__, verdicts.columns.judgements[stays].tolist())
    return PositionedPairs(
        a, b, verdicts.columns.codes[stays], _object_array(map(JudgedPair, *sides, judgements))
    )


def pairs_to_judge(
    found: Candidates,
    cosines: Scores,
    files: Sequence[str],
    position_of: PositionOf,
    before: PositionedPairs | None = None,
) -> PairsToJudge:
    """Return the pairs worth judging, which could come to more than both entries staying, with their positions.

    `cosines` are those of the whole entries, `files` the sha256 of the file of each entry. `position_of` completes a
    context with what follows from the places of the two entries; for pairs in `before` that is reused, and only how
    near they are is updated.
    """
    near = nearness(found.pairs, cosines, found.originals)
    maybe_equal = found.pairs.scores >= _MAYBE_EQUAL
    ranks = near.nearest | near.mutual.astype(np.int64) << 1 | near.lonely.astype(np.int64) << 2
    chosen = np.flatnonzero(maybe_equal | (cosines >= _MIN_COSINE[ranks]))
    a, b, codes = found.pairs.a[chosen], found.pairs.b[chosen], ranks[chosen]
    judged = np.full(len(chosen), None, dtype=np.object_)
    is_fresh, is_new = np.ones((2, len(chosen)), dtype=bool)
    if before is not None:
        known, row = _matched(before, a, b, len(found.ids))
        judged[known] = before.judged[row]
        codes[known] |= before.codes[row] & _PLACE_BITS
        is_new[known], is_fresh[known] = False, codes[known] != before.codes[row]
        judged[is_fresh] = None
    for number in np.flatnonzero(is_new).tolist():
        position = position_of(found.ids[a[number]], found.ids[b[number]], CONTEXTS[codes[number]])
        codes[number] = CODE_OF[position.context]
    is_worth = maybe_equal[chosen] | (cosines[chosen] >= _MIN_COSINE[codes])
    pairs = PositionedPairs(a, b, codes, judged).only(is_worth)
    return PairsToJudge(found.ids, files, pairs, np.flatnonzero(is_fresh[is_worth]))


def _matched(before: PositionedPairs, a: Numbers, b: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return the indices of the pairs (`a`, `b`) that are in `before`, and the row of each there.

    `count` is the number of ids.
    """
    old, pairs = before.a * count + before.b, a * count + b
    row = np.searchsorted(old, pairs, side="right") - 1
    known = np.flatnonzero(row >= 0)
    known = known[old[row[known]] == pairs[known]]
    return known, row[known]


def _object_array(values: Iterable[object]) -> Objects:
    found = list(values)
    made = np.empty(len(found), dtype=np.object_)
    made[:] = found
    return made
