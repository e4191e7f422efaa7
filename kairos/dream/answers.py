"""How many entries, or notes, come before the first that answers a question, by exact search over all claims.

Only whether it is among the `FIRST` counts, so no more than the nearest claims are looked at: of most questions a few.
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
"""Questions that are asked together: their vectors are copied."""
_TOGETHER = 32
"""Questions that are searched for together: what is held of each is as large as all texts."""
_DEPTH, _DEEPER = 32, 8
"""Nearest texts of a question that are looked at first, and how many times as many where these do not show it."""


class Shelf:
    """All claims of a root that are compared, to be searched for the entries or notes that answer a question."""

    def __init__(self, reading: Reading) -> None:
        found = reading.once(compared_claims)
        self.texts = [claim.embedded for claim in found]
        self._entries = [claim.entry_id for claim in found]  # those of an entry stand side by side
        self._firsts = dict(zip(reversed(self._entries), reversed(range(len(found))), strict=True))
        self._notes = reading.notes

    def answering(self, answers: Iterable[str], *, by_note: bool) -> Iterator[int]:
        """Yield where the claims of some entries stand; `answers` are their ids, or with `by_note` paths of notes."""
        ids = chain.from_iterable(map(self._ids, answers)) if by_note else answers
        return chain.from_iterable(map(self._places, ids))

    def names(self, places: Iterable[int], *, by_note: bool) -> set[str]:
        """Return the ids of the entries that have the claims at some places, or the paths of their notes."""
        found = (self._entries[place] for place in places)
        return set(map(path_of, found)) if by_note else set(found)

    def _ids(self, path: str) -> Iterator[str]:
        return (entry.id for entry in self._notes[path].entries) if path in self._notes else iter(())

    def _places(self, id_: str) -> Iterator[int]:
        first = self._firsts.get(id_, len(self._entries))
        return takewhile(lambda place: self._entries[place] == id_, range(first, len(self._entries)))


def ranks(vectors: Vectors, wanted: Sequence[Probe], now: Shelf, later: Shelf) -> Iterator[tuple[int, int]]:
    """Yield how many entries (or notes) come before the first that answers each probe, now and later: `FIRST` where it
    is so many or more, or nothing answers."""
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
        together = max(1, min(_TOGETHER, _AT_ONCE * _DEPTH // depth))  # the deeper, the more is held of each
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
    """A shelf, and the numbers of its texts among `all_of_them`."""

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
        """Return for each probe the cosine of the nearest claim that answers it; −∞ where there is none. `asked` are
        the vectors of the probes, `known` those of all texts."""
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
        """Return how many entries (or notes) have a claim that is nearer than the `best` that answers, `FIRST` at most;
        None where the nearest texts that are given do not show it."""
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
