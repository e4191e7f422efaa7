"""The neighbourhoods of one root, kept in a file together with the FAISS index that they were searched in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kairos.ml.encoder import Vectors
from kairos.ml.gathered import Gathered
from kairos.ml.index_file import IndexFile, IndexFileError, read_index_file, write_index_file
from kairos.ml.neighbourhoods import SPARE, Flags, Neighbourhoods, followed
from kairos.ml.neighbours import FastNeighbours, Found, Rows, Scores

if TYPE_CHECKING:
    import faiss


_AT_ONCE = 256
"""Vectors that are compared together: they stay in the cache of a core."""
_PIECE = 2**20
"""Bytes of an index that are written together."""


class Nearby(NamedTuple):
    """What was found, and what was wrong with the file, if anything: that never stops anybody."""

    found: Neighbourhoods
    notices: tuple[str, ...] = ()


class Stored(NamedTuple):
    """What a file holds: an index, the id that each key has in it, the neighbourhoods of the keys, and the fingerprint
    of the model that made the vectors; with what was wrong with the file, if anything."""

    vectors: faiss.IndexIDMap2
    ids: Rows
    found: Neighbourhoods
    model: str = ""
    notices: tuple[str, ...] = ()

    def of(self, model: str, keys: Sequence[str]) -> tuple[list[str], Vectors]:
        """Return those of `keys` that have a vector of a model here, and their vectors."""
        position = {key: row for row, key in enumerate(self.found.keys)} if model == self.model else {}
        known = [key for key in keys if key in position]
        rows = np.fromiter((position[key] for key in known), dtype=np.int64, count=len(known))
        return known, _content(self.vectors)[_places(self)[self.ids[rows]]]


def stored(path: Path, keys: Sequence[str], dimension: int) -> Stored:
    """Return what the file at `path` holds; nothing, where it is missing, damaged, or of another dimension."""
    notices: list[str] = []
    found = _read(path, keys, dimension, notices) or _nothing(dimension)
    return found._replace(notices=tuple(notices))


def nearby(
    path: Path,
    keys: Sequence[str],
    vectors: Vectors | Gathered,
    count: int,
    *,
    keep: bool = True,
    model: str = "",
    known: Stored | None = None,
) -> Nearby:
    """Return the `count` nearest, and some, of each of `keys`; with `keep`, bring the file at `path` in step.

    `keys` are in order, each has its own row of `vectors` (keys, d), which `model` made. Only what the file does not
    have as it is now is searched for; its index is updated in place. `known` is what the file holds, where it was read
    already. Raises ValueError for keys that are not in order.
    """
    if len(keys) != len(vectors) or any(one >= other for one, other in pairwise(keys)):
        raise ValueError("there must be one key, of its own and in order, for each vector")
    last = known or stored(path, keys, vectors.shape[1])
    fresh, ids = _fresh(last, keys, vectors)
    as_wide = last.found.near.rows.shape[1] == count + SPARE
    if as_wide and last.found.keys == tuple(keys) and last.model == model and not fresh.any():
        return Nearby(last.found)
    found = followed(last.found, fresh, keys, vectors, FastNeighbours(vectors), count)
    if not keep:
        return Nearby(found)
    notices = [*last.notices]
    ids = _brought_in_step(last, ids, fresh, vectors)
    _save(path, Stored(last.vectors, ids, found, model), notices)
    return Nearby(found, tuple(notices))


def _nothing(dimension: int) -> Stored:
    import faiss  # noqa: PLC0415 - what needs no search shall not wait for it

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    none = Found(np.zeros((0, 0)), np.zeros((0, 0), dtype=np.int64))
    return Stored(index, np.zeros(0, dtype=np.int64), Neighbourhoods((), none))


def _fresh(stored: Stored, keys: Sequence[str], vectors: Vectors | Gathered) -> tuple[Flags, Rows]:
    """Return which keys have no vector in the index, or another one, and the id of the others; else −1."""
    position = {key: row for row, key in enumerate(stored.found.keys)}
    was = np.fromiter((position.get(key, -1) for key in keys), dtype=np.int64, count=len(keys))
    known = np.flatnonzero(was >= 0)
    ids = np.full(len(keys), -1, dtype=np.int64)
    # Compared bit by bit, so that no key can ever stand for a vector of the past.
    place, kept = _places(stored), _content(stored.vectors)
    for start in range(0, len(known), _AT_ONCE):
        some = known[start : start + _AT_ONCE]
        same = some[(kept[place[stored.ids[was[some]]]] == vectors[some]).all(axis=1)]
        ids[same] = stored.ids[was[same]]
    return ids < 0, ids


def _places(stored: Stored) -> Rows:
    """Return where the vector with each id is in the index, in its own order."""
    import faiss  # noqa: PLC0415 - as above

    place = np.zeros(int(stored.ids.max(initial=-1)) + 1, dtype=np.int64)
    place[faiss.vector_to_array(stored.vectors.id_map)] = np.arange(stored.vectors.ntotal)
    return place


def _content(index: faiss.IndexIDMap2) -> Vectors:
    """Return the vectors of an index, in its own order, without a copy."""
    import faiss  # noqa: PLC0415 - as above

    flat: Any = faiss.downcast_index(index.index)
    size = index.ntotal * index.d
    numbers: Vectors = faiss.rev_swig_ptr(flat.get_xb(), size) if size else np.zeros(0, dtype=np.float32)
    return numbers.reshape(index.ntotal, index.d)


def _brought_in_step(stored: Stored, ids: Rows, fresh: Flags, vectors: Vectors | Gathered) -> Rows:
    """Take out of the index what went, add what is fresh, and return the ids of all."""
    import faiss  # noqa: PLC0415 - as above

    gone = np.setdiff1d(stored.ids, ids)
    if len(gone):
        stored.vectors.remove_ids(faiss.IDSelectorBatch(gone))
    new = np.flatnonzero(fresh)
    if len(new):
        first = int(stored.ids.max(initial=-1)) + 1
        ids[new] = np.arange(first, first + len(new))
        added = vectors[:] if len(new) == len(vectors) else vectors[new]  # all of them need no copy
        stored.vectors.add_with_ids(np.ascontiguousarray(added, dtype=np.float32), ids[new])
    return ids


def _read(path: Path, keys: Sequence[str], dimension: int, notices: list[str]) -> Stored | None:
    """Return what the file at `path` holds; None, if there is none or it cannot be used.

    The file has only digests of its keys, which are what notes say. One that is not among `keys` stands for itself.
    """
    try:
        content = read_index_file(path)
        if content is None:
            return None
        named = {_digest(key): key for key in keys}
        found = _decoded(tuple(named.get(key, key) for key in content.keys), content)
    except IndexFileError as error:
        notices.append(f"The neighbour index {path} {error}: it was built again.")
        return None
    # Another model was used: that is no fault.
    return None if found.vectors.d != dimension else found


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _decoded(keys: tuple[str, ...], content: IndexFile) -> Stored:
    import faiss  # noqa: PLC0415 - as above

    try:
        payload, ids, scores, rows = content.parts
        index: Any = faiss.deserialize_index(np.frombuffer(payload, dtype=np.uint8))
        count = len(keys)
        found = Found(
            np.frombuffer(scores, dtype="<f8").reshape(count, -1 if count else 0),
            np.frombuffer(rows, dtype="<i8").reshape(count, -1 if count else 0),
        )
        near = Neighbourhoods(keys, found)
        stored = Stored(index, np.frombuffer(ids, dtype="<i8"), near, content.model)
    except (RuntimeError, ValueError) as error:
        raise IndexFileError("is of another version of FAISS") from error
    if (
        not isinstance(index, faiss.IndexIDMap2)
        or not isinstance(faiss.downcast_index(index.index), faiss.IndexFlatIP)
        or index.ntotal != len(stored.ids)
        or len(stored.ids) != count
    ):
        raise IndexFileError("does not hold what its keys name")
    return stored


def _save(path: Path, stored: Stored, notices: list[str]) -> None:
    near = stored.found.near
    parts = (
        partial(_give, stored.vectors),
        _bytes(stored.ids.astype("<i8", copy=False)),
        _bytes(near.scores.astype("<f8", copy=False)),
        _bytes(near.rows.astype("<i8", copy=False)),
    )
    try:
        write_index_file(path, tuple(map(_digest, stored.found.keys)), parts, stored.model)
    except OSError as error:
        reason = error.strerror or error
        notices.append(
            f"The neighbour index {path} could not be kept ({reason}); it is built again next time."
        )


def _give(index: faiss.IndexIDMap2, to: Callable[[bytes], object]) -> None:
    """Give the bytes of an index to something, piece by piece."""
    import faiss  # noqa: PLC0415 - as above

    untyped: Any = faiss  # its stubs do not know this class
    faiss.write_index(index, untyped.PyCallbackIOWriter(to, _PIECE))


def _bytes(numbers: Rows | Scores) -> memoryview:
    return numbers.ravel().view(np.uint8).data
