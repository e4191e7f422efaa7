"""Fit the two classifiers of `kairos/core/judgement/in_root.py`, and write their weights as a Python module.

usage: python -m training.fit_root --directories FOLDER --families FOLDER … [--others ROOT …] --out FILE.py

The pairs are those that dreams judge: of labelled directories, of roots made up of families that the judge model was
not trained on (with a lower weight: there every note has look-alikes), and of other directories (`--others`), in which
next to nothing is to be merged or flagged. Prints what both classifiers would do in directories that they were not
fitted on. The same data give the same weights.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.crowds import Member, Mix, members
from bench.labelled import Labelled, read_labelled
from bench.quality.ceiling import entries_of
from bench.quality.ours import look_over, open_model, open_vectors
from kairos.core.judgement.chances import chances
from kairos.core.judgement.differences import forbids_merge
from kairos.core.judgement.in_place import in_place
from kairos.core.judgement.in_root import conflict_features, merge_features
from kairos.core.judgement.judge import equal_words
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals, signals
from kairos.core.root.reading import Reading
from kairos.dream.vectors import Vectors
from kairos.ml.judges import JudgeModel
from kairos.ml.onnx_judge import PACKAGED
from kairos.model import Opinion
from training.families import Family, is_held_out, read_families

SEED = 7
TODAY = date(2026, 6, 1)
FAMILIES_IN_ROOT = 90
MIXES = (Mix(2, 1, 0), Mix(1, 1, 0), Mix(1, 1, 1), Mix(2, 1, 1), Mix(1, 2, 1), Mix(0, 1, 1))
CROWD_WEIGHT = 0.1
MOST_PAIRS = 2500  # of one of the other directories
STRENGTH = 0.1  # inverse of the regularisation
FOLDS = 20


class Pair(NamedTuple):
    """A judged pair: its root, what it is ("duplicate", "conflict" or ""), and what the classifiers see of it."""

    root: str
    label: str
    weight: float
    signals: Signals
    opinion: Opinion
    context: PairContext


class Judged(NamedTuple):
    """A pair of a root by the ids of its entries, with what the classifiers see of it."""

    a: str
    b: str
    signals: Signals
    opinion: Opinion
    context: PairContext


def judged(root: Path, today: date, vectors: Vectors, model: JudgeModel) -> tuple[Reading, list[Judged]]:
    """Return every pair that a dream over a root would judge, except those in equal words."""
    look = look_over(root, today, vectors, model)
    look.findings(None, [])
    positions = sorted(look.kept.verdicts, key=lambda position: position[:2])
    if len(positions) > MOST_PAIRS:
        positions = random.Random(SEED).sample(positions, MOST_PAIRS)
    sides = [
        tuple(look.reading.facts[look.reading.entries[id_].path].statements[id_] for id_ in position[:2])
        for position in positions
    ]
    opinions = model.opinions([in_place(a, b) for a, b in sides])
    return look.reading, [
        Judged(position.a, position.b, signals(a, b, vectors.similarity), opinion, position.context)
        for position, (a, b), opinion in zip(positions, sides, opinions, strict=True)
        if equal_words(a, b) is None
    ]


def of_directory(directory: Labelled, vectors: Vectors, model: JudgeModel) -> Iterator[Pair]:
    """Yield the pairs of a labelled directory."""
    with tempfile.TemporaryDirectory() as place:
        directory.write_to(Path(place))
        reading, pairs = judged(Path(place), directory.today, vectors, model)
    planted = {
        frozenset((one.id, other.id)): kind
        for kind, a, b in directory.pairs()
        for one in entries_of(a, reading)
        for other in entries_of(b, reading)
    }
    for pair in pairs:
        yield Pair(directory.name, planted.get(frozenset(pair[:2]), ""), 1.0, *pair[2:])


def of_families(families: Sequence[Family], vectors: Vectors, model: JudgeModel) -> Iterator[Pair]:
    """Yield the pairs of roots that are made up of families: each note a file, or each a line of one of ten files."""
    chance = random.Random(SEED)
    shuffled = chance.sample(families, len(families))
    for number, start in enumerate(range(0, len(shuffled), FAMILIES_IN_ROOT)):
        chosen = shuffled[start : start + FAMILIES_IN_ROOT]
        notes = list(members(chosen, MIXES[number % len(MIXES)], chance))
        with tempfile.TemporaryDirectory() as place:
            owners = _write_crowd(Path(place), notes, as_lists=bool(number % 2))
            reading, pairs = judged(Path(place), TODAY, vectors, model)
        for pair in pairs:
            one, other = (owners.get(_place(reading, id_)) for id_ in pair[:2])
            label = _relation(one, other) if one and other else None
            if label is not None:
                yield Pair(f"crowd {number}", label, CROWD_WEIGHT, *pair[2:])


def _write_crowd(root: Path, notes: Sequence[Member], *, as_lists: bool) -> dict[tuple[str, int], Member]:
    """Write notes to a root, and return them by file and line."""
    owners: dict[tuple[str, int], Member] = {}
    if as_lists:
        for number in range(10):
            name, chosen = f"topic{number}.md", notes[number::10]
            lines = [f"- {' '.join(note.text.split())}\n" for note in chosen]
            (root / name).write_text("".join(lines), "utf-8")
            owners |= {(name, line): note for line, note in enumerate(chosen, 1)}
        return owners
    for number, note in enumerate(notes):
        name = f"note_{number:04}.md"
        (root / name).write_text(note.page, "utf-8")
        owners[name, 7] = note
    return owners


def _place(reading: Reading, id_: str) -> tuple[str, int]:
    entry = reading.entries[id_]
    return entry.path, entry.line


def _relation(one: Member, other: Member) -> str | None:
    """Return how two notes relate; None if their family does not say."""
    if one.family != other.family:
        return ""
    kinds = {one.kind, other.kind}
    same = kinds & {"base", "same"}
    if kinds == same:
        return "duplicate"
    if not same:
        return None
    return "conflict" if "conflict" in kinds else ""


def of_other(root: Path, vectors: Vectors, model: JudgeModel) -> Iterator[Pair]:
    """Yield the pairs of a directory in which next to nothing is to be merged or flagged."""
    _, pairs = judged(root, TODAY, vectors, model)
    for pair in pairs:
        yield Pair(root.name, "", 1.0, *pair[2:])


class Task(NamedTuple):
    """What one classifier is fitted for: the label it looks for, its features, and the pairs that it is asked about."""

    label: str
    features: Callable[[Pair], tuple[float, ...]]
    concerns: Callable[[Pair], bool]
    chances: tuple[float, ...]


TASKS: Mapping[str, Task] = {
    "MERGE": Task(
        "duplicate",
        lambda pair: merge_features(
            pair.signals, chances(pair.signals, pair.opinion), pair.opinion, pair.context
        ),
        lambda pair: pair.context.exchangeable and not forbids_merge(pair.signals),
        (0.6, 0.7, 0.8, 0.85, 0.9),
    ),
    "CONFLICT": Task(
        "conflict",
        lambda pair: conflict_features(
            pair.signals, chances(pair.signals, pair.opinion), pair.opinion, pair.context
        ),
        lambda pair: pair.context.nearest and not pair.signals.clash_scope,
        (0.3, 0.35, 0.4, 0.45, 0.5),
    ),
}


def fit(task: Task, pairs: Sequence[Pair]) -> tuple[float, np.ndarray]:
    """Return (intercept, weights) for the task."""
    chosen = [pair for pair in pairs if task.concerns(pair)]
    matrix = np.array([task.features(pair) for pair in chosen])
    scaler = StandardScaler().fit(matrix)
    model = LogisticRegression(C=STRENGTH, max_iter=3000).fit(
        scaler.transform(matrix),
        [pair.label == task.label for pair in chosen],
        sample_weight=[pair.weight for pair in chosen],
    )
    weights = model.coef_[0] / scaler.scale_
    return float(model.intercept_[0] - weights @ scaler.mean_), weights


def check(task: Task, pairs: Sequence[Pair], named: Callable[[str], str]) -> Iterator[str]:
    """Yield, for several chances, how many pairs would be right and wrong in roots left out when fitting.

    They are counted by kind of root, which `named` returns.
    """
    chosen = [pair for pair in pairs if task.concerns(pair)]
    matrix = np.array([task.features(pair) for pair in chosen])
    right = np.array([pair.label == task.label for pair in chosen])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=3000))
    found = cross_val_predict(
        model,
        matrix,
        right,
        groups=[pair.root for pair in chosen],
        cv=GroupKFold(FOLDS),
        method="predict_proba",
        params={"logisticregression__sample_weight": [pair.weight for pair in chosen]},
    )[:, 1]
    kinds = np.array([named(pair.root) for pair in chosen])
    for least in task.chances:
        counts = (
            f"{kind} {np.sum(right & at)} / {np.sum(~right & at)}"
            for kind in sorted(set(kinds))
            for at in [(found >= least) & (kinds == kind)]
        )
        yield f"{task.label} from {least}: right / wrong: {', '.join(counts)}"


def module_source(found: Mapping[str, tuple[float, np.ndarray]], summary: str) -> str:
    """Return the source code of the module that holds the weights."""
    lines = [f'"""Weights of the classifiers for pairs of a root,\n{summary}."""', ""]
    for name, (intercept, weights) in found.items():
        values = ", ".join(f"{weight:.5f}" for weight in weights)
        lines.append(f"{name}: tuple[float, tuple[float, ...]] = ({intercept:.5f}, ({values}))")
    lines += ["# each: the intercept, and one weight for each feature", ""]
    return "\n".join(lines)


def main() -> int:
    """Fit both classifiers and write the module, or check them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--directories", type=Path, required=True)
    parser.add_argument("--families", type=Path, nargs="+", required=True)
    parser.add_argument("--others", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    vectors, model = open_vectors(), open_model(PACKAGED)
    labelled = read_labelled(sorted(options.directories.glob("*.json")))
    families = [family for family in read_families(options.families) if is_held_out(family)]
    pairs = [pair for one in labelled for pair in of_directory(one, vectors, model)]
    pairs += of_families(families, vectors, model)
    pairs += (pair for root in options.others for pair in of_other(root, vectors, model))
    names = {one.name: "directories" for one in labelled} | {root.name: "others" for root in options.others}
    for task in TASKS.values():
        print(*check(task, pairs, lambda root: names.get(root, "crowds")), sep="\n")
    summary = (
        f"fitted by training/fit_root.py on {len(pairs):,} pairs of {len(labelled)} labelled directories, of roots made"
        f"\nof {len(families)} families, and of {len(options.others)} other directories"
    )
    options.out.write_text(
        module_source({name: fit(task, pairs) for name, task in TASKS.items()}, summary), "utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
