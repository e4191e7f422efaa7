#!/usr/bin/env python3
"""Fit the weights of the judge's classifier on families of notes, and write them as a module.

usage: fit_judge.py FAMILIES_DIRECTORY kairos/core/judge_weights.py

A family holds a base note, notes that say the same, one that says more, notes that conflict with it and look-alikes
that hold beside it. Pairs are formed inside families, and base notes of different families are paired as distinct.
Needs scikit-learn, which nothing else here does. The same families give the same weights.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from kairos.core.claims import statement_of_text
from kairos.core.judge import texts
from kairos.core.signals import EVEN, signals
from kairos.dream.look import Vectors
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import find_model
from kairos.model import Relation, Statement

SEED = 7
UNRELATED = 4  # pairs with other families, for each family
MIRRORED = {Relation.A_CONTAINS_B: Relation.B_CONTAINS_A, Relation.B_CONTAINS_A: Relation.A_CONTAINS_B}
Row = tuple[str, str, Relation]


def pairs(families: list[dict[str, list[str] | str]]) -> Iterator[Row]:
    """Yield labelled pairs of texts."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    for family in families:
        same = [family["base"], *family["same"]]
        more = family.get("contains", [])
        yield from ((a, b, Relation.SAME) for a, b in combinations(same, 2))
        yield from ((a, b, Relation.A_CONTAINS_B) for a in more for b in same)
        against = [*same, *more]
        clashing = [*family.get("conflict", []), *family.get("update", [])]
        yield from ((a, b, Relation.CONFLICT) for a in clashing for b in against)
        yield from ((a, b, Relation.DISTINCT) for a in family.get("distinct", []) for b in against)
        others = chance.sample(families, UNRELATED + 1)
        yield from ((family["base"], o["base"], Relation.DISTINCT) for o in others if o is not family)


def mirrored(matrix: np.ndarray) -> np.ndarray:
    """Return the signals with the sides exchanged."""
    other = matrix.copy()
    other[:, EVEN:] *= -1
    return other


def main(directory: str, target: str) -> int:
    """Fit and write."""
    files = sorted(Path(directory).glob("*.jsonl"))
    families = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    rows = list(pairs(families))
    sides: dict[str, Statement] = {}
    for a, b, _ in rows:
        for text in (a, b):
            sides.setdefault(text, statement_of_text(text))
    vectors = Vectors(SentenceTransformerEncoder(find_model()))
    vectors.add(text for side in sides.values() for text in texts(side))
    matrix = np.array([signals(sides[a], sides[b], vectors.similarity).vector() for a, b, _ in rows])
    labels = [relation for _, _, relation in rows]
    both = np.vstack([matrix, mirrored(matrix)])
    names = [*labels, *(MIRRORED.get(label, label) for label in labels)]
    scaler = StandardScaler().fit(both)
    model = LogisticRegression(C=1.0, max_iter=3000).fit(
        scaler.transform(both), [name.value for name in names]
    )
    weights = model.coef_ / scaler.scale_
    intercepts = model.intercept_ - weights @ scaler.mean_
    Path(target).write_text(module(model.classes_, intercepts, weights, len(rows), len(families)), "utf-8")
    return 0


def module(
    classes: np.ndarray, intercepts: np.ndarray, weights: np.ndarray, pairs: int, families: int
) -> str:
    """Return the source of the weights' module."""
    summary = f"fitted by bench/fit_judge.py on {pairs:,} pairs of {families} families"
    lines = [
        f'"""Weights of the judge\'s classifier, {summary}."""',
        "",
        "from kairos.model import Relation",
        "",
        "# relation: (intercept, one weight for each number of Signals.vector)",
        "WEIGHTS: dict[Relation, tuple[float, tuple[float, ...]]] = {",
    ]
    for name, intercept, row in zip(classes, intercepts, weights, strict=True):
        lines.append(f"    Relation.{Relation(name).name}: (")
        lines.append(f"        {intercept:.5f},")
        lines.append("        (")
        lines += [f"            {weight:.5f}," for weight in row]
        lines += ["        ),", "    ),"]
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
