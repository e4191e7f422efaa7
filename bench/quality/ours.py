"""Kairos as the bench sees it: the one module that knows how the judge and a look at a root are called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.quality.gold import GoldPair
from bench.quality.score import MERGING, Chances, Verdict
from kairos.config import Config, cache_dir
from kairos.core.claims import statement_of_text
from kairos.core.judge import Thresholds, judge, probabilities, texts
from kairos.core.reading import Reading
from kairos.core.signals import signals
from kairos.dream.look import Look, Vectors
from kairos.dream.outcome import silent
from kairos.layouts import detect
from kairos.ml.cache import CachedEncoder
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import find_model
from kairos.ml.onnx_judge import OnnxJudge
from kairos.model import Action, JudgedPair, Judgement, Opinion, Relation, Side, Statement
from kairos.store.files import read_snapshot

Sides = tuple[Statement, Statement]


def open_vectors() -> Vectors:
    """Return the default encoder's vectors, kept in the user's cache as those of dreams are."""
    file = cache_dir(Config(), os.environ) / "vectors.db"
    return Vectors(CachedEncoder(SentenceTransformerEncoder(find_model()), file))


def sides_of(pairs: Sequence[GoldPair]) -> list[Sides]:
    """Return what the judge sees of each pair."""
    return [(statement_of_text(p.a, p.a_date), statement_of_text(p.b, p.b_date)) for p in pairs]


def embed(sides: Iterable[Sides], vectors: Vectors) -> None:
    """Embed all that the judge may ask for, in one go."""
    vectors.add(text for pair in sides for side in pair for text in texts(side))


def opinions_of(sides: Sequence[Sides], model: Path) -> list[Opinion]:
    """Return what the judge model in a directory thinks of each pair; raises ModelError."""
    return OnnxJudge(model).opinions([(a.text, b.text) for a, b in sides])


@dataclass(frozen=True, slots=True)
class WordsAndValues:
    """Tiers 1 and 2: the judge without a model."""

    sides: Sequence[Sides]
    vectors: Vectors

    def at(self, thresholds: Thresholds) -> list[Verdict]:
        """Return a verdict for each pair."""
        return [
            _verdict(judge(a, b, self.vectors.similarity, thresholds=thresholds), self._chances(a, b))
            for a, b in self.sides
        ]

    def _chances(self, a: Statement, b: Statement) -> Chances:
        found = probabilities(signals(a, b, self.vectors.similarity))
        merge, conflict = sum(found[relation] for relation in MERGING), found[Relation.CONFLICT]
        return Chances(merge, conflict, found[Relation.DISTINCT])


@dataclass(frozen=True, slots=True)
class ModelAlone:
    """The judge model without words and values: what the other tiers are worth shows beside it."""

    opinions: Sequence[Opinion]

    def at(self, thresholds: Thresholds) -> list[Verdict]:
        """Return a verdict for each pair."""
        return [_opined(opinion, thresholds) for opinion in self.opinions]


def _opined(opinion: Opinion, thresholds: Thresholds) -> Verdict:
    ways = {
        Relation.SAME: opinion.same,
        Relation.A_CONTAINS_B: opinion.a_contains_b,
        Relation.B_CONTAINS_A: opinion.b_contains_a,
    }
    chances = Chances(sum(ways.values()), opinion.conflict, opinion.distinct)
    if chances.merge >= max(thresholds.ask, chances.conflict):
        action = Action.MERGE if chances.merge >= thresholds.merge else Action.ASK
        return Verdict(max(ways, key=lambda way: ways[way]), action, chances=chances)
    if chances.conflict >= thresholds.flag:
        return Verdict(Relation.CONFLICT, Action.FLAG, _newer(opinion), chances)
    return Verdict(Relation.DISTINCT, Action.NONE, chances=chances)


def _newer(opinion: Opinion) -> Side | None:
    """Return the side that is likelier to be newer than the other, and than neither."""
    unknown = 1 - opinion.newer_a - opinion.newer_b
    if max(opinion.newer_a, opinion.newer_b) <= unknown:
        return None
    return "a" if opinion.newer_a > opinion.newer_b else "b"


def _verdict(judgement: Judgement, chances: Chances) -> Verdict:
    """Return a judgement for the scorer; equal words are certain and were never weighed."""
    weighed = all(item.kind != "words" for item in judgement.evidence)
    return Verdict(judgement.relation, judgement.action, judgement.newer, chances if weighed else None)


def look_at(root: Path, today: date, vectors: Vectors) -> tuple[Reading, tuple[JudgedPair, ...]]:
    """Return what a dream reads in a root, and all pairs that it would compare, judged. Writes nothing."""
    config, layout = Config(), detect(root)
    snapshot = read_snapshot(
        root,
        layout=layout.name,
        role_of=layout.role_of,
        max_bytes=config.max_file_bytes,
        ignore=config.is_ignored,
    )
    reading = Reading.of(snapshot)
    look = Look(reading, vectors, Thresholds(), today, silent)
    return reading, look.findings(None, []).pairs
