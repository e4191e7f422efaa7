"""The vectors of the texts of one process: each is embedded once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import filterfalse

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Encoder
from kairos.ml.gathered import Gathered
from kairos.ml.memory import give_back

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
_FEWEST = 256
_AT_ONCE = 256
"""Pairs that are compared by one product: with their doubles they stay in the cache of a core."""
_REMEMBERED = 2**15
"""Cosines that are kept: the judge asks for one several times."""
_ROOM = 2**32
"""More than there are rows: a pair of rows is one number."""
_ENCODED = 16_384
"""Texts that are embedded in one go: their vectors are in memory twice for a while."""
_COPIED = 1024
"""Vectors that are copied together: what lies between is small."""
_DECIMALS = 6  # as in `kairos.ml.neighbours`: what differs less is equal


class Vectors:
    """Vectors of `encoder` by text, in one matrix that grows."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._row: dict[str, int] = {}
        self._measured: dict[tuple[int, int], float] = {}
        self._last: tuple[Numbers, NDArray[np.float64]] = np.full(1, -1), np.zeros(1)
        self._matrix: Matrix = np.zeros((0, encoder.dimension), dtype=np.float32)

    def add(self, wanted: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Embed all that is new of `wanted`."""
        new = list(dict.fromkeys(filterfalse(self._row.__contains__, wanted)))
        if not new:
            return
        self._make_room(len(self._row) + len(new))
        for start in range(0, len(new), _ENCODED):
            part, known = new[start : start + _ENCODED], len(self._row)
            report = None if progress is None else _counting(progress, start, len(new))
            self._matrix[known : known + len(part)] = self.encoder.encode(part, progress=report)
            self._row.update(zip(part, range(known, known + len(part)), strict=True))
        if len(new) >= _ENCODED:
            give_back()

    def know(self, texts: Sequence[str], vectors: Matrix | Gathered) -> bool:
        """Take over the vectors, one a row, of texts of which the encoder made them before, where they are not known
        yet; return whether none was."""
        new = np.array([row for row, text in enumerate(texts) if text not in self._row], dtype=np.int64)
        known = len(self._row)
        self._make_room(known + len(new))
        for start in range(0, len(new), _COPIED):
            some = new[start : start + _COPIED]
            self._matrix[known + start : known + start + len(some)] = vectors[some]
        names = map(texts.__getitem__, new.tolist())
        self._row.update(zip(names, range(known, known + len(new)), strict=True))
        return len(new) == len(texts)

    def forget(self) -> None:
        """Hold no vectors any more: what is asked for again is embedded again, or known to a cache of the encoder."""
        self._row, self._measured = {}, {}
        self._last = np.full(1, -1), np.zeros(1)
        self._matrix = self._matrix[:0].copy()

    def _make_room(self, count: int) -> None:
        known = len(self._row)
        if count > len(self._matrix):
            # Room that nothing was written to takes no memory yet.
            grown = np.zeros((max(count + count // 2, _FEWEST), self.encoder.dimension), np.float32)
            grown[:known] = self._matrix[:known]
            self._matrix = grown

    def gathered(self, wanted: Sequence[str]) -> Matrix | Gathered:
        """Return the same as `matrix`, without a copy."""
        return self.at(self.rows(wanted))

    def at(self, rows: Numbers) -> Matrix | Gathered:
        """Return some `rows`, each to be read only, without a copy."""
        if _are_beside(rows):
            return self._matrix[rows[0] : rows[0] + len(rows)]
        return Gathered(self._matrix[: len(self._row)], rows)

    def matrix(self, wanted: Sequence[str]) -> Matrix:
        """Return an array (len(wanted), dimension) of rows of length 1, to be read only: of texts that were added in
        this very order it is no copy."""
        rows = self.rows(wanted)  # before the matrix is asked for: it may grow
        if _are_beside(rows):
            return self._matrix[rows[0] : rows[0] + len(rows)]
        return self._matrix[rows]

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of two texts, as `similarities` measures it: what is at a limit there is at it here."""
        if one not in self._row or other not in self._row:
            self.add((one, other))
        left, right = self._row[one], self._row[other]
        pair = (left, right) if left <= right else (right, left)
        known = self._measured.get(pair)
        return self._measure(pair) if known is None else known

    def _measure(self, pair: tuple[int, int]) -> float:
        one, other = (self._matrix[row].astype(np.float64) for row in pair)
        found = round(float(np.dot(one, other)), _DECIMALS)
        if len(self._measured) >= _REMEMBERED:  # those of a pair of notes are asked for in one go
            self._measured.clear()
        self._measured[pair] = found
        return found

    def similarities(self, texts: Sequence[str], ones: Numbers, others: Numbers) -> NDArray[np.float64]:
        """Return the cosines of pairs of `texts`, rounded to six decimals: of each of `ones`, numbers of texts, and
        the one at its place in `others`."""
        rows = self.rows(texts)
        left, right = rows[ones], rows[others]
        pairs = left * _ROOM + right
        known, measured = self._last  # look after look asks for nearly the same
        place = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
        found, new = measured[place], np.flatnonzero(known[place] != pairs)
        for start in range(0, len(new), _AT_ONCE):
            at = new[start : start + _AT_ONCE]
            # In double precision the order of the sum does not show: the same two texts always give the same.
            one, other = (self._matrix[side[at]].astype(np.float64) for side in (left, right))
            found[at] = np.round(np.einsum("ij,ij->i", one, other), _DECIMALS)
        if len(new):
            order = np.argsort(pairs)
            self._last = pairs[order], found[order]
        return found

    def rows(self, wanted: Sequence[str]) -> Numbers:
        """Return where the vectors of texts are."""
        try:
            return self._known_rows(wanted)
        except KeyError:  # seldom, and to look first takes as long
            self.add(wanted)
            return self._known_rows(wanted)

    def _known_rows(self, wanted: Sequence[str]) -> NDArray[np.int64]:
        return np.fromiter(map(self._row.__getitem__, wanted), dtype=np.int64, count=len(wanted))


def _are_beside(rows: Numbers) -> bool:
    return len(rows) > 0 and bool((np.diff(rows) == 1).all())


def _counting(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: progress(before + done, total)
