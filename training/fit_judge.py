"""Fit the weights of the judge's classifier on families of notes and documents, and write them as a Python module.

usage: python -m training.fit_judge --families FOLDER … [--documents FOLDER …] [--model FOLDER] --cache FILE
       --out FILE.py

Without --model, the classifier for the signals alone is fitted on all data. With the folder of a judge model, the one
for the signals and the model's opinion is fitted on what was held out when that model was trained. The same data give
the same weights.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from kairos.core.judgement.chances import OPINION_EVEN, vector_with
from kairos.core.judgement.judge import texts
from kairos.core.judgement.signals import EVEN, signals
from kairos.core.markdown.claims import statement_of_text
from kairos.dream.vectors import Vectors
from kairos.ml.cache import CachedEncoder
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.judge_outputs import RELATIONS
from kairos.ml.model_files import find_model
from kairos.ml.onnx_judge import OnnxJudge
from kairos.model import Relation, Statement
from training.families import (
    Document,
    Example,
    Family,
    is_held_out,
    labelled,
    pairs_in,
    pairs_of,
    read_families,
)

SEED = 7
ENOUGH = 6000  # pairs that the model reads: plenty to fit a few dozen weights
UNRELATED = 4  # pairs with other families, for each family


def examples_of(families: Sequence[Family], documents: Sequence[Document]) -> list[Example]:
    """Return all pairs within families and documents, and some across families, labelled distinct."""
    chance = random.Random(SEED)
    found = [example for family in families for example in pairs_of(family)]
    found += [example for document in documents for example in pairs_in(document)]
    for family in families:
        others = chance.sample(families, min(UNRELATED + 1, len(families)))
        found += [
            labelled(family["base"], other["base"], Relation.DISTINCT)
            for other in others
            if other is not family
        ]
    return found


def mirrored(matrix: np.ndarray, even: int) -> np.ndarray:
    """Return the features with the sides exchanged: those from column `even` on change sign."""
    other = matrix.copy()
    other[:, even:] *= -1
    return other


def features(examples: Sequence[Example], model: Path | None, cache: Path) -> np.ndarray:
    """Return the features of the classifier: (examples, features)."""
    sides: dict[str, Statement] = {}
    for example in examples:
        for text in (example.a, example.b):
            sides.setdefault(text, statement_of_text(text))
    vectors = Vectors(CachedEncoder(SentenceTransformerEncoder(find_model()), cache))
    vectors.add(text for side in sides.values() for text in texts(side))
    found = [signals(sides[e.a], sides[e.b], vectors.similarity) for e in examples]
    if model is None:
        return np.array([one.vector() for one in found])
    opinions = OnnxJudge(model).opinions([(sides[e.a].text, sides[e.b].text) for e in examples])
    return np.array([vector_with(*both) for both in zip(found, opinions, strict=True)])


Weigh = Callable[[np.ndarray], np.ndarray]


def fit(matrix: np.ndarray, labels: Sequence[Relation], even: int) -> tuple[np.ndarray, ...]:
    """Return (names, intercepts, weights) of a classifier whose chances are mirrored when sides are exchanged.

    That comes from fitting it on each pair in both directions.
    """
    both = np.vstack([matrix, mirrored(matrix, even)])
    names = [*labels, *(label.mirrored() for label in labels)]
    scaler = StandardScaler(with_mean=False).fit(both)
    model = LogisticRegression(C=1.0, max_iter=3000).fit(
        scaler.transform(both), [name.value for name in names]
    )
    weights = model.coef_ / scaler.scale_
    return model.classes_, model.intercept_, weights


def module_source(names: np.ndarray, intercepts: np.ndarray, weights: np.ndarray, summary: str) -> str:
    """Return the source code of the module that holds the weights."""
    lines = [
        f'"""Weights of the judge\'s classifier, {summary}."""',
        "",
        "from kairos.model import Relation",
        "",
        "# relation: (intercept, one weight for each number)",
        "WEIGHTS: dict[Relation, tuple[float, tuple[float, ...]]] = {",
    ]
    for name, intercept, row in zip(names, intercepts, weights, strict=True):
        lines += [f"    Relation.{Relation(name).name}: (", f"        {intercept:.5f},", "        ("]
        lines += [f"            {weight:.5f}," for weight in row]
        lines += ["        ),", "    ),"]
    return "\n".join([*lines, "}", ""])


def main() -> int:
    """Fit the weights and write the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--families", type=Path, nargs="+", required=True)
    parser.add_argument("--documents", type=Path, nargs="*", default=[])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="file that keeps vectors between runs")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    families, documents = read_families(options.families), read_families(options.documents)
    if options.model:
        families = [family for family in families if is_held_out(family)]
        documents = [document for document in documents if is_held_out(document)]
    examples = examples_of(families, documents)
    if options.model:
        examples = random.Random(SEED).sample(examples, min(len(examples), ENOUGH))
    matrix = features(examples, options.model, options.cache)
    even = EVEN + (OPINION_EVEN if options.model else 0)
    found = fit(matrix, [RELATIONS[example.relation] for example in examples], even)
    what = "signals and a model's opinion" if options.model else "signals alone"
    summary = (
        f"{what},\nfitted by training/fit_judge.py on {len(examples):,} pairs of {len(families)} families"
        f" and {len(documents)} documents"
    )
    options.out.write_text(module_source(*found, summary), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
