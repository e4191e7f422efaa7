"""Looking at a root: read, embed, pair, judge. Nothing here writes to the root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kairos.config import Judge
from kairos.core.claims import claims, statement
from kairos.core.foresight import Findings
from kairos.core.guard import boilerplate, documents, is_composed, is_judged, is_left_alone
from kairos.core.judge import PairContext, Thresholds, equal_words, judge, texts
from kairos.core.linker import Linker
from kairos.core.pairs import candidate_pairs, pair_contexts
from kairos.core.reading import JUDGED_ROLES, Reading
from kairos.core.ruling import in_doubt
from kairos.core.stale import stale, twins
from kairos.dream.counsel import Counsel
from kairos.dream.outcome import Progress, silent
from kairos.ml.encoder import Encoder
from kairos.ml.judges import JudgeModel
from kairos.ml.neighbours import FaissNeighbours
from kairos.model import (
    Action,
    Claim,
    Entry,
    Finding,
    JudgedPair,
    Judgement,
    Opinion,
    Pair,
    Relation,
    Statement,
)

Sides = tuple[Statement, Statement]
NEIGHBOURS = 12
"""How many nearest claims of each claim are considered."""
WORTH_READING = 0.45
"""Cosine of two claims from which the judge model reads their entries."""


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
            verdict = judge(
                ours, Statement(other, (other,)), self.vectors.similarity, thresholds=self.thresholds
            )
            if verdict.action is Action.MERGE and verdict.relation in (Relation.SAME, Relation.B_CONTAINS_A):
                return True
        return False

    def nearest(self, text: str, among: Sequence[str]) -> str:
        """Return the sentence of `among` that is closest to `text`; the first of equals."""
        return max(among, key=lambda other: self.vectors.similarity(text, other))


def thresholds_of(config: Judge) -> Thresholds:
    """Return the judge's thresholds, with those of the config in their place."""
    found = Thresholds()
    if config.ask_confidence is not None:
        found = replace(found, ask=config.ask_confidence)
    if config.flag_confidence is not None:
        found = replace(found, flag=config.flag_confidence)
    if config.merge_confidence is not None:  # it holds for every way to an unattended merge
        sure = config.merge_confidence
        found = replace(found, merge=sure, beside=sure, least=sure)
    return found


@dataclass
class Look:
    """One look at a reading: the judged entries, their statements and claims."""

    reading: Reading
    vectors: Vectors
    thresholds: Thresholds
    today: date
    progress: Progress
    model: JudgeModel | None = None
    counsel: Counsel | None = None
    heard: dict[Sides, Opinion] = field(default_factory=dict)
    verdicts: dict[tuple[Sides, PairContext], Judgement] = field(default_factory=dict)

    def ahead(self, reading: Reading) -> Findings:
        """Return what the same look finds in another reading; texts and pairs that it knows are not judged anew."""
        return replace(self, reading=reading, progress=silent).findings(None, [])

    @cached_property
    def linker(self) -> Linker:
        """The pointers and links of the reading."""
        return Linker(self.reading)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The entries that are compared: no pointers, no fragments, nothing that is read-only."""
        return {
            entry.id: entry
            for entry in self.reading.entries.values()
            if is_judged(entry, self.reading.note_of(entry)) and not self.linker.is_pointer(entry)
        }

    @cached_property
    def statements(self) -> dict[str, Statement]:
        """What the judge sees of each compared entry."""
        return {id_: statement(entry, self.reading.note_of(entry)) for id_, entry in self.entries.items()}

    def findings(self, index_file: Path | None, notices: list[str]) -> Findings:
        """Return all that was found out; the FAISS index is kept at `index_file` between dreams, if that is given."""
        return Findings(
            pairs=self._judged(self._pairs(index_file, notices)),
            stale=self._stale(),
            twins=twins(self.reading.snapshot.sources, preferred=self._preference),
        )

    def _pairs(self, index_file: Path | None, notices: list[str]) -> tuple[Pair, ...]:
        found = [
            claim
            for note in self.reading.notes.values()
            for claim in claims(note)
            if claim.entry_id in self.entries
        ]
        self.progress("embed", 0, len(found))
        self.vectors.add((claim.embedded for claim in found), lambda n, of: self.progress("embed", n, of))
        self.progress("pair", 0, 1)
        rows = self._rows(found, index_file, notices)
        return candidate_pairs(found, rows, self.entries)

    def _rows(
        self, found: Sequence[Claim], index_file: Path | None, notices: list[str]
    ) -> Iterator[list[tuple[int, float]]]:
        """Yield, for each claim, the nearest claims; the index holds each text once."""
        texts_of = list(dict.fromkeys(claim.embedded for claim in found))
        matrix = self.vectors.matrix(texts_of)
        if index_file is None:
            index = FaissNeighbours.build(texts_of, matrix)
        else:
            index = FaissNeighbours.load_or_build(index_file, texts_of, matrix)
            notices += index.notices
        holders: dict[str, list[int]] = {}
        for row, claim in enumerate(found):
            holders.setdefault(claim.embedded, []).append(row)
        scores, near = index.search(matrix, NEIGHBOURS)
        by_text = {
            text: [
                (row, float(score))
                for score, other in zip(scores[position], near[position], strict=True)
                for row in holders[texts_of[other]][:NEIGHBOURS]
            ]
            for position, text in enumerate(texts_of)
        }
        for claim in found:
            yield by_text[claim.embedded]

    def _judged(self, pairs: Sequence[Pair]) -> tuple[JudgedPair, ...]:
        involved = dict.fromkeys(id_ for pair in pairs for id_ in (pair.a, pair.b))
        self.vectors.add(text for id_ in involved for text in texts(self.statements[id_]))
        contexts = pair_contexts(pairs, self._whole_similarity, self._is_composed)
        self._hear([self._sides(pair) for pair in pairs if pair.similarity >= WORTH_READING])
        verdicts = (self._verdict(self._sides(pair), contexts[pair.a, pair.b]) for pair in pairs)
        return self._counselled(
            [JudgedPair(p.a, p.b, verdict) for p, verdict in zip(pairs, verdicts, strict=True)]
        )

    def _sides(self, pair: Pair) -> Sides:
        return self.statements[pair.a], self.statements[pair.b]

    def _hear(self, pairs: Sequence[Sides]) -> None:
        """Ask the judge model about the new pairs that equal words do not settle."""
        asked = [
            sides for sides in dict.fromkeys(pairs) if sides not in self.heard and not equal_words(*sides)
        ]
        if self.model is None or not asked:
            return
        self.progress("judge", 0, len(asked))
        read = [(a.text, b.text) for a, b in asked]
        opinions = self.model.opinions(read, lambda done, of: self.progress("judge", done, of))
        self.heard.update(zip(asked, opinions, strict=True))

    def _verdict(self, sides: Sides, context: PairContext) -> Judgement:
        if (sides, context) not in self.verdicts:
            self.verdicts[sides, context] = judge(
                *sides,
                self.vectors.similarity,
                opinion=self.heard.get(sides),
                context=context,
                thresholds=self.thresholds,
            )
        return self.verdicts[sides, context]

    def _is_composed(self, a: str, b: str) -> bool:
        return is_composed(self.entries[a], self.entries[b], self.reading, self._documents)

    @cached_property
    def _documents(self) -> frozenset[str]:
        return documents(self.reading)

    def _whole_similarity(self, a: str, b: str) -> float:
        return self.vectors.similarity(self.statements[a].text, self.statements[b].text)

    def _counselled(self, judged: Sequence[JudgedPair]) -> tuple[JudgedPair, ...]:
        """Let a language model, if there is one, settle the doubtful pairs whose places leave something to settle."""
        if self.counsel is None:
            return tuple(judged)
        templates = boilerplate(self.reading.entries.values())
        open_pairs = [
            pair
            for pair in judged
            if in_doubt(pair.judgement) and not is_left_alone(pair, self.reading, templates)
        ]
        statements = self.statements
        matters = [(pair.judgement, statements[pair.a], statements[pair.b]) for pair in open_pairs]
        settled = {(p.a, p.b): j for p, j in zip(open_pairs, self.counsel.settle(matters), strict=True)}
        return tuple(
            replace(pair, judgement=settled.get((pair.a, pair.b), pair.judgement)) for pair in judged
        )

    def _stale(self) -> tuple[Finding, ...]:
        existing = frozenset(self.reading.notes) | self.reading.snapshot.other_paths
        found = [
            finding
            for note in self.reading.notes.values()
            if note.role in JUDGED_ROLES
            for finding in stale(note, today=self.today, existing=existing.__contains__)
        ]
        return tuple(
            finding
            for finding in found
            if finding.entry_id is None or not self.linker.is_pointer(self.reading.entries[finding.entry_id])
        )

    def _preference(self, path: str) -> int:
        """Rank a path among byte-identical twins: one that an index names goes before one that none names."""
        return int(any(path in p.targets for found in self.linker.pointers.values() for p in found))
