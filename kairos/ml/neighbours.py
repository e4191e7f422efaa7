"""Who is near whom: all products of a root's vectors, in FAISS a graph of very many, and a brute-force twin as test.

A score is computed in double precision from the two vectors alone and rounded to six decimals, so that the same two
vectors have the same score whatever computed it; equal scores are ordered by row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Vectors
from kairos.ml.gathered import Gathered

if TYPE_CHECKING:
    import faiss

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

_DECIMALS = 6
_APPROXIMATE = 2e-6
"""What a product of FAISS, in single precision, may differ by from a score."""
_AT_ONCE = 512
"""Queries that are searched for together, at most."""
_PRODUCTS = 2**23
"""Products that are held together: thirty-two megabytes."""
_GROUPS = 16
"""Numbers of which at first only the largest is looked at."""
_NUMBERS = 2**17
"""Numbers of vectors that are taken together to be multiplied: with their doubles they stay in the cache of a core."""
_MARGIN = 4 * _APPROXIMATE
"""A product that is so much below another one, both in single precision, is also the lower score."""
_WATCHED = 4096
"""Products of each query that are looked through together for those that somebody watches for."""
_FEWEST_AT_ONCE = 32
"""Queries that are searched for together, at least, however many products that makes: each reads all vectors."""
EXHAUSTIVE = 50_000
"""Queries up to which all products are computed. To link a vector into a graph takes as long as so many products; so
more queries, as all texts of a larger root are, are searched for in one, which finds 0.995 of the same twelve
neighbours (58,354 texts)."""
_LINKS, _CARE, _BREADTH = 24, 80, 64
"""Of the graph: links of each vector, and how many candidates are looked at in building and in searching."""
_MORE = 8
"""Candidates of the graph that are scored beside those that are asked for."""


class Found(NamedTuple):
    """Neighbours of n queries, best first: `scores` (n, k) and `rows` (n, k) of what is searched in."""

    scores: Scores
    rows: Rows


class Watch(NamedTuple):
    """Tells of each query and row whose product, in single precision, is no less than the `least` of the row: queries
    and rows, as many of each."""

    least: NDArray[np.float32]
    tell: Callable[[Rows, Rows], object]


class Neighbours(Protocol):
    """Vectors that can be searched; a row is a position in the sequence of keys that they were given with."""

    def __len__(self) -> int: ...

    def search(self, queries: Vectors, k: int) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product."""


class BruteForceNeighbours:
    """The obvious implementation: one matrix product."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors.astype(np.float64)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: Vectors, k: int) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product."""
        scores = np.round(queries.astype(np.float64) @ self._vectors.T, _DECIMALS)
        rows = np.tile(np.arange(len(self), dtype=np.int64), (len(queries), 1))
        return in_order(scores, rows, min(k, len(self)))


class FastNeighbours:
    """Vectors (n, d) that up to `exhaustive` queries of one search are all compared with; for more a graph is built.

    Of a matrix of which some rows are gathered, each once, all are multiplied: that is faster than to copy them.
    """

    def __init__(self, vectors: Vectors | Gathered, *, exhaustive: int = EXHAUSTIVE) -> None:
        is_whole = isinstance(vectors, np.ndarray)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32) if is_whole else vectors
        self._matrix = self._vectors.matrix if isinstance(self._vectors, Gathered) else self._vectors
        self._exhaustive = exhaustive
        self._room = np.empty((0, 0), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: Vectors, k: int, watch: Watch | None = None) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product; on the way a
        `watch` is told what it watches for, if any row is asked for."""
        count = min(k, len(self))
        found = Found(np.zeros((len(queries), count)), np.zeros((len(queries), count), dtype=np.int64))
        by_graph = len(queries) > self._exhaustive
        at_once = min(_AT_ONCE, max(_FEWEST_AT_ONCE, _PRODUCTS // max(1, len(self._matrix))))
        for start in range(0, len(queries) if count else 0, at_once):
            at = slice(start, start + at_once)
            asked = np.ascontiguousarray(queries[at])
            lines = self._products(asked) if watch is not None or not by_graph else self._room
            if watch is not None:
                self._look_out(watch, lines, start)
            best = self._search_graph(asked, count) if by_graph else self._search(asked, lines, count)
            found.scores[at], found.rows[at] = best
        return found

    def _look_out(self, watch: Watch, lines: Vectors, first: int) -> None:
        """Tell of the products of queries, which begin with the `first`, that are no less than is watched for."""
        least = np.full(lines.shape[1], np.inf, dtype=np.float32)
        columns = np.flatnonzero(self._row >= 0)
        least[columns] = watch.least[self._row[columns]]
        for start in range(0, len(least), _WATCHED):
            part = slice(start, start + _WATCHED)
            hits = np.flatnonzero(lines[:, part] >= least[part])  # much faster than to look for both at once
            if len(hits):
                query, column = np.divmod(hits, len(least[part]))
                watch.tell(first + query, self._row[start + column])

    def _search(self, asked: Vectors, lines: Vectors, count: int) -> Found:
        fetch = min(len(self), count + 1)
        bounds, near = self._largest(lines, fetch)
        best = in_order(exact(asked, self._vectors, near), near, count)
        # Equal products are cut arbitrarily: where the cut may be among equals, all of them are looked at.
        tied = (best.scores[:, -1] <= bounds + _APPROXIMATE) & (fetch < len(self))
        if tied.any():
            best.scores[tied], best.rows[tied] = self._search_ties(asked[tied], count)
        return best

    @cached_property
    def _row(self) -> Rows:
        """The row of each column of the products; −1 for what is not searched in."""
        rows = np.full(-(-len(self._matrix) // _GROUPS) * _GROUPS, -1, dtype=np.int64)
        at = self._vectors.rows if isinstance(self._vectors, Gathered) else slice(len(self))
        rows[at] = np.arange(len(self))
        return rows

    @cached_property
    def _left_out(self) -> Rows:
        return np.flatnonzero(self._row < 0)

    def _products(self, queries: Vectors) -> Vectors:
        """Return the product of each query with each vector, one a column; −∞ for what is not searched in.

        Numpy multiplies several times as fast as the libraries that come with FAISS, where a processor is newer.
        """
        if len(self._room) < len(queries):  # once for all queries: the system gives so much page by page
            self._room = np.empty((len(queries), len(self._row)), dtype=np.float32)
        found = self._room[: len(queries)]
        np.matmul(queries, self._matrix.T, out=found[:, : len(self._matrix)])
        found[:, self._left_out] = -np.inf
        return found

    def _largest(self, found: Vectors, fetch: int) -> tuple[NDArray[np.float32], Rows]:
        """Return for each query the rows of the `fetch` largest products, in no order, and the least of these."""
        height, width = len(found), found.shape[1] // _GROUPS
        columns = np.broadcast_to(np.arange(found.shape[1], dtype=np.int64), found.shape)
        if (
            fetch < width
        ):  # the largest are in the groups, every `width`th of a line, whose largest are the largest
            largest = found.reshape(height, _GROUPS, width).max(axis=1)
            groups = np.argpartition(largest, -fetch, axis=1)[:, -fetch:]
            members = groups[:, :, None] + width * np.arange(_GROUPS, dtype=np.int64)
            columns = members.reshape(height, -1)
            found = np.take_along_axis(found, columns, axis=1)
        best = np.argpartition(found, -fetch, axis=1)[:, -fetch:]
        rows = self._row[np.take_along_axis(columns, best, axis=1)]
        return np.take_along_axis(found, best, axis=1).min(axis=1), rows

    def _search_ties(self, queries: Vectors, count: int) -> Found:
        """Return the same, where there may be any number of equal scores.

        Most are those of equal vectors, so equal queries are asked once, and of equal vectors one is scored.
        """
        kinds, place = np.unique(queries, axis=0, return_inverse=True)
        found = Found(np.zeros((len(kinds), count)), np.zeros((len(kinds), count), dtype=np.int64))
        at_once = max(1, _NUMBERS // len(self))
        for start in range(0, len(kinds), at_once):
            lines = self._products(kinds[start : start + at_once])
            bounds = np.partition(lines, -count, axis=1)[:, -count] - _MARGIN
            for row, (line, bound) in enumerate(zip(lines, bounds, strict=True), start):
                found.scores[row], found.rows[row] = self._best(
                    kinds[row], self._row[np.flatnonzero(~(line < bound))], count
                )
        place = place.reshape(-1)
        return Found(found.scores[place], found.rows[place])

    def _best(self, query: Vectors, candidates: Rows, count: int) -> Found:
        _, firsts, kind = np.unique(self._first_equal[candidates], return_index=True, return_inverse=True)
        scores = exact(query[None], self._vectors, candidates[firsts][None])[0][kind]
        enough = np.lexsort((candidates, -scores))[:count]
        return Found(scores[enough], candidates[enough])

    @cached_property
    def _first_equal(self) -> Rows:
        """For each row the first one with the same vector, bit by bit."""
        firsts: dict[bytes, int] = {}
        parts = (self._vectors[start : start + _AT_ONCE] for start in range(0, len(self), _AT_ONCE))
        digests = (hashlib.blake2b(vector.tobytes()).digest() for part in parts for vector in part)
        rows = (firsts.setdefault(digest, row) for row, digest in enumerate(digests))
        return np.fromiter(rows, dtype=np.int64, count=len(self))

    def _search_graph(self, queries: Vectors, count: int) -> Found:
        _, near = self._graph.search(queries, min(len(self), count + _MORE))
        scores = exact(queries, self._vectors, near)
        scores[near < 0] = -np.inf  # the graph may reach fewer than were asked for
        return in_order(scores, near, count)

    @cached_property
    def _graph(self) -> faiss.IndexHNSWFlat:
        import faiss  # noqa: PLC0415 - as above

        graph = faiss.IndexHNSWFlat(self._vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction, graph.hnsw.efSearch = _CARE, _BREADTH
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # several would link in the order in which they happen to come
        try:
            graph.add(self._vectors[:])
        finally:
            faiss.omp_set_num_threads(threads)
        return graph


def exact(queries: Vectors, vectors: Vectors | Gathered, rows: Rows) -> Scores:
    """Return the score of each query and each of its `rows` (n, k) of `vectors`."""
    scores = np.empty(rows.shape)
    most = max(1, _NUMBERS // max(1, vectors.shape[1]))
    across = max(1, min(rows.shape[1], most))
    down = most // across
    for top in range(0, rows.shape[0], down):
        some = queries[top : top + down].astype(np.float64)
        for left in range(0, rows.shape[1], across):
            block = rows[top : top + down, left : left + across]
            scores[top : top + down, left : left + across] = np.einsum(
                "qd,qkd->qk", some, vectors[block].astype(np.float64)
            )
    return np.round(scores, _DECIMALS, out=scores)


def exact_pairs(ones: Vectors | Gathered, one: Rows, others: Vectors | Gathered, other: Rows) -> Scores:
    """Return the score of each pair of a row of `ones` and one of `others`."""
    scores = np.empty(len(one))
    most = max(1, _NUMBERS // max(1, ones.shape[1]))
    for start in range(0, len(one), most):
        at = slice(start, start + most)
        scores[at] = exact(ones[one[at]], others, other[at, None])[:, 0]
    return scores


def in_order(scores: Scores, rows: Rows, count: int) -> Found:
    """Order each line by falling score, then by row, and cut it after `count`."""
    order = np.lexsort((rows, -scores), axis=1)[:, :count]
    return Found(np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1))
