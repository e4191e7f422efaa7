"""Vectors for the tests of neighbours."""

from __future__ import annotations

import numpy as np

from kairos.ml.encoder import Vectors


def unit_vectors(count: int, *, seed: int = 1, dimension: int = 16) -> Vectors:
    """Return rows of unit length in directions that depend on the seed."""
    vectors: Vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
