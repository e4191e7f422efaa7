"""Kairos as the benchmark sees it: the only module here that calls the judge and takes a look at a root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.quality.gold import GoldPair
from bench.quality.score import Chances, Verdict
from kairos.config import Config, cache_dir
from kairos.core.judgement.chances import chances
from kairos.core.judgement.in_place import in_place
from kairos.core.judgement.judge import Thresholds, judge, texts
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text
from kairos.core.root.reading import Reading
from kairos.dream.look import Look
from kairos.dream.outcome import silent
from kairos.dream.vectors import Vectors
from kairos.layouts import detect
from kairos.ml.cache import CachedEncoder
from kairos.ml.encoders import find_encoder
from kairos.ml.judges import JudgeModel
from kairos.ml.model_files import find_model
from kairos.ml.onnx_judge import OnnxJudge
from kairos.model import Action, JudgedPair, Judgement, Opinion, Relation, Side, Statement
from kairos.store.files import read_snapshot

Sides = tuple[Statement, Statement]


def open_vectors() -> Vectors:
    """Return the default encoder's vectors, cached in the user's cache like those of dreams."""
    cache = cache_dir(Config(), os.environ)
    return Vectors(CachedEncoder(find_encoder(find_model(), cache / "models").encoder, cache / "vectors.db"))


def sides_of(pairs: Sequence[GoldPair]) -> list[Sides]:
    """Return the two statements of each pair, as the judge sees them."""
    return [(statement_of_text(p.a, p.a_date), statement_of_text(p.b, p.b_date)) for p in pairs]


def embed(sides: Iterable[Sides], vectors: Vectors) -> None:
    """Embed everything that the judge may ask for, in one batch."""
    vectors.add(text for pair in sides for side in pair for text in texts(side))


def opinions_of(sides: Sequence[Sides], model: JudgeModel) -> list[Opinion]:
    """Return the judge model's opinion of each pair."""
    return model.opinions([in_place(a, b) for a, b in sides])


def open_model(directory: Path) -> JudgeModel:
    """Load the judge model in a directory; raises ModelError."""
    return OnnxJudge(directory)


@dataclass(frozen=True, slots=True)
class Tiers:
    """The judge: words and values, plus the model's opinions if there are any."""

    sides: Sequence[Sides]
    vectors: Vectors
    opinions: Sequence[Opinion] = ()

    def at(self, thresholds: Thresholds) -> list[Verdict]:
        """Return a verdict for each pair."""
        opinions = self.opinions or (None,) * len(self.sides)
        return [
            self._verdict(a, b, opinion, thresholds)
            for (a, b), opinion in zip(self.sides, opinions, strict=True)
        ]

    def _verdict(
        self, a: Statement, b: Statement, opinion: Opinion | None, thresholds: Thresholds
    ) -> Verdict:
        similarity = self.vectors.similarity
        judgement = judge(a, b, similarity, opinion=opinion, thresholds=thresholds)
        found = chances(signals(a, b, similarity), opinion)
        return _verdict(judgement, Chances(found.merging, found.conflict, found.distinct))


@dataclass(frozen=True, slots=True)
class ModelAlone:
    """The judge model without words and values: the comparison shows what the other tiers are worth."""

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
    said = Chances(sum(ways.values()), opinion.conflict, opinion.distinct)
    if said.merge >= max(thresholds.ask, said.conflict):
        action = Action.MERGE if said.merge >= thresholds.merge else Action.ASK
        return Verdict(max(ways, key=lambda way: ways[way]), action, chances=said)
    if said.conflict >= thresholds.flag:
        return Verdict(Relation.CONFLICT, Action.FLAG, _newer(opinion), said)
    return Verdict(Relation.DISTINCT, Action.NONE, chances=said)


def _newer(opinion: Opinion) -> Side | None:
    """Return the side that is most likely newer, unless "neither is known to be" is at least as likely."""
    unknown = 1 - opinion.newer_a - opinion.newer_b
    if max(opinion.newer_a, opinion.newer_b) <= unknown:
        return None
    return "a" if opinion.newer_a > opinion.newer_b else "b"


def _verdict(judgement: Judgement, said: Chances) -> Verdict:
    """Convert a judgement for the scorer, without chances for equal words: those are certain and never weighed."""
    weighed = all(item.kind != "words" for item in judgement.evidence)
    return Verdict(judgement.relation, judgement.action, judgement.newer, said if weighed else None)


def look_at(
    root: Path, today: date, vectors: Vectors, model: JudgeModel | None = None
) -> tuple[Reading, tuple[JudgedPair, ...]]:
    """Return what a dream reads in a root, and all pairs that it would compare, with judgements. Writes nothing."""
    look = look_over(root, today, vectors, model)
    return look.reading, look.findings(None, []).pairs


def look_over(root: Path, today: date, vectors: Vectors, model: JudgeModel | None = None) -> Look:
    """Return the look that a dream would take at a root. Writes nothing."""
    config, layout = Config(), detect(root)
    snapshot = read_snapshot(
        root,
        layout=layout.name,
        role_of=layout.role_of,
        max_bytes=config.max_file_bytes,
        ignore=config.is_ignored,
    )
    reading = Reading.of(snapshot)
    return Look(reading, vectors, Thresholds(), today, silent, model)
