"""Nearest neighbours of all texts of a root, as it is and as it would be after a plan."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import numpy as np

from kairos.dream.vectors import Vectors
from kairos.ml.background import in_background
from kairos.ml.index_file import IndexFile, read_index_file
from kairos.ml.memory import give_back
from kairos.ml.neighbour_store import Runner, Stored, run_now, stored, update_neighbourhoods
from kairos.ml.neighbourhoods import Neighbourhoods, searched, updated
from kairos.ml.neighbours import FastNeighbours, Found

NEIGHBOURS = 12
"""How many nearest claims of each claim are considered."""


class NearestTexts:
    """Finds the nearest texts of each text; each search starts from the results of the last one.

    `run` runs the writing of the index file; without it the file of the last dream stays as it is.
    """

    def __init__(self, vectors: Vectors, run: Runner | None = run_now) -> None:
        self._vectors = vectors
        self._run = run
        self._pending_reads: list[Future[IndexFile | None]] = []
        self._stored: Stored | None = None
        self._last: Neighbourhoods | None = None

    def start_reading(self, path: Path) -> None:
        """Start reading and checking the index file at `path` in another thread, before the texts are known."""
        self._pending_reads = in_background(partial(read_index_file, path))

    def load_vectors(self, texts: Sequence[str], path: Path) -> None:
        """Take over the vectors that the index file at `path` has of `texts`, which must be sorted."""
        encoder = self._vectors.encoder
        read = self._pending_reads.pop().result if self._pending_reads else None
        kept = stored(path, texts, encoder.dimension, read)
        del read  # holds all vectors
        all_taken = self._vectors.adopt(*kept.of(encoder.fingerprint, texts))
        # Do not hold the vectors twice.
        self._stored = kept.without_vectors() if all_taken and kept.model == encoder.fingerprint else kept

    def from_file(self, texts: Sequence[str], path: Path, notices: list[str]) -> Found:
        """Return the nearest texts of each of `texts`, which must be sorted, and update the index file at `path`.

        Problems with the file are appended to `notices`, some of them only once it is written.
        """
        known, self._stored = self._stored, None  # as large as all vectors, and not needed again
        self._last = update_neighbourhoods(
            path,
            texts,
            self._vectors.gathered(texts),
            NEIGHBOURS,
            notices,
            run=self._run,
            model=self._vectors.encoder.fingerprint,
            known=known,
        )
        give_back()
        return self._last.first(NEIGHBOURS)

    def in_memory(self, texts: Sequence[str]) -> Found:
        """Return the nearest texts of each of `texts`, which must be sorted, without touching a file."""
        keys = tuple(texts)
        if self._last is None or self._last.keys != keys:  # not even an index is built otherwise
            self._last = self._searched(keys)
        return self._last.first(NEIGHBOURS)

    def _searched(self, keys: tuple[str, ...]) -> Neighbourhoods:
        matrix = self._vectors.gathered(keys)
        index = FastNeighbours(matrix)
        if self._last is None:
            return searched(keys, matrix, index, NEIGHBOURS)
        row = {text: row for row, text in enumerate(self._last.keys)}
        old_row = np.fromiter((row.get(text, -1) for text in keys), dtype=np.int64, count=len(keys))
        return updated(self._last.near, old_row, keys, matrix, index, NEIGHBOURS)
