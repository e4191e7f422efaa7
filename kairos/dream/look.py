"""Looking at a root: read, embed, pair, judge. Nothing here writes to the root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kairos.config import Judge
from kairos.core.claims import claims, statement
from kairos.core.guard import is_judged
from kairos.core.judge import PairContext, Thresholds, judge, texts
from kairos.core.linker import Linker
from kairos.core.pairs import candidate_pairs
from kairos.core.plan import Findings
from kairos.core.reading import Reading
from kairos.core.stale import stale, twins
from kairos.dream.outcome import Progress
from kairos.ml.encoder import Encoder
from kairos.ml.neighbours import FaissNeighbours
from kairos.model import Action, Claim, Entry, JudgedPair, Relation, Role, Statement

NEIGHBOURS = 12
"""How many nearest claims of each claim are considered."""


@dataclass(slots=True)
class Vectors:
    """Vectors by text; a text that is new is embedded when it is first asked for."""

    encoder: Encoder
    known: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def add(self, wanted: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Embed all that is new of `wanted`."""
        new = [text for text in dict.fromkeys(wanted) if text not in self.known]
        if new:
            self.known.update(zip(new, self.encoder.encode(new, progress=progress), strict=True))

    def matrix(self, wanted: Sequence[str]) -> NDArray[np.float32]:
        """Return an array (len(wanted), dimension) of rows of length 1."""
        self.add(wanted)
        if not wanted:
            return np.zeros((0, self.encoder.dimension), dtype=np.float32)
        return np.stack([self.known[text] for text in wanted])

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of two texts."""
        self.add((one, other))
        return float(np.dot(self.known[one], self.known[other]))


@dataclass(frozen=True, slots=True)
class SentenceLikeness:
    """Compares sentences for the planner, with the judge's own measure of certainty."""

    vectors: Vectors
    thresholds: Thresholds

    def covers(self, text: str, by: Sequence[str]) -> bool:
        """Whether one of `by` certainly says what `text` says."""
        ours = Statement(text, (text,))
        for other in by:
            verdict = judge(ours, Statement(other, (other,)), self.vectors.similarity, thresholds=self.thresholds)
            if verdict.action is Action.MERGE and verdict.relation in (Relation.SAME, Relation.B_CONTAINS_A):
                return True
        return False

    def nearest(self, text: str, among: Sequence[str]) -> str:
        """Return the sentence of `among` that is closest to `text`; the first of equals."""
        return max(among, key=lambda other: self.vectors.similarity(text, other))


def thresholds_of(config: Judge) -> Thresholds:
    """Return the judge's thresholds, with those of the config in their place."""
    built_in = Thresholds()
    return Thresholds(
        merge=built_in.merge if config.merge_confidence is None else config.merge_confidence,
        ask=built_in.ask if config.ask_confidence is None else config.ask_confidence,
        flag=built_in.flag if config.flag_confidence is None else config.flag_confidence,
    )


@dataclass(slots=True)
class Look:
    """One look at a reading: the judged entries, their statements and claims."""

    reading: Reading
    vectors: Vectors
    thresholds: Thresholds
    today: date
    progress: Progress

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that are compared: no pointers, no fragments, nothing that is read-only."""
        linker = Linker(self.reading)
        return tuple(
            entry
            for entry in self.reading.entries.values()
            if is_judged(entry, self.reading.note_of(entry)) and not linker.is_pointer(entry)
        )

    def findings(self, index_file: Path | None, notices: list[str]) -> Findings:
        """Return all that was found out; the FAISS index is kept at `index_file` between dreams."""
        return Findings(
            pairs=self._judged(index_file, notices),
            stale=self._stale(),
            twins=twins(self.reading.snapshot.sources, preferred=self._preference),
        )
