"""The neighbourhoods of one root, kept in a file together with the vectors they belong to, as a FAISS index."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice, repeat
from operator import lt
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kairos.ml.arrays import Scores
from kairos.ml.encoder import Vectors
from kairos.ml.index_file import (
    IndexFile,
    IndexFileError,
    Piece,
    StreamedPart,
    read_index_file,
    write_index_file,
)
from kairos.ml.neighbourhoods import SPARE, Neighbourhoods, updated
from kairos.ml.neighbours import FastNeighbours, Found, Rows
from kairos.ml.row_view import RowView

_BATCH = 256
"""Vectors compared at a time: these fit into a core's cache."""
_ROWS_PER_PIECE = 1024
"""Vectors written at a time."""
_FLOAT = 4
_FLAT_HEADER = struct.Struct("<4siqqq?iQ")
# As FAISS writes them: a placeholder (written twice) that no longer means anything, and the metric type.
_PLACEHOLDER, _INNER_PRODUCT = 2**20, 0


Runner = Callable[[Callable[[], object]], object]
"""Runs some work, at once or in the background."""


def run_now(work: Callable[[], object]) -> None:
    """Run `work` now."""
    work()


class Stored(NamedTuple):
    """What a file holds: a vector and the nearest keys for each of its keys, the fingerprint of the `model` that made
    the vectors, and `notices` of what was wrong with the file. `digests` are those of the keys it was read for, and
    `old_rows` (keys it was read for,) holds the row of each of them in the file; −1 where the file lacks it.

    `vectors_taken`: the current vectors of these keys were taken from here, so they are equal and no longer held.
    """

    vectors: Vectors
    near: Found
    old_rows: Rows
    digests: tuple[str, ...]
    model: str = ""
    notices: tuple[str, ...] = ()
    vectors_taken: bool = False

    def without_vectors(self) -> Stored:
        """Return a copy without the vectors, for a caller whose vectors for these keys come from here."""
        return self._replace(vectors=self.vectors[:0].copy(), vectors_taken=True)

    def of(self, model: str, keys: Sequence[str]) -> tuple[list[str], RowView]:
        """Return those of `keys` that have a vector of `model` here, and these vectors.

        `keys` are the keys the file was read for.
        """
        known = np.flatnonzero((self.old_rows >= 0) & (model == self.model))
        return [keys[row] for row in known.tolist()], RowView(self.vectors, self.old_rows[known])


Reading = Callable[[], IndexFile | None]
"""Reads an index file, or waits until it has been read. Raises what `read_index_file` raises."""


def stored(path: Path, keys: Sequence[str], dimension: int, read: Reading | None = None) -> Stored:
    """Return what the file at `path` holds; an empty result if it is missing, damaged, or of another dimension.

    `read` supplies the file's content where it has been read already.
    """
    notices: list[str] = []
    read = read or partial(read_index_file, path)
    digests = tuple(map(_digest, keys))
    found = _read(path, digests, dimension, read, notices) or _empty(digests, dimension)
    return found._replace(notices=tuple(notices))


def update_neighbourhoods(
    path: Path,
    keys: Sequence[str],
    vectors: Vectors | RowView,
    count: int,
    notices: list[str],
    *,
    run: Runner | None = run_now,
    model: str = "",
    known: Stored | None = None,
) -> Neighbourhoods:
    """Return the neighbourhoods of `keys`: the `count` nearest of each and `SPARE` more. Updates the file at `path`.

    `keys` are sorted and distinct, with one row each in `vectors` (keys, d), which `model` made. Only keys that are new
    or whose vectors changed are searched for. `known` is what the file holds, where it has been read already. `run`
    runs the writing; None leaves the file alone. Problems with the file are added to `notices` and never raised. Raises
    ValueError if `keys` are not sorted and distinct, or not as many as `vectors`.
    """
    if len(keys) != len(vectors) or not all(map(lt, keys, islice(keys, 1, None))):
        raise ValueError("there must be one key, of its own and in order, for each vector")
    last = known or stored(path, keys, vectors.shape[1])
    old_rows = _where_unchanged(last, vectors)
    as_wide = last.near.rows.shape[1] == count + SPARE
    if as_wide and np.array_equal(old_rows, np.arange(len(last.near.rows))) and last.model == model:
        return Neighbourhoods(tuple(keys), last.near)
    found = updated(last.near, old_rows, keys, vectors, FastNeighbours(vectors), count)
    if run is not None:
        notices += last.notices
        run(partial(_save, path, last.digests, found.near, vectors, model=model, notices=notices))
    return found


def _empty(digests: tuple[str, ...], dimension: int) -> Stored:
    none = Found(np.zeros((0, 0)), np.zeros((0, 0), dtype=np.int64))
    nowhere = np.full(len(digests), -1, dtype=np.int64)
    return Stored(np.zeros((0, dimension), dtype=np.float32), none, nowhere, digests)


def _where_unchanged(stored: Stored, vectors: Vectors | RowView) -> Rows:
    """Return the stored row of each key of `vectors`; −1 where the stored vector differs or is missing."""
    old_rows = stored.old_rows.copy()
    known = np.flatnonzero(old_rows >= 0) if not stored.vectors_taken else np.zeros(0, dtype=np.int64)
    # Vectors are compared exactly, so that no key is ever taken for an outdated vector.
    for start in range(0, len(known), _BATCH):
        some = known[start : start + _BATCH]
        old_rows[some[(stored.vectors[old_rows[some]] != vectors[some]).any(axis=1)]] = -1
    return old_rows


def _read(
    path: Path, digests: tuple[str, ...], dimension: int, read: Reading, notices: list[str]
) -> Stored | None:
    """Return what the file at `path` holds; None if there is none or it cannot be used.

    The file holds digests instead of keys, because keys are the text of notes.
    """
    try:
        content = read()
        if content is None:
            return None
        vectors, near = _decoded(content)
    except IndexFileError as error:
        notices.append(f"The neighbour index {path} {error}: it was built again.")
        return None
    if vectors.shape[1] != dimension:  # made by another model: no fault
        return None
    row = {digest: row for row, digest in enumerate(content.keys)}
    old_rows = np.fromiter(map(row.get, digests, repeat(-1)), dtype=np.int64, count=len(digests))
    return Stored(vectors, near, old_rows, digests, content.model)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _decoded(content: IndexFile) -> tuple[Vectors, Found]:
    count = len(content.keys)
    try:
        head, payload, scores, rows = content.parts
        dimension = _FLAT_HEADER.unpack(head)[1]
        if bytes(head) != _faiss_header(count, dimension):
            raise IndexFileError("was written by another version of FAISS")
        vectors = np.frombuffer(payload, dtype="<f4").reshape(count, dimension)
        found = Found(
            np.frombuffer(scores, dtype="<f8").reshape(count, -1 if count else 0),
            np.frombuffer(rows, dtype="<i8").reshape(count, -1 if count else 0),
        )
    except (struct.error, ValueError) as error:
        raise IndexFileError("does not match its keys") from error
    return vectors, found


def _save(
    path: Path,
    digests: tuple[str, ...],
    near: Found,
    vectors: Vectors | RowView,
    *,
    model: str,
    notices: list[str],
) -> None:
    parts = (
        _faiss_header(*vectors.shape),
        StreamedPart(vectors.shape[0] * vectors.shape[1] * _FLOAT, partial(_stream, vectors)),
        _bytes(near.scores.astype("<f8", copy=False)),
        _bytes(near.rows.astype("<i8", copy=False)),
    )
    try:
        write_index_file(path, digests, parts, model)
    except (OSError, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "out of memory"
        notices.append(
            f"The neighbour index {path} could not be kept ({reason}); it is built again next time."
        )


def _faiss_header(count: int, dimension: int) -> bytes:
    """Return the header of a FAISS flat index; the vectors follow it. FAISS itself would have to copy them to write."""
    return _FLAT_HEADER.pack(
        b"IxFI", dimension, count, _PLACEHOLDER, _PLACEHOLDER, True, _INNER_PRODUCT, count * dimension
    )


def _stream(vectors: Vectors | RowView, to: Callable[[Piece], object]) -> None:
    """Pass the bytes of the vectors to `to`, piece by piece."""
    for start in range(0, len(vectors), _ROWS_PER_PIECE):
        to(_bytes(np.ascontiguousarray(vectors[start : start + _ROWS_PER_PIECE], dtype="<f4")))


def _bytes(numbers: Vectors | Rows | Scores) -> memoryview:
    return numbers.ravel().view(np.uint8).data
