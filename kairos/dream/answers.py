"""Ranks the answer to a question among all entries (or notes) of a root, by exact search over all claims.

Only whether the answer is among the first `RECALL_AT` counts, so only the nearest claims are looked at: a few for most
questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile

import numpy as np

from kairos.core.change.probes import Probe
from kairos.core.root.figures import RECALL_AT
from kairos.core.root.reading import Reading, path_of
from kairos.dream.compared import compared_claims
from kairos.dream.vectors import Matrix, Vectors
from kairos.ml.arrays import Scores
from kairos.ml.neighbours import FastNeighbours, Rows, exact_pairs
from kairos.ml.row_view import RowView

_QUESTION_BATCH = 8192
"""Questions per batch: their vectors are copied."""
_SEARCH_BATCH = 32
"""Questions per search: each needs memory proportional to the number of all texts."""
_DEPTH, _DEPTH_FACTOR = 32, 8
"""How many nearest texts of a question are looked at first, and the factor by which that grows until they suffice."""


class ClaimIndex:
    """All compared claims of a root in order; maps between their positions and the entries or notes that have them."""

    def __init__(self, reading: Reading) -> None:
        found = reading.derived(compared_claims)
        self.texts = [claim.embedded for claim in found]
        self._entries = [claim.entry_id for claim in found]  # the claims of an entry are adjacent
        self._first_position = dict(zip(reversed(self._entries), reversed(range(len(found))), strict=True))
        self._notes = reading.notes

    def answering(self, answers: Iterable[str], *, by_note: bool) -> Iterator[int]:
        """Yield the positions of all claims of some entries, or with `by_note` of the notes with these paths."""
        ids = chain.from_iterable(map(self._ids, answers)) if by_note else answers
        return chain.from_iterable(map(self._positions, ids))

    def names(self, positions: Iterable[int], *, by_note: bool) -> set[str]:
        """Return the ids of the entries with claims at some positions, or with `by_note` the paths of their notes."""
        found = (self._entries[position] for position in positions)
        return set(map(path_of, found)) if by_note else set(found)

    def _ids(self, path: str) -> Iterator[str]:
        return (entry.id for entry in self._notes[path].entries) if path in self._notes else iter(())

    def _positions(self, id_: str) -> Iterator[int]:
        first = self._first_position.get(id_, len(self._entries))
        return takewhile(lambda position: self._entries[position] == id_, range(first, len(self._entries)))


def ranks(
    vectors: Vectors, wanted: Sequence[Probe], now: ClaimIndex, later: ClaimIndex
) -> Iterator[tuple[int, int]]:
    """Yield for each probe how many entries (or notes) rank above its first answer, now and later.

    The number is at most `RECALL_AT`, which also stands for no answer at all.
    """
    vectors.add(probe.text for probe in wanted)
    rows = [vectors.rows(claim_index.texts) for claim_index in (now, later)]
    all_rows, numbers = np.unique(np.concatenate(rows), return_inverse=True)
    of_now, of_later = np.split(numbers, [len(now.texts)])
    known = vectors.at(all_rows)
    sides = _Side(now, of_now, len(all_rows)), _Side(later, of_later, len(all_rows))
    index = FastNeighbours(known, exhaustive=_QUESTION_BATCH)
    for start in range(0, len(wanted), _QUESTION_BATCH):
        batch = wanted[start : start + _QUESTION_BATCH]
        asked = vectors.matrix([probe.text for probe in batch])
        best = (
            sides[0].best(asked, known, batch, [probe.before for probe in batch]),
            sides[1].best(asked, known, batch, [probe.after for probe in batch]),
        )
        yield from _ranks(asked, index, batch, sides, best)


def _ranks(
    asked: Matrix,
    index: FastNeighbours,
    wanted: Sequence[Probe],
    sides: tuple[_Side, _Side],
    best: tuple[Scores, Scores],
) -> Iterator[tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    left, depth = list(range(len(wanted))), _DEPTH
    while left:
        # The deeper the search, the more memory each question takes.
        batch_size = max(1, min(_SEARCH_BATCH, _QUESTION_BATCH * _DEPTH // depth))
        for start in range(0, len(left), batch_size):
            batch = left[start : start + batch_size]
            near = index.search(asked[batch], depth)
            for at, scores, rows in zip(batch, *near, strict=True):
                now, later = (
                    side.rank(scores, rows, own[at], by_note=wanted[at].by_note)
                    for side, own in zip(sides, best, strict=True)
                )
                if now is not None and later is not None:
                    found[at] = now, later
        left, depth = [at for at in left if at not in found], depth * _DEPTH_FACTOR
    return (found[at] for at in range(len(wanted)))


class _Side:
    """The claims of one root, with their texts as row numbers among the texts of both, which are `row_count` in
    number."""

    def __init__(self, claim_index: ClaimIndex, texts: Rows, row_count: int) -> None:
        self._claim_index, self._rows, self._row_count = claim_index, texts, row_count
        self._by_row = np.argsort(self._rows, kind="stable")
        self._sorted_rows = self._rows[self._by_row]

    def best(
        self,
        asked: Matrix,
        known: Matrix | RowView,
        wanted: Sequence[Probe],
        answers: Sequence[frozenset[str]],
    ) -> Scores:
        """Return for each probe the cosine of the nearest claim that answers it; −∞ if none does.

        `asked` are the vectors of the probes, `known` those of all texts, `answers` the ids or paths for each probe.
        """
        own = [
            (at, position)
            for at, (probe, names) in enumerate(zip(wanted, answers, strict=True))
            for position in self._claim_index.answering(names, by_note=probe.by_note)
        ]
        probes, positions = np.array(own, dtype=np.int64).reshape(-1, 2).T
        best = np.full(len(wanted), -np.inf)
        np.maximum.at(best, probes, exact_pairs(asked, probes, known, self._rows[positions]))
        return best

    def rank(self, scores: Scores, rows: Rows, best: float, *, by_note: bool) -> int | None:
        """Return how many entries (or notes) have a claim nearer than the `best` answer, at most `RECALL_AT`.

        `scores` and `rows` are the nearest texts, best first; None if these are too few to tell.
        """
        if best == -np.inf:
            return RECALL_AT
        nearer = rows[scores > best]
        found = len(self._claim_index.names(self._positions(nearer), by_note=by_note))
        if found >= RECALL_AT:
            return RECALL_AT
        return None if len(nearer) == len(rows) < self._row_count else found

    def _positions(self, rows: Rows) -> Iterator[int]:
        firsts = np.searchsorted(self._sorted_rows, rows, side="left")
        ends = np.searchsorted(self._sorted_rows, rows, side="right")
        return chain.from_iterable(
            self._by_row[first:end].tolist() for first, end in zip(firsts, ends, strict=True)
        )
