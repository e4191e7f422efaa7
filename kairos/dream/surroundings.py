"""What is near what in a root, and in the same root as it would be after a plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kairos.dream.vectors import Vectors
from kairos.ml.nearby import nearby
from kairos.ml.neighbourhoods import Neighbourhoods, followed, searched
from kairos.ml.neighbours import FaissNeighbours, Found

NEIGHBOURS = 12
"""How many nearest claims of each claim are considered."""


class Surroundings:
    """Finds the nearest texts of each text. What was found last is where the next search starts."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._last: Neighbourhoods | None = None

    def kept(self, texts: Sequence[str], path: Path) -> tuple[Found, tuple[str, ...]]:
        """Return the nearest of each of `texts`, which are in order, and what was wrong with the file at `path`, where
        they are kept between dreams."""
        self._last, notices = nearby(path, texts, self._vectors.matrix(texts), NEIGHBOURS)
        return self._last.first(NEIGHBOURS), notices

    def of(self, texts: Sequence[str]) -> Found:
        """Return the nearest of each of `texts`, which are in order, without keeping them."""
        matrix = self._vectors.matrix(texts)
        index = FaissNeighbours.build(matrix)
        if self._last is None:
            self._last = searched(texts, matrix, index, NEIGHBOURS)
        elif self._last.keys != tuple(texts):
            known = frozenset(self._last.keys)
            fresh = np.fromiter((text not in known for text in texts), dtype=bool, count=len(texts))
            self._last = followed(self._last, fresh, texts, matrix, index, NEIGHBOURS)
        return self._last.first(NEIGHBOURS)
