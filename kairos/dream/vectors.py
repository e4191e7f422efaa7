"""The vectors of a process: each text is embedded once, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import filterfalse

import numpy as np
from numpy.typing import NDArray

from kairos.ml.arrays import Numbers, Scores
from kairos.ml.encoder import Encoder
from kairos.ml.memory import give_back
from kairos.ml.row_view import RowView

Matrix = NDArray[np.float32]
_MIN_ROWS = 256
_PAIR_BATCH = 256
"""Pairs compared in one product: converted to double precision, their vectors still fit into a core's cache."""
_MAX_COSINES = 2**15
"""Cosines that are remembered: the judge asks for the same one several times."""
_ROW_LIMIT = 2**32
"""Larger than any row number, so that `left * _ROW_LIMIT + right` is a single number for a pair of rows."""
_ENCODE_BATCH = 16_384
"""Texts embedded in one call: their vectors are briefly in memory twice."""
_COPY_BATCH = 1024
"""Vectors copied at a time, which keeps the intermediate array small."""
_DECIMALS = 6  # as in `kairos.ml.neighbours`: smaller differences count as equal


class Vectors:
    """The vectors that `encoder` makes of texts, as rows of one growing matrix."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._row: dict[str, int] = {}
        self._cosines: dict[tuple[int, int], float] = {}
        self._last_cosines: tuple[Numbers, Scores] = np.full(1, -1), np.zeros(1)
        self._matrix: Matrix = np.zeros((0, encoder.dimension), dtype=np.float32)

    def add(self, wanted: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Embed those of the `wanted` texts that have no vector yet."""
        new = list(dict.fromkeys(filterfalse(self._row.__contains__, wanted)))
        if not new:
            return
        self._reserve(len(self._row) + len(new))
        for start in range(0, len(new), _ENCODE_BATCH):
            part, known = new[start : start + _ENCODE_BATCH], len(self._row)
            report = None if progress is None else _with_offset(progress, start, len(new))
            self._matrix[known : known + len(part)] = self.encoder.encode(part, progress=report)
            self._row.update(zip(part, range(known, known + len(part)), strict=True))
        if len(new) >= _ENCODE_BATCH:
            give_back()

    def adopt(self, texts: Sequence[str], vectors: Matrix | RowView) -> bool:
        """Take over `vectors` (one row per text) that this encoder made earlier, skipping texts that already have one.

        Returns whether none had one.
        """
        is_known = map(self._row.__contains__, texts)
        new = np.flatnonzero(~np.fromiter(is_known, dtype=bool, count=len(texts)))
        known = len(self._row)
        self._reserve(known + len(new))
        for start in range(0, len(new), _COPY_BATCH):
            some = new[start : start + _COPY_BATCH]
            self._matrix[known + start : known + start + len(some)] = vectors[some]
        names = map(texts.__getitem__, new.tolist())
        self._row.update(zip(names, range(known, known + len(new)), strict=True))
        return len(new) == len(texts)

    def forget(self) -> None:
        """Drop all vectors; texts needed again are embedded again, or come from the encoder's cache."""
        self._row, self._cosines = {}, {}
        self._last_cosines = np.full(1, -1), np.zeros(1)
        self._matrix = self._matrix[:0].copy()

    def _reserve(self, count: int) -> None:
        known = len(self._row)
        if count > len(self._matrix):
            # Spare rows take no memory until they are written to.
            grown = np.zeros((max(count + count // 2, _MIN_ROWS), self.encoder.dimension), np.float32)
            grown[:known] = self._matrix[:known]
            self._matrix = grown

    def gathered(self, wanted: Sequence[str]) -> Matrix | RowView:
        """Return the vectors of texts like `matrix`, but never as a copy."""
        return self.at(self.rows(wanted))

    def at(self, rows: Numbers) -> Matrix | RowView:
        """Return the vectors in some `rows` without copying; they must not be written to."""
        if _are_consecutive(rows):
            return self._matrix[rows[0] : rows[0] + len(rows)]
        return RowView(self._matrix[: len(self._row)], rows)

    def matrix(self, wanted: Sequence[str]) -> Matrix:
        """Return an array (len(wanted), dimension) of unit vectors; it must not be written to.

        Texts that were added in this very order are not copied.
        """
        rows = self.rows(wanted)  # first, since it may replace the matrix by a larger one
        if _are_consecutive(rows):
            return self._matrix[rows[0] : rows[0] + len(rows)]
        return self._matrix[rows]

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of two texts, rounded as in `similarities`, so that thresholds decide alike in both."""
        if one not in self._row or other not in self._row:
            self.add((one, other))
        left, right = self._row[one], self._row[other]
        pair = (left, right) if left <= right else (right, left)
        known = self._cosines.get(pair)
        return self._measured_cosine(pair) if known is None else known

    def _measured_cosine(self, pair: tuple[int, int]) -> float:
        one, other = (self._matrix[row].astype(np.float64) for row in pair)
        found = round(float(np.dot(one, other)), _DECIMALS)
        if len(self._cosines) >= _MAX_COSINES:  # repeats for one pair of notes come close together
            self._cosines.clear()
        self._cosines[pair] = found
        return found

    def similarities(self, texts: Sequence[str], ones: Numbers, others: Numbers) -> Scores:
        """Return the cosines of pairs of `texts`, rounded to six decimals.

        Pair i is made of the texts with the numbers `ones[i]` and `others[i]`.
        """
        rows = self.rows(texts)
        left, right = rows[ones], rows[others]
        pairs = left * _ROW_LIMIT + right
        known, measured = self._last_cosines  # successive looks ask for nearly the same pairs
        place = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
        found, new = measured[place], np.flatnonzero(known[place] != pairs)
        for start in range(0, len(new), _PAIR_BATCH):
            at = new[start : start + _PAIR_BATCH]
            # In double precision the order of summation does not show: the same two texts always give the same cosine.
            one, other = (self._matrix[side[at]].astype(np.float64) for side in (left, right))
            found[at] = np.round(np.einsum("ij,ij->i", one, other), _DECIMALS)
        if len(new):
            order = np.argsort(pairs)
            self._last_cosines = pairs[order], found[order]
        return found

    def rows(self, wanted: Sequence[str]) -> Numbers:
        """Return the rows of the vectors of texts; embeds those that are new."""
        try:
            return self._known_rows(wanted)
        except KeyError:  # rare, and checking first would take as long as the look-up
            self.add(wanted)
            return self._known_rows(wanted)

    def _known_rows(self, wanted: Sequence[str]) -> Numbers:
        return np.fromiter(map(self._row.__getitem__, wanted), dtype=np.int64, count=len(wanted))


def _are_consecutive(rows: Numbers) -> bool:
    return len(rows) > 0 and bool((np.diff(rows) == 1).all())


def _with_offset(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: progress(before + done, total)
