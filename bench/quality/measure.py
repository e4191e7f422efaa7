"""Runs one gold file through all systems, and collects everything that the tables and the JSON show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.quality import baselines, ours
from bench.quality.calibration import Calibration, calibrate
from bench.quality.folds import CrossValidation, System, cross_validate
from bench.quality.gold import Gold, GoldPair, Group, slices
from bench.quality.score import Chances, Figures, Verdict, is_right, score
from kairos.core.judgement.judge import Thresholds
from kairos.dream.vectors import Vectors
from kairos.ml.judges import JudgeModel

WORDS_AND_VALUES = "tiers 1–2"
MODEL_ALONE = "judge model alone"
ALL_TIERS = "tiers 1–3"
COSINE = "cosine"
EVERYTHING = -1.0
"""A cosine threshold that every pair reaches."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Slice:
    """The pairs of one language, length, difficulty or kind; `right` of them were put into the right group.

    `brier` is the mean squared error over the three groups together; None if no pair was weighed.
    """

    right: int
    figures: Figures
    brier: float | None


@dataclass(frozen=True, slots=True)
class Tuning:
    """How thresholds are cross-validated: the number of folds (0: not at all), and the seed that deals them."""

    folds: int
    seed: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured on one gold file, by system name.

    `systems` has the figures at default thresholds. `merged` and `flagged` are the figures of merging or flagging all
    pairs from a cosine on. `calibration` and `slices` cover our own systems, `folds` every system with thresholds.
    `foremost` is the most complete of our own.
    """

    gold: Gold
    foremost: str
    systems: Mapping[str, Figures]
    merged: Mapping[float, Figures]
    flagged: Mapping[float, Figures]
    calibration: Mapping[str, Mapping[Group, Calibration]]
    slices: Mapping[str, Mapping[str, Mapping[str, Slice]]]
    folds: Mapping[str, CrossValidation]
    notices: tuple[str, ...]


def measure(gold: Gold, vectors: Vectors, model: JudgeModel | None, tuning: Tuning, say: Say) -> Measures:
    """Judge the pairs of a gold file with every system, and score each."""
    pairs = gold.pairs
    notices: list[str] = []
    say(f"{gold.name}: vectors of {len(pairs)} pairs …")
    pool = baselines.pool(pairs, vectors.matrix(baselines.texts_of(pairs)))
    own = _own_systems(pairs, vectors, model)
    say(f"{gold.name}: judging …")
    verdicts = {name: system.at(Thresholds()) for name, system in own.items()}
    others = _others(pool, notices)
    say(f"{gold.name}: thresholds by cross-validation …")
    tuned: dict[str, System] = {**own, COSINE: baselines.CosineBands(pool)}
    return Measures(
        gold=gold,
        foremost=next(reversed(own)),
        systems={name: score(pairs, said) for name, said in {**verdicts, **others}.items()},
        merged={
            at: score(pairs, baselines.merged_above(pool, at)) for at in (EVERYTHING, *baselines.COSINES)
        },
        flagged={
            at: score(pairs, baselines.flagged_above(pool, at)) for at in (EVERYTHING, *baselines.COSINES)
        },
        calibration={name: calibrations(pairs, said) for name, said in verdicts.items()},
        slices={name: sliced(pairs, said) for name, said in verdicts.items()},
        folds={
            name: cross_validate(pairs, system, folds=tuning.folds, seed=tuning.seed)
            for name, system in tuned.items()
            if tuning.folds
        },
        notices=tuple(notices),
    )


def _own_systems(pairs: Sequence[GoldPair], vectors: Vectors, model: JudgeModel | None) -> dict[str, System]:
    sides = ours.sides_of(pairs)
    ours.embed(sides, vectors)
    systems: dict[str, System] = {WORDS_AND_VALUES: ours.Tiers(sides, vectors)}
    if model is not None:
        opinions = ours.opinions_of(sides, model)
        systems[MODEL_ALONE] = ours.ModelAlone(opinions)
        systems[ALL_TIERS] = ours.Tiers(sides, vectors, opinions)
    return systems


def _others(pool: baselines.Pool, notices: list[str]) -> dict[str, list[Verdict]]:
    found = {
        f"paraphrase mining ≥ {least:.1f}": verdicts for least, verdicts in baselines.mined(pool).items()
    }
    if not baselines.has_semhash():
        notices.append("SemHash was left out: it is not installed. `pip install semhash`, or `make quality`.")
        return found
    return {**found, **{f"SemHash {at:.1f}": verdicts for at, verdicts in baselines.semhash(pool).items()}}


def calibrations(pairs: Sequence[GoldPair], verdicts: Sequence[Verdict]) -> dict[Group, Calibration]:
    """Return the calibration of each group's chances; pairs that were not weighed are left out."""
    weighed = _weighed(pairs, verdicts)
    found = {
        group: calibrate(
            [chances.of(group) for _, chances in weighed], [truth is group for truth, _ in weighed]
        )
        for group in Group
    }
    return {group: calibration for group, calibration in found.items() if calibration}


def brier(pairs: Sequence[GoldPair], verdicts: Sequence[Verdict]) -> float | None:
    """Return the mean squared error over the three groups together, 0…2; None if no pair was weighed."""
    weighed = _weighed(pairs, verdicts)
    errors = [(chances.of(group) - (truth is group)) ** 2 for truth, chances in weighed for group in Group]
    return sum(errors) / len(weighed) if weighed else None


def _weighed(pairs: Sequence[GoldPair], verdicts: Sequence[Verdict]) -> list[tuple[Group, Chances]]:
    return [(p.label.group, v.chances) for p, v in zip(pairs, verdicts, strict=True) if v.chances]


def sliced(pairs: Sequence[GoldPair], verdicts: Sequence[Verdict]) -> dict[str, dict[str, Slice]]:
    """Return the figures of each language, length, difficulty and kind."""

    def part(rows: Sequence[int]) -> Slice:
        chosen, said = [pairs[row] for row in rows], [verdicts[row] for row in rows]
        return Slice(sum(map(is_right, chosen, said)), score(chosen, said), brier(chosen, said))

    return {
        dimension: {name: part(rows) for name, rows in found.items()}
        for dimension, found in slices(pairs).items()
    }
