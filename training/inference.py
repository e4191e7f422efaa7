"""General inference data: pairs of sentences labelled "entailment", "neutral" or "contradiction"."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from kairos.ml.judge_outputs import INFERENCES
from training.families import Example


def read_inference(file: Path) -> list[Example]:
    """Return the pairs of a gzipped JSONL file with `a`, `b` and `label`."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Example(row["a"], row["b"], inference=INFERENCES.index(row["label"])) for row in rows]
