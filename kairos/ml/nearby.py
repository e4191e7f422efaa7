"""The neighbourhoods of one root, kept in a file together with the FAISS index of the vectors that they are of."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kairos.ml.encoder import Vectors
from kairos.ml.gathered import Gathered
from kairos.ml.index_file import Given, IndexFile, IndexFileError, Piece, read_index_file, write_index_file
from kairos.ml.neighbourhoods import SPARE, Neighbourhoods, followed
from kairos.ml.neighbours import FastNeighbours, Found, Rows, Scores

_AT_ONCE = 256
"""Vectors that are compared together: they stay in the cache of a core."""
_PIECE = 1024
"""Vectors that are written together."""
_FLOAT = 4
_FLAT = struct.Struct("<4siqqq?iQ")
# As FAISS writes them: two numbers that mean nothing any more, and its kind of metric.
_UNUSED, _PRODUCT = 2**20, 0


Do = Callable[[Callable[[], object]], object]
"""Does some work, now or while whoever asks for it goes on."""


def at_once(work: Callable[[], object]) -> None:
    """Do some work now."""
    work()


class Stored(NamedTuple):
    """What a file holds: the nearest of each of its keys, a vector for each, and the fingerprint of the model that made
    the vectors; with what was wrong with the file, if anything. Of the keys that it was read for, `was` tells where
    each stands there: −1 for those that the file does not have.

    `are_same`: the keys that are still there have these vectors, which are not held any more.
    """

    vectors: Vectors
    near: Found
    was: Rows
    model: str = ""
    notices: tuple[str, ...] = ()
    are_same: bool = False

    def unchanged(self) -> Stored:
        """Return the same without the vectors, for whoever has taken over those of all keys."""
        return self._replace(vectors=self.vectors[:0].copy(), are_same=True)

    def of(self, model: str, keys: Sequence[str]) -> tuple[list[str], Gathered]:
        """Return those of the `keys` that it was read for that have a vector of a model here, and their vectors."""
        known = np.flatnonzero((self.was >= 0) & (model == self.model))
        return [keys[row] for row in known.tolist()], Gathered(self.vectors, self.was[known])


Reading = Callable[[], IndexFile | None]
"""Reads an index file, or waits for one that is read: raises what `read_index_file` raises."""


def stored(path: Path, keys: Sequence[str], dimension: int, read: Reading | None = None) -> Stored:
    """Return what the file at `path` holds; nothing, where it is missing, damaged, or of another dimension.

    `read` returns what stands in it, where that is read already.
    """
    notices: list[str] = []
    read = read or partial(read_index_file, path)
    found = _read(path, keys, dimension, read, notices) or _nothing(len(keys), dimension)
    return found._replace(notices=tuple(notices))


def nearby(
    path: Path,
    keys: Sequence[str],
    vectors: Vectors | Gathered,
    count: int,
    notices: list[str],
    *,
    do: Do | None = at_once,
    model: str = "",
    known: Stored | None = None,
) -> Neighbourhoods:
    """Return the `count` nearest, and some, of each of `keys`, and have the file at `path` brought in step by `do`, if
    there is one. What was wrong with the file comes to the `notices`, and stops nobody.

    `keys` are in order, each has its own row of `vectors` (keys, d), which `model` made. Only what the file does not
    have as it is now is searched for. `known` is what the file holds, where it was read already. Raises ValueError for
    keys that are not in order.
    """
    if len(keys) != len(vectors) or any(one >= other for one, other in pairwise(keys)):
        raise ValueError("there must be one key, of its own and in order, for each vector")
    last = known or stored(path, keys, vectors.shape[1])
    was = _where_unchanged(last, vectors)
    as_wide = last.near.rows.shape[1] == count + SPARE
    if as_wide and np.array_equal(was, np.arange(len(last.near.rows))) and last.model == model:
        return Neighbourhoods(tuple(keys), last.near)
    found = followed(last.near, was, keys, vectors, FastNeighbours(vectors), count)
    if do is not None:
        notices += last.notices
        do(partial(_save, path, found, vectors, model, notices))
    return found


def _nothing(count: int, dimension: int) -> Stored:
    none = Found(np.zeros((0, 0)), np.zeros((0, 0), dtype=np.int64))
    return Stored(np.zeros((0, dimension), dtype=np.float32), none, np.full(count, -1, dtype=np.int64))


def _where_unchanged(stored: Stored, vectors: Vectors | Gathered) -> Rows:
    """Return where the keys of `vectors` stand in what is stored: −1 for those with another vector there, or none."""
    was = stored.was.copy()
    known = np.flatnonzero(was >= 0) if not stored.are_same else np.zeros(0, dtype=np.int64)
    # Compared bit by bit, so that no key can ever stand for a vector of the past.
    for start in range(0, len(known), _AT_ONCE):
        some = known[start : start + _AT_ONCE]
        was[some[(stored.vectors[was[some]] != vectors[some]).any(axis=1)]] = -1
    return was


def _read(
    path: Path, keys: Sequence[str], dimension: int, read: Reading, notices: list[str]
) -> Stored | None:
    """Return what the file at `path` holds; None, if there is none or it cannot be used.

    The file has only digests of its keys, which are what notes say.
    """
    try:
        content = read()
        if content is None:
            return None
        vectors, near = _decoded(content)
    except IndexFileError as error:
        notices.append(f"The neighbour index {path} {error}: it was built again.")
        return None
    if vectors.shape[1] != dimension:  # another model was used: that is no fault
        return None
    row = {digest: row for row, digest in enumerate(content.keys)}
    was = np.fromiter((row.get(_digest(key), -1) for key in keys), dtype=np.int64, count=len(keys))
    return Stored(vectors, near, was, content.model)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _decoded(content: IndexFile) -> tuple[Vectors, Found]:
    count = len(content.keys)
    try:
        head, payload, scores, rows = content.parts
        dimension = _FLAT.unpack(head)[1]
        if bytes(head) != _head(count, dimension):
            raise IndexFileError("is of another version of FAISS")
        vectors = np.frombuffer(payload, dtype="<f4").reshape(count, dimension)
        found = Found(
            np.frombuffer(scores, dtype="<f8").reshape(count, -1 if count else 0),
            np.frombuffer(rows, dtype="<i8").reshape(count, -1 if count else 0),
        )
    except (struct.error, ValueError) as error:
        raise IndexFileError("does not hold what its keys name") from error
    return vectors, found


def _save(
    path: Path, found: Neighbourhoods, vectors: Vectors | Gathered, model: str, notices: list[str]
) -> None:
    parts = (
        _head(*vectors.shape),
        Given(vectors.shape[0] * vectors.shape[1] * _FLOAT, partial(_give, vectors)),
        _bytes(found.near.scores.astype("<f8", copy=False)),
        _bytes(found.near.rows.astype("<i8", copy=False)),
    )
    try:
        write_index_file(path, tuple(map(_digest, found.keys)), parts, model)
    except (OSError, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "there is no memory left"
        notices.append(
            f"The neighbour index {path} could not be kept ({reason}); it is built again next time."
        )


def _head(count: int, dimension: int) -> bytes:
    """Return how FAISS begins a flat index, which ends with its vectors. To let it write one takes a copy of them."""
    return _FLAT.pack(b"IxFI", dimension, count, _UNUSED, _UNUSED, True, _PRODUCT, count * dimension)


def _give(vectors: Vectors | Gathered, to: Callable[[Piece], object]) -> None:
    """Give the bytes of vectors to something, piece by piece."""
    for start in range(0, len(vectors), _PIECE):
        to(_bytes(np.ascontiguousarray(vectors[start : start + _PIECE], dtype="<f4")))


def _bytes(numbers: Vectors | Rows | Scores) -> memoryview:
    return numbers.ravel().view(np.uint8).data
