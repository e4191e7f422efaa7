from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kairos.ml.encoder import Vectors
from kairos.ml.neighbour_store import update_neighbourhoods
from kairos.ml.neighbours import BruteForceNeighbours, FastNeighbours, Watch
from kairos.ml.row_view import RowView

DIMENSION = 4
# Products of quarters are exact in float32: equal scores are truly equal, and there are many ties.
EXACT = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0])


def matrices(elements: st.SearchStrategy[float], rows: int) -> st.SearchStrategy[Vectors]:
    shapes = st.tuples(st.integers(0, rows), st.just(DIMENSION))
    return arrays.arrays(np.float32, shapes, elements=elements)


@settings(max_examples=150, deadline=None)
@given(vectors=matrices(EXACT, 30), queries=matrices(EXACT, 6), k=st.integers(0, 35))
def test_both_find_the_same_rows_among_ties(vectors: Vectors, queries: Vectors, k: int) -> None:
    found = FastNeighbours(vectors).search(queries, k)
    expected = BruteForceNeighbours(vectors).search(queries, k)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.rows, expected.rows)


@settings(max_examples=150, deadline=None)
@given(
    matrix=matrices(EXACT, 30),
    order=st.permutations(range(30)),
    left_out=st.integers(0, 30),
    queries=matrices(EXACT, 6),
    k=st.integers(0, 35),
    least=st.sampled_from([-np.inf, 0.5, np.inf]),
)
def test_only_gathered_rows_of_a_matrix_are_found(  # noqa: PLR0917 - one for each thing that varies
    matrix: Vectors, order: list[int], left_out: int, queries: Vectors, k: int, least: float
) -> None:
    rows = np.array([row for row in order if row < len(matrix)][left_out:], dtype=np.int64)
    bounds, told = np.full(len(rows), least, dtype=np.float32), set[tuple[int, int]]()
    bounds[::2] = 0.25
    watch = Watch(bounds, lambda query, row: told.update(zip(query.tolist(), row.tolist(), strict=True)))
    found = FastNeighbours(RowView(matrix, rows)).search(queries, k, watch)
    expected = BruteForceNeighbours(matrix[rows]).search(queries, k)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.rows, expected.rows)
    if k and len(rows):
        near = queries.astype(np.float64) @ matrix[rows].T >= bounds
        assert told == set(zip(*(side.tolist() for side in np.nonzero(near)), strict=True))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 200), k=st.integers(1, 20))
def test_both_find_the_same_scores_among_any_vectors(seed: int, count: int, k: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = FastNeighbours(vectors).search(vectors, k)
    expected = BruteForceNeighbours(vectors).search(vectors, k)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1.5e-6)
    products = np.take_along_axis(vectors @ vectors.T, found.rows, axis=1)
    np.testing.assert_allclose(found.scores, products, atol=2.5e-6)


@settings(max_examples=120, deadline=None)
@given(
    generations=st.lists(
        st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=40), min_size=1, max_size=5
    ),
    coarse=st.booleans(),
)
def test_updated_neighbourhoods_equal_those_searched_from_scratch(
    generations: list[dict[str, int]], *, coarse: bool
) -> None:
    pool: Vectors = np.random.default_rng(7).normal(size=(41, DIMENSION)).astype(np.float32)
    if coarse:  # with many equal scores
        pool = np.round(pool)
    with tempfile.TemporaryDirectory() as directory:
        for generation in generations:
            keys = sorted(generation)
            vectors: Vectors = pool[[generation[key] for key in keys]]
            notices: list[str] = []
            found = update_neighbourhoods(Path(directory) / "index", keys, vectors, 5, notices)
            expected = BruteForceNeighbours(vectors).search(vectors, 5)
            np.testing.assert_array_equal(found.first(5).rows, expected.rows)
            np.testing.assert_allclose(found.first(5).scores, expected.scores, atol=1.5e-6)
            assert notices == []
