"""Rows of a matrix in an order of their own: most of what is asked of them needs no copy of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Vectors


@dataclass(frozen=True, slots=True)
class Gathered:
    """The `rows` of a matrix, in this order. What is taken of it is an array of its own."""

    matrix: Vectors
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows there are, and how long each is."""
        return len(self.rows), self.matrix.shape[1]

    def __getitem__(self, at: slice | NDArray[np.int64]) -> Vectors:
        return self.matrix[self.rows[at]]
