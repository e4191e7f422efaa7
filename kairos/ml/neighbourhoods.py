"""The nearest texts of every text of a root, updated from dream to dream: only new texts are searched for.

The result is exactly that of searching for every text exhaustively, as long as no search is for more than `EXHAUSTIVE`
texts: beyond that a graph is searched, and lists that are kept from there stay approximate. Each list is a little
longer than needed, so that a text that loses a neighbour need not be searched for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kairos.ml.arrays import Flags, Scores
from kairos.ml.encoder import Vectors
from kairos.ml.neighbours import TOLERANCE, FastNeighbours, Found, Rows, Watch, best_first, exact_pairs
from kairos.ml.row_view import RowView

SPARE = 8
"""How many more neighbours of each text are kept than are asked for."""
_BATCH = 4096
"""Lists carried over at a time."""
_NO_ROW = -1


class Neighbourhoods(NamedTuple):
    """For each of `keys` the nearest of them, itself included; short lists are padded with row −1 and score −∞.

    `keys` are sorted, so that equal scores are in the same order whatever was known before.
    """

    keys: tuple[str, ...]
    near: Found

    def first(self, count: int) -> Found:
        """Return the `count` nearest of each key; fewer if there are not as many keys."""
        count = min(count, len(self.keys))
        return Found(self.near.scores[:, :count], self.near.rows[:, :count])


def searched(
    keys: Sequence[str], vectors: Vectors | RowView, index: FastNeighbours, count: int
) -> Neighbourhoods:
    """Return the `count` nearest of each of `keys`, and `SPARE` more. `keys` must be sorted.

    `vectors` (keys, d) belong to `keys`, and `index` searches in them.
    """
    near = index.search(vectors[:], count + SPARE)
    return Neighbourhoods(tuple(keys), _padded(near, count + SPARE))


def updated(  # noqa: PLR0917 - the parameters of `searched`, and what is known
    old: Found,
    old_rows: Rows,
    keys: Sequence[str],
    vectors: Vectors | RowView,
    index: FastNeighbours,
    count: int,
) -> Neighbourhoods:
    """Return the same as `searched`, starting from the lists `old` of an earlier set of keys.

    `old_rows` (keys,) is the row of each key in `old`, which is sorted in the same way; −1 for keys that are new or
    have another vector now.
    """
    carried = np.flatnonzero(old_rows >= 0)
    if not len(carried) or old.rows.shape[1] != count + SPARE:
        return searched(keys, vectors, index, count)
    depth = count + SPARE
    near = Found(np.full((len(keys), depth), -np.inf), np.full((len(keys), depth), _NO_ROW, dtype=np.int64))
    bounds = _Bounds(np.full(len(keys), np.inf), np.full(len(keys), _NO_ROW, dtype=np.int64))
    # The new row of each old one: −1 for those that are gone. The extra element at the end maps −1 to itself.
    new_row = np.full(len(old.rows) + 1, _NO_ROW, dtype=np.int64)
    new_row[old_rows[carried]] = carried
    for start in range(0, len(carried), _BATCH):
        some = carried[start : start + _BATCH]
        lists, complete = _carried_over(old, old_rows[some], new_row)
        near.scores[some], near.rows[some] = lists
        bounds.scores[some], bounds.rows[some] = _Bounds.of(lists, complete)
    new = np.flatnonzero(old_rows < 0)
    if len(new):
        watch = _insertion_watch(near, bounds, vectors, new)
        near.scores[new], near.rows[new] = _padded(index.search(vectors[new], depth, watch), depth)
    enough = min(count, len(keys))
    short = np.flatnonzero(near.rows[:, enough - 1] == _NO_ROW)
    if len(short):
        near.scores[short], near.rows[short] = _padded(index.search(vectors[short], depth), depth)
    return Neighbourhoods(tuple(keys), near)


def _padded(found: Found, depth: int) -> Found:
    missing = ((0, 0), (0, depth - found.rows.shape[1]))
    return Found(
        np.pad(found.scores, missing, constant_values=-np.inf),
        np.pad(found.rows, missing, constant_values=_NO_ROW),
    )


def _carried_over(old: Found, old_rows: Rows, new_row: Rows) -> tuple[Found, Flags]:
    """Return the lists of some texts that stay, in new rows and without what is gone; and which lists were complete,
    naming every text there was."""
    rows = new_row[old.rows[old_rows]]
    scores = np.where(rows == _NO_ROW, -np.inf, old.scores[old_rows])
    lost = np.flatnonzero((rows[:, :-1] == _NO_ROW).any(axis=1))
    order = np.argsort(rows[lost] == _NO_ROW, axis=1, kind="stable")
    rows[lost], scores[lost] = (np.take_along_axis(side[lost], order, axis=1) for side in (rows, scores))
    complete = (old.rows[old_rows] != _NO_ROW).sum(axis=1) == len(old.rows)
    return Found(scores, rows), np.asarray(complete)


class _Bounds(NamedTuple):
    """Score and row of the last neighbour in each carried list, which is exact only up to there.

    The score is −∞ for a complete list (any text may enter) and ∞ for an empty one (none may).
    """

    scores: Scores
    rows: Rows

    @classmethod
    def of(cls, lists: Found, complete: Flags) -> _Bounds:
        listed = (lists.rows != _NO_ROW).sum(axis=1)
        at, last = np.arange(len(listed)), np.maximum(listed - 1, 0)
        bound = np.where(listed > 0, lists.scores[at, last], np.inf)
        return cls(np.where(complete, -np.inf, bound), lists.rows[at, last])


def _insertion_watch(lists: Found, bounds: _Bounds, vectors: Vectors | RowView, new: Rows) -> Watch:
    """Return a watch that inserts the `new` texts, while they are searched for, into the lists where they belong.

    A text no nearer than the last of a list stays out: texts nearer than it may have been cut off there before.
    """
    least = bounds.scores - 2 * TOLERANCE  # the error of a product, and that of the bound as float32
    return Watch(
        least.astype(np.float32), lambda found, line: _insert(lists, bounds, vectors, new[found], line)
    )


def _insert(lists: Found, bounds: _Bounds, vectors: Vectors | RowView, rows: Rows, line: Rows) -> None:
    """Insert text `rows[i]` into the list of text `line[i]` if it belongs there, for each i."""
    order = np.argsort(line, kind="stable")
    rows, line = rows[order], line[order]
    scores = exact_pairs(vectors, line, vectors, rows)
    bound = bounds.scores[line]
    belongs = (scores > bound) | ((scores == bound) & (rows < bounds.rows[line]))
    line, rows, scores = line[belongs], rows[belongs], scores[belongs]
    if not len(line):
        return
    changed, place = np.unique(line, return_inverse=True)
    column = np.arange(len(line)) - np.searchsorted(line, line)  # sorted: the hits of a line are adjacent
    shape = (len(changed), int(column.max()) + 1)
    added = Found(np.full(shape, -np.inf), np.full(shape, _NO_ROW, dtype=np.int64))
    added.scores[place, column], added.rows[place, column] = scores, rows
    lists.scores[changed], lists.rows[changed] = best_first(
        np.concatenate((lists.scores[changed], added.scores), axis=1),
        np.concatenate((lists.rows[changed], added.rows), axis=1),
        lists.rows.shape[1],
    )
