from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np

from kairos.ml.encoder import Vectors
from kairos.ml.neighbours import BruteForceNeighbours, FastNeighbours, Neighbours, Watch
from tests.unit.ml.vectors import unit_vectors

ROOT = Path(__file__).parents[3]


def assert_finds_like_brute_force(index: FastNeighbours, vectors: Vectors, k: int = 5) -> None:
    expected = BruteForceNeighbours(vectors).search(vectors, k)
    found = index.search(vectors, k)
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_allclose(found.scores, expected.scores, atol=2e-6)


def test_neighbours_are_ordered_by_score_and_then_by_row() -> None:
    vectors = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [0.6, 0.8]], dtype=np.float32)
    searched: list[Neighbours] = [
        BruteForceNeighbours(vectors),
        FastNeighbours(vectors),
    ]
    for neighbours in searched:
        found = neighbours.search(vectors[:1], 4)
        assert found.rows.tolist() == [[0, 2, 4, 1]]
        np.testing.assert_allclose(found.scores, [[1, 1, 0.8, 0]], atol=1e-6)


def test_many_equals_are_cut_by_row() -> None:
    vectors = np.tile(unit_vectors(1), (100, 1))
    found = FastNeighbours(vectors).search(vectors[:3], 7)
    assert found.rows.tolist() == [list(range(7))] * 3


_PEAK = """
import resource, time, sys
import numpy as np
from kairos.ml.neighbours import BruteForceNeighbours, FastNeighbours
vectors = np.random.default_rng(1).normal(size=(4_000, 384)).astype(np.float32)
vectors[::2] = vectors[0]
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
index = FastNeighbours(vectors)
index.search(vectors[1:600:2], 20)
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
found = index.search(vectors, 20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - start)
expected = BruteForceNeighbours(vectors).search(vectors, 20)
np.testing.assert_array_equal(found.rows, expected.rows)
np.testing.assert_array_equal(found.scores, expected.scores)
"""


def test_a_search_with_thousands_of_equal_vectors_takes_little_memory_and_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PEAK], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    kilobytes, seconds = map(float, done.stdout.split())
    assert kilobytes < 100_000
    assert seconds < 20


def test_many_groups_of_equal_vectors_are_found_like_brute_force() -> None:
    vectors = np.repeat(unit_vectors(6, dimension=32), 50, axis=0)
    vectors = vectors[np.random.default_rng(3).permutation(len(vectors))]
    assert_finds_like_brute_force(FastNeighbours(vectors), vectors, k=60)


def test_more_neighbours_than_vectors_gives_all() -> None:
    vectors = unit_vectors(3)
    assert_finds_like_brute_force(FastNeighbours(vectors), vectors, k=9)


def test_an_empty_index_finds_nothing() -> None:
    index = FastNeighbours(unit_vectors(0))
    assert index.search(unit_vectors(2), 3).rows.shape == (2, 0)
    assert index.search(unit_vectors(0), 3).rows.shape == (0, 0)


def test_brute_force_needs_no_faiss() -> None:
    program = "import sys, kairos.ml.neighbours; raise SystemExit('faiss' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_thousands_of_equal_vectors_take_bounded_memory() -> None:
    vectors = np.concatenate(
        [np.tile(unit_vectors(1, dimension=64), (3_000, 1)), unit_vectors(50, dimension=64)]
    )
    index = FastNeighbours(vectors)
    tracemalloc.start()
    found = index.search(vectors, 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.rows[:3_000].tolist() == [list(range(20))] * 3_000
    expected = BruteForceNeighbours(vectors).search(vectors[3_000:], 20)
    np.testing.assert_array_equal(found.rows[3_000:], expected.rows)
    assert peak < 100_000_000


def test_a_graph_search_has_a_recall_of_99_percent() -> None:
    directions = unit_vectors(40, seed=5, dimension=32)
    noise = unit_vectors(4_000, seed=6, dimension=32)
    vectors = np.repeat(directions, 100, axis=0) + 0.6 * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = BruteForceNeighbours(vectors).search(vectors, 12)
    found = FastNeighbours(vectors, exhaustive=0).search(vectors, 12)
    hits = [len(set(one) & set(other)) for one, other in zip(found.rows, expected.rows, strict=True)]
    assert np.mean(hits) / 12 >= 0.99
    again = FastNeighbours(vectors, exhaustive=0).search(vectors, 12)
    np.testing.assert_array_equal(found.rows, again.rows)


def test_a_watched_search_is_exact_however_many_queries_it_has() -> None:
    vectors = unit_vectors(3_000, dimension=48)  # a graph finds not quite all of their neighbours
    told: list[object] = []
    watch = Watch(np.full(len(vectors), np.inf, dtype=np.float32), lambda *pairs: told.append(pairs))
    found = FastNeighbours(vectors, exhaustive=0).search(vectors, 12, watch)
    np.testing.assert_array_equal(found.rows, BruteForceNeighbours(vectors).search(vectors, 12).rows)
    assert not told


def test_a_graph_of_few_vectors_gives_them_all() -> None:
    vectors = unit_vectors(4)
    found = FastNeighbours(vectors, exhaustive=0).search(vectors, 9)
    np.testing.assert_array_equal(found.rows, BruteForceNeighbours(vectors).search(vectors, 9).rows)
