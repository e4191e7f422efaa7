"""Who is near whom: exact inner-product search with FAISS, and a brute-force twin that tests it.

Scores are rounded to six decimals, where the last bits of two ways to compute the same product differ; equal
scores are ordered by row. So the same vectors give the same neighbours, whatever computed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Vectors
from kairos.ml.index_file import IndexFileError, read_index_file, write_index_file

if TYPE_CHECKING:
    import faiss

Rows = NDArray[np.int64]

_DECIMALS = 6


class Found(NamedTuple):
    """Neighbours of n queries, best first: `scores` (n, k) and `rows` (n, k) of what is searched in."""

    scores: Vectors
    rows: Rows


class Neighbours(Protocol):
    """Vectors that can be searched; a row is a position in the sequence of keys that they were given with."""

    def __len__(self) -> int: ...

    def search(self, queries: Vectors, k: int) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product."""


class BruteForceNeighbours:
    """The obvious implementation: one matrix product."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, queries: Vectors, k: int) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product."""
        scores = np.round(queries @ self._vectors.T, _DECIMALS)
        rows = np.tile(np.arange(len(self), dtype=np.int64), (len(queries), 1))
        return _best(scores, rows, min(k, len(self)))


class FaissNeighbours:
    """An exact FAISS index of one root, kept on disk together with the keys of its vectors.

    `notices` says what was wrong with the file, if anything; a file that cannot be used or written never
    stops anything.
    """

    def __init__(self, index: faiss.IndexIDMap2, row_of_id: Rows, notices: Sequence[str] = ()) -> None:
        self._index = index
        self._row_of_id = row_of_id
        self.notices = list(notices)

    @classmethod
    def load_or_build(cls, path: Path, keys: Sequence[str], vectors: Vectors) -> FaissNeighbours:
        """Return an index of `vectors` (n, d), named by `keys`, in step with the file at `path`.

        Vectors that the file has under their key already stay where they are; the others are added, and what
        is no longer named goes. Raises ValueError unless there is one key, of its own, for each vector.
        """
        _check(keys, vectors)
        notices: list[str] = []
        stored = _stored(path, vectors.shape[1], notices)
        index, ids, changed = _in_step(stored, keys, vectors)
        if changed:
            by_id = dict(zip(ids.tolist(), keys, strict=True))
            _save(path, index, [by_id[number] for number in _ids(index)], notices)
        return cls(index, _rows_of(ids), notices)

    @classmethod
    def build(cls, keys: Sequence[str], vectors: Vectors) -> FaissNeighbours:
        """Return an index of `vectors` (n, d), named by `keys`, that is kept nowhere; raises ValueError as above."""
        _check(keys, vectors)
        index, ids, _ = _in_step(_empty(vectors.shape[1]), keys, vectors)
        return cls(index, _rows_of(ids))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int) -> Found:
        """Return for each query the `k` rows (fewer, where there are not as many) of highest product."""
        count = min(k, len(self))
        scores = np.zeros((len(queries), count), dtype=np.float32)
        rows = np.zeros((len(queries), count), dtype=np.int64)
        open_queries = np.arange(len(queries))
        fetch = count
        while count and len(open_queries):
            # FAISS cuts equal scores arbitrarily: look further until the cut is not among equals.
            fetch = min(len(self), fetch + 1 if fetch == count else 2 * fetch)
            raw, ids = self._index.search(np.ascontiguousarray(queries[open_queries]), fetch)
            rounded = np.round(raw, _DECIMALS)
            settled = (rounded[:, count - 1] > rounded[:, -1]) | (fetch == len(self))
            best = _best(rounded[settled], self._row_of_id[ids[settled]], count)
            scores[open_queries[settled]], rows[open_queries[settled]] = best
            open_queries = open_queries[~settled]
        return Found(scores, rows)


def _best(scores: Vectors, rows: Rows, count: int) -> Found:
    """Order each line by falling score, then by row, and cut it after `count`."""
    order = np.lexsort((rows, -scores), axis=1)[:, :count]
    return Found(np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1))


def _check(keys: Sequence[str], vectors: Vectors) -> None:
    if len(set(keys)) != len(keys) or len(keys) != len(vectors):
        raise ValueError("there must be one key, of its own, for each vector")


def _rows_of(ids: Rows) -> Rows:
    """Return the row of each id; −1 where there is none."""
    rows = np.full(int(ids.max(initial=-1)) + 1, -1, dtype=np.int64)
    rows[ids] = np.arange(len(ids))
    return rows


class _Stored(NamedTuple):
    """An index and the key of each of its ids."""

    index: Any  # faiss.IndexIDMap2
    keys: dict[str, int]


def _empty(dimension: int) -> _Stored:
    import faiss  # noqa: PLC0415 - what needs no search shall not wait for it

    return _Stored(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)), {})


def _stored(path: Path, dimension: int, notices: list[str]) -> _Stored:
    """Return what the file at `path` holds; nothing, if there is none or it cannot be used."""
    try:
        content = read_index_file(path)
        if content is None:
            return _empty(dimension)
        stored = _deserialised(content.payload, content.keys)
        if stored.index.d != dimension:
            return _empty(dimension)  # another model was used: that is no fault
    except IndexFileError as error:
        notices.append(f"The neighbour index {path} {error}: it was built again.")
        return _empty(dimension)
    return stored


def _deserialised(payload: bytes, keys: Sequence[str]) -> _Stored:
    import faiss  # noqa: PLC0415 - as above

    try:
        index = faiss.deserialize_index(np.frombuffer(payload, dtype=np.uint8))
    except RuntimeError as error:
        raise IndexFileError("is of another version of FAISS") from error
    if not isinstance(index, faiss.IndexIDMap2) or index.ntotal != len(keys):
        raise IndexFileError("does not hold what its keys name")
    return _Stored(index, dict(zip(keys, _ids(index), strict=True)))


def _in_step(stored: _Stored, keys: Sequence[str], vectors: Vectors) -> tuple[Any, Rows, bool]:
    """Return the index with exactly `vectors`, the id of each, and whether anything had to change."""
    import faiss  # noqa: PLC0415 - as above

    index = stored.index
    ids = np.array([stored.keys.get(key, -1) for key in keys], dtype=np.int64)
    for row in np.flatnonzero(ids >= 0):
        # Compared bit by bit, so that no key can ever stand for a vector of the past.
        if not np.array_equal(index.reconstruct(int(ids[row])), vectors[row]):
            ids[row] = -1
    new = np.flatnonzero(ids < 0)
    gone = np.setdiff1d(np.array(list(stored.keys.values()), dtype=np.int64), ids)
    if len(gone):
        index.remove_ids(faiss.IDSelectorBatch(gone))
    if len(new):
        first = max(stored.keys.values(), default=-1) + 1
        ids[new] = np.arange(first, first + len(new))
        index.add_with_ids(np.ascontiguousarray(vectors[new], dtype=np.float32), ids[new])
    return index, ids, bool(len(gone) or len(new))


def _ids(index: faiss.IndexIDMap2) -> list[int]:
    """Return the ids in the order of the index's vectors."""
    import faiss  # noqa: PLC0415 - as above

    return [int(number) for number in faiss.vector_to_array(index.id_map)]


def _save(path: Path, index: faiss.IndexIDMap2, keys: Sequence[str], notices: list[str]) -> None:
    import faiss  # noqa: PLC0415 - as above

    try:
        write_index_file(path, keys, faiss.serialize_index(index).tobytes())
    except OSError as error:
        reason = error.strerror or error
        notices.append(
            f"The neighbour index {path} could not be kept ({reason}); it is built again next time."
        )
