"""Labelled pairs from labelled directories, each text after its place, as the judge model reads them in a dream.

Families teach what two notes say of each other when they stand alone. In a directory a heading often names the subject,
and the pairs that look most alike are neighbours that must both stay.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from bench.labelled import Labelled, Planted, bare_words, read_labelled
from bench.quality.ceiling import entries_of
from bench.quality.ours import look_over, open_vectors
from kairos.core.judgement.in_place import in_place
from kairos.core.judgement.judge import equal_words
from kairos.core.root.reading import Reading
from kairos.dream.vectors import Vectors
from kairos.model import Relation, Statement
from training.families import CONFLICT, DISTINCT, MERGING, Example, is_held_out_name, labelled

_NEAREST = 2
_LEAST_SHARE = 0.7
"""An entry counts as a planted text if that makes up so much of it, in characters."""
_LEAST_COSINE = 0.4
"""A pair without a label is learnt from if one is among so many nearest of the other, from this cosine on: roughly what
a dream looks at."""

Ids = tuple[str, str]
"""The ids of two entries, the lesser one first."""


def read_placed(folders: Iterable[Path]) -> dict[str, list[Example]]:
    """Return the pairs of each labelled directory (`*.json`) in `folders`, by the name of the directory."""
    files = [file for folder in folders for file in sorted(folder.glob("*.json"))]
    if not files:
        return {}
    vectors = open_vectors()
    return {directory.name: list(placed_pairs(directory, vectors)) for directory in read_labelled(files)}


def pairs_of_directories(found: Mapping[str, list[Example]], *, held_out: bool) -> list[Example]:
    """Return the pairs of those directories that are held out of training, or of all others."""
    return [one for name, pairs in found.items() if is_held_out_name(name) is held_out for one in pairs]


def placed_pairs(directory: Labelled, vectors: Vectors) -> Iterator[Example]:
    """Yield the planted pairs of a directory and its nearest other pairs, as distinct ones, each in one order.

    Two entries that planted pairs connect only by way of a third one are left out: they may well say the same.
    """
    with tempfile.TemporaryDirectory() as place:
        directory.write_to(Path(place))
        look = look_over(Path(place), directory.today, vectors)
    reading = look.reading
    statements = {id_: reading.facts[reading.entries[id_].path].statements[id_] for id_ in look.entries}
    planted = _planted(directory, reading)
    group_of = _groups(planted)
    apart = [ids for one, other, *_ in directory.traps for ids in _ids(one, other, reading)]
    apart += [
        (a, b)
        for a, b in _near(statements, vectors)
        if a not in group_of or group_of[a] is not group_of.get(b)
    ]
    known: dict[Ids, Relation | None] = dict.fromkeys(apart, DISTINCT)
    for (a, b), relation in (known | planted).items():
        if a in statements and b in statements and equal_words(statements[a], statements[b]) is None:
            yield _example(*in_place(statements[a], statements[b]), relation)


def _example(a: str, b: str, relation: Relation | None) -> Example:
    """Return a pair of a relation, or one that says the same or contains the other. Which side is newer is unknown."""
    return Example(a, b, MERGING) if relation is None else replace(labelled(a, b, relation), newer=-1)


def _planted(directory: Labelled, reading: Reading) -> dict[Ids, Relation | None]:
    relations = {"duplicate": None, "conflict": CONFLICT}
    return {ids: relations[kind] for kind, a, b in directory.pairs() for ids in _ids(a, b, reading)}


def _ids(one: Planted, other: Planted, reading: Reading) -> Iterator[Ids]:
    for a, b in product(_held_by(one, reading), _held_by(other, reading)):
        if a != b:
            yield min(a, b), max(a, b)


def _held_by(planted: Planted, reading: Reading) -> list[str]:
    """Return the ids of the entries that say little besides the planted text."""
    length = len(bare_words(str(planted["text"])))
    return [
        entry.id
        for entry in entries_of(planted, reading)
        if length >= _LEAST_SHARE * len(bare_words(entry.raw))
    ]


def _groups(pairs: Iterable[Ids]) -> Mapping[str, set[str]]:
    """Return for each id the set of all that are connected with it."""
    found: dict[str, set[str]] = {}
    for a, b in pairs:
        joint = found.get(a, {a}) | found.get(b, {b})
        found |= dict.fromkeys(joint, joint)
    return found


def _near(statements: Mapping[str, Statement], vectors: Vectors) -> Iterator[Ids]:
    ids = list(statements)
    rows = vectors.encoder.encode([statements[id_].text for id_ in ids])
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -1)
    for at, nearest in enumerate(np.argsort(-cosines, axis=1)[:, :_NEAREST]):
        for other in nearest:
            if cosines[at, other] >= _LEAST_COSINE:
                yield min(ids[at], ids[other]), max(ids[at], ids[other])
