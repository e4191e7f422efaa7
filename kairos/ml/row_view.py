"""A selection of a matrix's rows, in any order, that is not copied as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Vectors


@dataclass(frozen=True, slots=True)
class RowView:
    """The `rows` of a matrix, in this order. Indexing returns a copy of the rows asked for."""

    matrix: Vectors
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shape(self) -> tuple[int, int]:
        """(number of rows, length of a row)."""
        return len(self.rows), self.matrix.shape[1]

    def __getitem__(self, at: slice | NDArray[np.int64]) -> Vectors:
        return self.matrix[self.rows[at]]
