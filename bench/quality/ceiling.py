"""Counts the planted duplicates and conflicts that reach the judge: it cannot find what the neighbour search misses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.quality.ours import look_at
from bench.quality.score import MERGING
from kairos.core.root.reading import Reading
from kairos.dream.vectors import Vectors
from kairos.errors import UsageError
from kairos.ml.judges import JudgeModel
from kairos.model import Entry, Relation

TRUTH = ".truth.json"
_NO_WORD = re.compile(r"[\W_]+")

Planted = Mapping[str, str]
"""One planted text: its "file" and its "text"."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Of `planted` pairs, how many are among the candidates (`seen`), and how many were judged correctly (`called`)."""

    planted: int = 0
    seen: int = 0
    called: int = 0

    def __add__(self, other: Reach) -> Reach:
        """Return the sum of both."""
        return Reach(self.planted + other.planted, self.seen + other.seen, self.called + other.called)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How much of one directory the judge can see; `missed` has the places of planted pairs that it cannot."""

    name: str
    entries: int
    candidates: int
    duplicates: Reach
    conflicts: Reach
    missed: tuple[tuple[str, str], ...]


def ceilings(folder: Path, vectors: Vectors, model: JudgeModel | None = None) -> list[Ceiling]:
    """Return the ceiling of each directory in `folder` that has a truth file next to it; UsageError if none has."""
    truths = sorted(folder.glob(f"*{TRUTH}"))
    if not truths:
        raise UsageError(f"{folder} holds no NAME{TRUTH}.", "See docs/quality.md for what one holds.")
    return [_ceiling(folder / truth.name.removesuffix(TRUTH), truth, vectors, model) for truth in truths]


def _ceiling(root: Path, file: Path, vectors: Vectors, model: JudgeModel | None) -> Ceiling:
    truth = json.loads(file.read_text(encoding="utf-8"))
    reading, judged = look_at(root, date.fromisoformat(truth["today"]), vectors, model)
    relations = {frozenset((pair.a, pair.b)): pair.judgement.relation for pair in judged}
    missed: list[tuple[str, str]] = []

    def reach(planted: Iterable[tuple[Planted, Planted]], meant: frozenset[Relation]) -> Reach:
        found = Reach()
        for a, b in planted:
            verdicts = [
                relations[key]
                for one in entries_of(a, reading)
                for other in entries_of(b, reading)
                if (key := frozenset((one.id, other.id))) in relations
            ]
            if not verdicts:
                missed.append((_place(a, reading), _place(b, reading)))
            found += Reach(1, int(bool(verdicts)), int(any(verdict in meant for verdict in verdicts)))
        return found

    return Ceiling(
        name=root.name,
        entries=len(reading.entries),
        candidates=len(judged),
        duplicates=reach(_duplicates(truth), MERGING),
        conflicts=reach(_conflicts(truth), frozenset({Relation.CONFLICT})),
        missed=tuple(missed),
    )


def _duplicates(truth: Mapping[str, Any]) -> Iterator[tuple[Planted, Planted]]:
    for group in truth["duplicate_groups"]:
        yield from combinations(group, 2)


def _conflicts(truth: Mapping[str, Any]) -> Iterator[tuple[Planted, Planted]]:
    for conflict in truth["contradictions"]:
        yield conflict["a"], conflict["b"]


def entries_of(planted: Planted, reading: Reading) -> list[Entry]:
    """Return the entries of the named file that contain the planted text, or are contained in it."""
    text = _words(planted["text"])
    note = reading.notes.get(planted["file"])
    held = [(entry, _words(entry.raw)) for entry in (note.entries if note else ())]
    return [entry for entry, words in held if words and (text in words or words in text)]


def _words(text: str) -> str:
    return _NO_WORD.sub(" ", text).casefold().strip()


def _place(planted: Planted, reading: Reading) -> str:
    found = entries_of(planted, reading)
    return f"{planted['file']}:{found[0].line}" if found else planted["file"]
