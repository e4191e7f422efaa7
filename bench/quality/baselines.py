"""The baselines: cosine thresholds, SemHash and paraphrase mining, on the same pairs and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from bench.quality.gold import GoldPair
from bench.quality.score import Verdict
from kairos.core.judgement.judge import Thresholds
from kairos.model import Action, Relation

COSINES = tuple(step / 100 for step in range(60, 96, 5))
"""Cosines from which the simplest baselines merge, or flag, every pair."""
SEMHASH = (0.7, 0.8, 0.9)
"""Thresholds of SemHash; 0.9 is its default."""
MINED = (0.7, 0.8, 0.9)
"""Scores from which mined pairs count; paraphrase mining has no default."""

Matrix = NDArray[np.float32]

MERGED = Verdict(Relation.SAME, Action.MERGE)
ASKED = Verdict(Relation.SAME, Action.ASK)
FLAGGED = Verdict(Relation.CONFLICT, Action.FLAG)
LEFT = Verdict(Relation.DISTINCT, Action.NONE)


@dataclass(frozen=True, slots=True)
class Pool:
    """The distinct texts of a gold file, their vectors (one unit-length row each), and the pairs as row numbers."""

    texts: tuple[str, ...]
    vectors: Matrix
    pairs: tuple[tuple[int, int], ...]

    @property
    def cosines(self) -> list[float]:
        """The cosine of each pair."""
        return [float(self.vectors[a] @ self.vectors[b]) for a, b in self.pairs]


def texts_of(pairs: Sequence[GoldPair]) -> tuple[str, ...]:
    """Return the distinct texts of the pairs."""
    return tuple(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))


def pool(pairs: Sequence[GoldPair], vectors: Matrix) -> Pool:
    """Return the pool of some pairs; `vectors` has one row per text of `texts_of(pairs)`."""
    texts = texts_of(pairs)
    rows = {text: row for row, text in enumerate(texts)}
    return Pool(texts, vectors, tuple((rows[pair.a], rows[pair.b]) for pair in pairs))


def merged_above(pool: Pool, cosine: float) -> list[Verdict]:
    """Merge every pair with at least this cosine."""
    return [MERGED if found >= cosine else LEFT for found in pool.cosines]


def flagged_above(pool: Pool, cosine: float) -> list[Verdict]:
    """Flag every pair with at least this cosine."""
    return [FLAGGED if found >= cosine else LEFT for found in pool.cosines]


@dataclass(frozen=True, slots=True)
class CosineBands:
    """Cosine with the judge's three thresholds: merge, below that ask, below that flag."""

    pool: Pool

    def at(self, thresholds: Thresholds) -> list[Verdict]:
        """Return a verdict for each pair."""
        return [_band(cosine, thresholds) for cosine in self.pool.cosines]


def _band(cosine: float, thresholds: Thresholds) -> Verdict:
    if cosine >= thresholds.merge:
        return MERGED
    if cosine >= thresholds.ask:
        return ASKED
    return FLAGGED if cosine >= thresholds.flag else LEFT


def has_semhash() -> bool:
    """Whether SemHash is installed."""
    return find_spec("semhash") is not None


@dataclass(frozen=True, slots=True)
class _UnusedEncoder:
    """The encoder that SemHash insists on; since it is given the vectors, it never calls it."""

    vectors: Matrix

    def encode(self, inputs: Sequence[str], **_: object) -> Matrix:
        raise AssertionError(f"SemHash asked for {len(inputs)} vectors that it was given")


def semhash(pool: Pool, thresholds: Sequence[float] = SEMHASH) -> dict[float, list[Verdict]]:
    """Deduplicate all texts at once, as SemHash is used; a pair is merged if one text stands for both."""
    from semhash import SemHash  # noqa: PLC0415 - an extra
    from vicinity import Backend  # noqa: PLC0415

    found = SemHash.from_embeddings(
        pool.vectors,
        list(pool.texts),
        _UnusedEncoder(pool.vectors),
        ann_backend=Backend.BASIC,  # exact search: SemHash at its best, and reproducible
    )
    verdicts = {}
    for threshold in thresholds:
        result = found.self_deduplicate(threshold=threshold)
        stands_for = {duplicate.record: duplicate.duplicate_of for duplicate in result.filtered}
        sides = [[stands_for.get(pool.texts[row], pool.texts[row]) for row in pair] for pair in pool.pairs]
        verdicts[threshold] = [MERGED if a == b else LEFT for a, b in sides]
    return verdicts


def mined(pool: Pool, scores: Sequence[float] = MINED) -> dict[float, list[Verdict]]:
    """Merge the pairs that paraphrase mining finds among all texts with at least each of these scores."""
    import torch  # noqa: PLC0415 - takes seconds
    from sentence_transformers.util import paraphrase_mining_embeddings  # noqa: PLC0415

    score_of = {
        frozenset((int(a), int(b))): float(score)
        for score, a, b in paraphrase_mining_embeddings(torch.from_numpy(pool.vectors))
    }

    def verdict(pair: tuple[int, int], least: float) -> Verdict:
        equal = pair[0] == pair[1]
        return MERGED if equal or score_of.get(frozenset(pair), -1.0) >= least else LEFT

    return {least: [verdict(pair, least) for pair in pool.pairs] for least in scores}
