"""The nearest texts of every text of a root, followed from dream to dream: only what is new is searched for.

What follows is exactly what a search for every text would give. A list is some entries longer than what anybody asks
for, so that one that loses a neighbour need not be searched for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kairos.ml.encoder import Vectors
from kairos.ml.gathered import Gathered
from kairos.ml.neighbours import FastNeighbours, Found, Rows, Scores, Watch, exact_pairs, in_order

SPARE = 8
"""How many more neighbours are kept of each text than are asked for."""
_LINES = 4096
"""Texts whose lists are carried over together."""
_APPROXIMATE = 2e-6  # as in `kairos.ml.neighbours`
_NONE = -1

Flags = NDArray[np.bool_]


class Neighbourhoods(NamedTuple):
    """The nearest of `keys` for each of them, itself among them; what is less is filled with row −1 and score −∞.

    `keys` are in order, which is what makes equal scores come in the same order whatever was there before.
    """

    keys: tuple[str, ...]
    near: Found

    def first(self, count: int) -> Found:
        """Return the `count` nearest of each (fewer, where there are not as many)."""
        count = min(count, len(self.keys))
        return Found(self.near.scores[:, :count], self.near.rows[:, :count])


def searched(
    keys: Sequence[str], vectors: Vectors | Gathered, index: FastNeighbours, count: int
) -> Neighbourhoods:
    """Return the `count` nearest, and some, of each of `keys`, which have to be in order.

    `vectors` (keys, d) are theirs, and what `index` searches in.
    """
    near = index.search(vectors[:], count + SPARE)
    return Neighbourhoods(tuple(keys), _filled(near, count + SPARE))


def followed(  # noqa: PLR0917 - what `searched` takes, and what is known
    old: Found,
    was: Rows,
    keys: Sequence[str],
    vectors: Vectors | Gathered,
    index: FastNeighbours,
    count: int,
) -> Neighbourhoods:
    """Return the same as `searched`, from what was found for other keys.

    `was` (keys,) says where each stands in `old`, which is in the same order: −1 for what has no, or another, vector
    there.
    """
    carried = np.flatnonzero(was >= 0)
    if not len(carried) or old.rows.shape[1] != count + SPARE:
        return searched(keys, vectors, index, count)
    depth = count + SPARE
    near = Found(np.full((len(keys), depth), -np.inf), np.full((len(keys), depth), _NONE, dtype=np.int64))
    bounds = _Bounds(np.full(len(keys), np.inf), np.full(len(keys), _NONE, dtype=np.int64))
    # Where each of the old ones is now: −1 for those that went, and at the end for −1 itself.
    new_row = np.full(len(old.rows) + 1, _NONE, dtype=np.int64)
    new_row[was[carried]] = carried
    for start in range(0, len(carried), _LINES):
        some = carried[start : start + _LINES]
        lists, complete = _carried(old, was[some], new_row)
        near.scores[some], near.rows[some] = lists
        bounds.scores[some], bounds.rows[some] = _Bounds.of(lists, complete)
    new = np.flatnonzero(was < 0)
    if len(new):
        watch = _entering(near, bounds, vectors, new)
        near.scores[new], near.rows[new] = _filled(index.search(vectors[new], depth, watch), depth)
    enough = min(count, len(keys))
    short = np.flatnonzero(near.rows[:, enough - 1] == _NONE)
    if len(short):
        near.scores[short], near.rows[short] = _filled(index.search(vectors[short], depth), depth)
    return Neighbourhoods(tuple(keys), near)


def _filled(found: Found, depth: int) -> Found:
    missing = ((0, 0), (0, depth - found.rows.shape[1]))
    return Found(
        np.pad(found.scores, missing, constant_values=-np.inf),
        np.pad(found.rows, missing, constant_values=_NONE),
    )


def _carried(old: Found, was: Rows, new_row: Rows) -> tuple[Found, Flags]:
    """Return the lists of some texts that stay, in the new rows, without what went; and which of them name all others
    that stay."""
    rows = new_row[old.rows[was]]
    scores = np.where(rows == _NONE, -np.inf, old.scores[was])
    lost = np.flatnonzero((rows[:, :-1] == _NONE).any(axis=1))
    order = np.argsort(rows[lost] == _NONE, axis=1, kind="stable")
    rows[lost], scores[lost] = (np.take_along_axis(side[lost], order, axis=1) for side in (rows, scores))
    complete = (old.rows[was] != _NONE).sum(axis=1) == len(old.rows)
    return Found(scores, rows), np.asarray(complete)


class _Bounds(NamedTuple):
    """The last of each list that is known to be in its place: its score and its row. Nothing enters behind it."""

    scores: Scores
    rows: Rows

    @classmethod
    def of(cls, lists: Found, complete: Flags) -> _Bounds:
        listed = (lists.rows != _NONE).sum(axis=1)
        at, last = np.arange(len(listed)), np.maximum(listed - 1, 0)
        bound = np.where(listed > 0, lists.scores[at, last], np.inf)
        return cls(np.where(complete, -np.inf, bound), lists.rows[at, last])


def _entering(lists: Found, bounds: _Bounds, vectors: Vectors | Gathered, new: Rows) -> Watch:
    """Return what puts those of the `new` texts that are searched for into the lists of others that belong there.

    What is no nearer than the last of a list stays out: something nearer may have been left out there before.
    """
    least = bounds.scores - 2 * _APPROXIMATE  # of the products, and of itself in single precision
    return Watch(
        least.astype(np.float32), lambda found, line: _join(lists, bounds, vectors, new[found], line)
    )


def _join(lists: Found, bounds: _Bounds, vectors: Vectors | Gathered, rows: Rows, line: Rows) -> None:
    """Put texts, by their `rows`, into the lists, each into that of the text at its place in `line`, if it belongs
    there."""
    order = np.argsort(line, kind="stable")
    rows, line = rows[order], line[order]
    scores = exact_pairs(vectors, line, vectors, rows)
    bound = bounds.scores[line]
    belongs = (scores > bound) | ((scores == bound) & (rows < bounds.rows[line]))
    line, rows, scores = line[belongs], rows[belongs], scores[belongs]
    if not len(line):
        return
    changed, place = np.unique(line, return_inverse=True)
    column = np.arange(len(line)) - np.searchsorted(line, line)  # a line's hits stand together
    shape = (len(changed), int(column.max()) + 1)
    added = Found(np.full(shape, -np.inf), np.full(shape, _NONE, dtype=np.int64))
    added.scores[place, column], added.rows[place, column] = scores, rows
    lists.scores[changed], lists.rows[changed] = in_order(
        np.concatenate((lists.scores[changed], added.scores), axis=1),
        np.concatenate((lists.rows[changed], added.rows), axis=1),
        lists.rows.shape[1],
    )
