"""Nearest-neighbour search: exhaustive products, a FAISS graph for very many queries, and a brute-force twin for tests.

A score is computed in double precision from the two vectors alone and rounded to six decimals, so two vectors have the
same score whichever search found them. Equal scores are ordered by row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kairos.ml.arrays import Scores
from kairos.ml.encoder import Vectors
from kairos.ml.row_view import RowView

if TYPE_CHECKING:
    import faiss

Rows = NDArray[np.int64]

_DECIMALS = 6
TOLERANCE = 2e-6
"""How far a product in single precision may be from the score."""
_MAX_BATCH = 512
"""Most queries in one batch."""
_MAX_PRODUCTS = 2**23
"""Most products held at a time: 32 MiB of float32."""
_GROUP_SIZE = 16
"""Products in one group: of each group only the maximum is looked at first."""
_BLOCK_SIZE = 2**17
"""Vector components multiplied at a time: converted to double precision too, they still fit into a core's cache."""
_MARGIN = 4 * TOLERANCE
"""If one single-precision product is this much below another, its score is lower as well."""
_SCAN_WIDTH = 4096
"""Products of each query that are scanned for a `Watch` at a time."""
_MIN_BATCH = 32
"""Fewest queries in one batch, whatever `_MAX_PRODUCTS` says: every batch reads all vectors."""
EXHAUSTIVE = 50_000
"""Up to this many queries, all products are computed. Linking one vector into a graph takes as long as this many
products, so from here on (all texts of a larger root) a graph is faster. It finds 0.995 of the same twelve neighbours
(58,354 texts). A search with a `Watch` needs all products anyway, and choosing the best of them takes only 5 to 7 % as
long as computing them (100,000 and 400,000 vectors), so it stays exhaustive."""
_HNSW_LINKS, _EF_CONSTRUCTION, _EF_SEARCH = 24, 80, 64
"""HNSW parameters: links of each vector (M), and candidates examined in building and in searching (efConstruction,
efSearch)."""
_EXTRA_CANDIDATES = 8
"""Extra candidates that are fetched from the graph and scored exactly."""


class Found(NamedTuple):
    """Neighbours of n queries, best first: `scores` (n, k) and `rows` (n, k), rows of the vectors searched in."""

    scores: Scores
    rows: Rows


class Watch(NamedTuple):
    """Watches a search for every pair of a query and a row whose single-precision product is at least `least[row]`.

    `tell(queries, rows)` is called with two arrays of one length for each batch of such pairs.
    """

    least: NDArray[np.float32]
    tell: Callable[[Rows, Rows], object]


class Neighbours(Protocol):
    """Vectors that can be searched; a row is a vector's position among them."""

    def __len__(self) -> int: ...

    def search(self, queries: Vectors, k: int) -> Found:
        """Return the `k` rows with the highest product for each query; fewer if there are not as many vectors."""


class BruteForceNeighbours:
    """The obvious implementation: one matrix product."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors.astype(np.float64)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: Vectors, k: int) -> Found:
        """Return the `k` rows with the highest product for each query; fewer if there are not as many vectors."""
        scores = np.round(queries.astype(np.float64) @ self._vectors.T, _DECIMALS)
        rows = np.tile(np.arange(len(self), dtype=np.int64), (len(queries), 1))
        return best_first(scores, rows, min(k, len(self)))


class FastNeighbours:
    """Searches vectors (n, d): with a graph for more than `exhaustive` queries in one search, otherwise exhaustively.

    `RowView` rows must be distinct. Their whole matrix is multiplied, which is faster than copying the rows out.
    """

    def __init__(self, vectors: Vectors | RowView, *, exhaustive: int = EXHAUSTIVE) -> None:
        is_whole = isinstance(vectors, np.ndarray)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32) if is_whole else vectors
        self._matrix = self._vectors.matrix if isinstance(self._vectors, RowView) else self._vectors
        self._exhaustive = exhaustive
        self._buffer = np.empty((0, 0), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: Vectors, k: int, watch: Watch | None = None) -> Found:
        """Return the `k` rows with the highest product for each query; fewer if there are not as many vectors.

        Reports to `watch` on the way, unless `k` is 0 or there are no vectors. With a watch, the search is exhaustive.
        """
        count = min(k, len(self))
        found = Found(np.zeros((len(queries), count)), np.zeros((len(queries), count), dtype=np.int64))
        by_graph = watch is None and len(queries) > self._exhaustive
        at_once = min(_MAX_BATCH, max(_MIN_BATCH, _MAX_PRODUCTS // max(1, len(self._matrix))))
        for start in range(0, len(queries) if count else 0, at_once):
            at = slice(start, start + at_once)
            asked = np.ascontiguousarray(queries[at])
            if by_graph:
                found.scores[at], found.rows[at] = self._search_graph(asked, count)
                continue
            products = self._products(asked)
            if watch is not None:
                self._report_hits(watch, products, start)
            found.scores[at], found.rows[at] = self._search(asked, products, count)
        return found

    def _report_hits(self, watch: Watch, products: Vectors, first: int) -> None:
        """Report to `watch` which of the `products` reach their row's `least`; line 0 belongs to query `first`."""
        least = np.full(products.shape[1], np.inf, dtype=np.float32)
        columns = np.flatnonzero(self._row_of_column >= 0)
        least[columns] = watch.least[self._row_of_column[columns]]
        for start in range(0, len(least), _SCAN_WIDTH):
            part = slice(start, start + _SCAN_WIDTH)
            # Flat indices: much faster than a two-dimensional nonzero.
            hits = np.flatnonzero(products[:, part] >= least[part])
            if len(hits):
                query, column = np.divmod(hits, len(least[part]))
                watch.tell(first + query, self._row_of_column[start + column])

    def _search(self, asked: Vectors, products: Vectors, count: int) -> Found:
        fetch = min(len(self), count + 1)
        bounds, near = self._top_products(products, fetch)
        best = best_first(exact(asked, self._vectors, near), near, count)
        # `_top_products` cuts equal products arbitrarily: where the cut may fall among equals, look at all of them.
        tied = (best.scores[:, -1] <= bounds + TOLERANCE) & (fetch < len(self))
        if tied.any():
            best.scores[tied], best.rows[tied] = self._search_ties(asked[tied], count)
        return best

    @cached_property
    def _row_of_column(self) -> Rows:
        """The row of each column of products; −1 for padding and for columns that are not searched."""
        rows = np.full(-(-len(self._matrix) // _GROUP_SIZE) * _GROUP_SIZE, -1, dtype=np.int64)
        at = self._vectors.rows if isinstance(self._vectors, RowView) else slice(len(self))
        rows[at] = np.arange(len(self))
        return rows

    @cached_property
    def _unsearched_columns(self) -> Rows:
        return np.flatnonzero(self._row_of_column < 0)

    def _products(self, queries: Vectors) -> Vectors:
        """Return the products (queries, columns), one column for each vector; −∞ where a column is not searched.

        On recent processors NumPy multiplies several times as fast as the libraries bundled with FAISS.
        """
        if len(self._buffer) < len(queries):  # allocated once: fresh memory of this size comes page by page
            self._buffer = np.empty((len(queries), len(self._row_of_column)), dtype=np.float32)
        found = self._buffer[: len(queries)]
        np.matmul(queries, self._matrix.T, out=found[:, : len(self._matrix)])
        found[:, self._unsearched_columns] = -np.inf
        return found

    def _top_products(self, found: Vectors, fetch: int) -> tuple[NDArray[np.float32], Rows]:
        """Return for each query the least of its `fetch` largest products, and the rows of all of them, unordered."""
        height, width = len(found), found.shape[1] // _GROUP_SIZE
        columns = np.broadcast_to(np.arange(found.shape[1], dtype=np.int64), found.shape)
        if fetch < width:
            # A group is every `width`-th column. The largest products are in the groups with the largest maxima.
            largest = found.reshape(height, _GROUP_SIZE, width).max(axis=1)
            groups = np.argpartition(largest, -fetch, axis=1)[:, -fetch:]
            members = groups[:, :, None] + width * np.arange(_GROUP_SIZE, dtype=np.int64)
            columns = members.reshape(height, -1)
            found = np.take_along_axis(found, columns, axis=1)
        best = np.argpartition(found, -fetch, axis=1)[:, -fetch:]
        rows = self._row_of_column[np.take_along_axis(columns, best, axis=1)]
        return np.take_along_axis(found, best, axis=1).min(axis=1), rows

    def _search_ties(self, queries: Vectors, count: int) -> Found:
        """Search where any number of scores may be equal.

        Most ties come from equal vectors, so equal queries are searched for once, and only one of equal vectors is
        scored.
        """
        kinds, place = np.unique(queries, axis=0, return_inverse=True)
        found = Found(np.zeros((len(kinds), count)), np.zeros((len(kinds), count), dtype=np.int64))
        at_once = max(1, _BLOCK_SIZE // len(self))
        for start in range(0, len(kinds), at_once):
            products = self._products(kinds[start : start + at_once])
            bounds = np.partition(products, -count, axis=1)[:, -count] - _MARGIN
            for row, (line, bound) in enumerate(zip(products, bounds, strict=True), start):
                found.scores[row], found.rows[row] = self._best(
                    kinds[row], self._row_of_column[np.flatnonzero(~(line < bound))], count
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
        """For each row, the first row whose vector has the same bits."""
        firsts: dict[bytes, int] = {}
        parts = (self._vectors[start : start + _MAX_BATCH] for start in range(0, len(self), _MAX_BATCH))
        digests = (hashlib.blake2b(vector.tobytes()).digest() for part in parts for vector in part)
        rows = (firsts.setdefault(digest, row) for row, digest in enumerate(digests))
        return np.fromiter(rows, dtype=np.int64, count=len(self))

    def _search_graph(self, queries: Vectors, count: int) -> Found:
        _, near = self._graph.search(queries, min(len(self), count + _EXTRA_CANDIDATES))
        scores = exact(queries, self._vectors, near)
        scores[near < 0] = -np.inf  # the graph may reach fewer than were asked for
        return best_first(scores, near, count)

    @cached_property
    def _graph(self) -> faiss.IndexHNSWFlat:
        import faiss  # noqa: PLC0415 - only for very many queries

        graph = faiss.IndexHNSWFlat(self._vectors.shape[1], _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction, graph.hnsw.efSearch = _EF_CONSTRUCTION, _EF_SEARCH
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # with several threads the order of linking would be left to chance
        try:
            graph.add(self._vectors[:])
        finally:
            faiss.omp_set_num_threads(threads)
        return graph


def exact(queries: Vectors, vectors: Vectors | RowView, rows: Rows) -> Scores:
    """Return the scores (n, k) of n queries with their own `rows` (n, k) of `vectors`."""
    scores = np.empty(rows.shape)
    most = max(1, _BLOCK_SIZE // max(1, vectors.shape[1]))
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


def exact_pairs(ones: Vectors | RowView, one: Rows, others: Vectors | RowView, other: Rows) -> Scores:
    """Return the scores (n,) of the pairs of row `one[i]` of `ones` and row `other[i]` of `others`."""
    scores = np.empty(len(one))
    most = max(1, _BLOCK_SIZE // max(1, ones.shape[1]))
    for start in range(0, len(one), most):
        at = slice(start, start + most)
        scores[at] = exact(ones[one[at]], others, other[at, None])[:, 0]
    return scores


def best_first(scores: Scores, rows: Rows, count: int) -> Found:
    """Sort each line by descending score, then by row, and cut it after `count`."""
    order = np.lexsort((rows, -scores), axis=1)[:, :count]
    return Found(np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1))
