"""Ranks the answer to a question among all entries (or notes) of a root, by exact search over all claims.

Only whether the answer is among the `FIRST` counts, so only the nearest claims are looked at: a few for most questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile

import numpy as np

from kairos.core.change.probes import Probe
from kairos.core.root.figures import FIRST
from kairos.core.root.reading import Reading, path_of
from kairos.dream.compared import compared_claims
from kairos.dream.vectors import Matrix, Vectors
from kairos.ml.gathered import Gathered
from kairos.ml.neighbours import FastNeighbours, Rows, Scores, exact_pairs

_AT_ONCE = 8192
"""Questions per batch: their vectors are copied."""
_TOGETHER = 32
"""Questions per search: each needs memory proportional to the number of all texts."""
_DEPTH, _DEEPER = 32, 8
"""How many nearest texts of a question are looked at first, and the factor by which that grows until they suffice."""


class Shelf:
    """All compared claims of a root in order; maps between their positions and the entries or notes that have them."""

    def __init__(self, reading: Reading) -> None:
        found = reading.once(compared_claims)
        self.texts = [claim.embedded for claim in found]
        self._entries = [claim.entry_id for claim in found]  # the claims of an entry are adjacent
        self._firsts = dict(zip(reversed(self._entries), reversed(range(len(found))), strict=True))
        self._notes = reading.notes

    def answering(self, answers: Iterable[str], *, by_note: bool) -> Iterator[int]:
        """Yield the positions of all claims of some entries, or with `by_note` of the notes with these paths."""
        ids = chain.from_iterable(map(self._ids, answers)) if by_note else answers
        return chain.from_iterable(map(self._places, ids))

    def names(self, places: Iterable[int], *, by_note: bool) -> set[str]:
        """Return the ids of the entries with claims at some positions, or with `by_note` the paths of their notes."""
        found = (self._entries[place] for place in places)
        return set(map(path_of, found)) if by_note else set(found)

    def _ids(self, path: str) -> Iterator[str]:
        return (entry.id for entry in self._notes[path].entries) if path in self._notes else iter(())

    def _places(self, id_: str) -> Iterator[int]:
        first = self._firsts.get(id_, len(self._entries))
        return takewhile(lambda place: self._entries[place] == id_, range(first, len(self._entries)))


def ranks(vectors: Vectors, wanted: Sequence[Probe], now: Shelf, later: Shelf) -> Iterator[tuple[int, int]]:
    """Yield for each probe how many entries (or notes) rank above its first answer, now and later.

    The number is at most `FIRST`, which also stands for no answer at all.
    """
    vectors.add(probe.text for probe in wanted)
    rows = [vectors.rows(shelf.texts) for shelf in (now, later)]
    all_rows, numbers = np.unique(np.concatenate(rows), return_inverse=True)
    of_now, of_later = np.split(numbers, [len(now.texts)])
    known = vectors.at(all_rows)
    sides = _Side(now, of_now, len(all_rows)), _Side(later, of_later, len(all_rows))
    index = FastNeighbours(known, exhaustive=_AT_ONCE)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        asked = vectors.matrix([probe.text for probe in some])
        best = (
            sides[0].best(asked, known, some, [probe.before for probe in some]),
            sides[1].best(asked, known, some, [probe.after for probe in some]),
        )
        yield from _ranks(asked, index, some, sides, best)


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
        together = max(1, min(_TOGETHER, _AT_ONCE * _DEPTH // depth))  # deeper searches take more memory
        for start in range(0, len(left), together):
            some = left[start : start + together]
            near = index.search(asked[some], depth)
            for at, scores, rows in zip(some, *near, strict=True):
                now, later = (
                    side.rank(scores, rows, own[at], by_note=wanted[at].by_note)
                    for side, own in zip(sides, best, strict=True)
                )
                if now is not None and later is not None:
                    found[at] = now, later
        left, depth = [at for at in left if at not in found], depth * _DEEPER
    return (found[at] for at in range(len(wanted)))


class _Side:
    """A shelf, with its texts as row numbers among the texts of both shelves, which are `all_of_them` in number."""

    def __init__(self, shelf: Shelf, texts: Rows, all_of_them: int) -> None:
        self._shelf, self._texts, self._all = shelf, texts, all_of_them
        self._order = np.argsort(self._texts, kind="stable")
        self._sorted = self._texts[self._order]

    def best(
        self,
        asked: Matrix,
        known: Matrix | Gathered,
        wanted: Sequence[Probe],
        answers: Sequence[frozenset[str]],
    ) -> Scores:
        """Return for each probe the cosine of the nearest claim that answers it; −∞ if none does.

        `asked` are the vectors of the probes, `known` those of all texts, `answers` the ids or paths for each probe.
        """
        own = [
            (at, place)
            for at, (probe, names) in enumerate(zip(wanted, answers, strict=True))
            for place in self._shelf.answering(names, by_note=probe.by_note)
        ]
        probes, places = np.array(own, dtype=np.int64).reshape(-1, 2).T
        best = np.full(len(wanted), -np.inf)
        np.maximum.at(best, probes, exact_pairs(asked, probes, known, self._texts[places]))
        return best

    def rank(self, scores: Scores, rows: Rows, best: float, *, by_note: bool) -> int | None:
        """Return how many entries (or notes) have a claim nearer than the `best` answer, at most `FIRST`.

        `scores` and `rows` are the nearest texts, best first; None if these are too few to tell.
        """
        if best == -np.inf:
            return FIRST
        nearer = rows[scores > best]
        found = len(self._shelf.names(self._places(nearer), by_note=by_note))
        if found >= FIRST:
            return FIRST
        return None if len(nearer) == len(rows) < self._all else found

    def _places(self, rows: Rows) -> Iterator[int]:
        firsts = np.searchsorted(self._sorted, rows, side="left")
        ends = np.searchsorted(self._sorted, rows, side="right")
        return chain.from_iterable(
            self._order[first:end].tolist() for first, end in zip(firsts, ends, strict=True)
        )
