"""Score logits by what a judge could do with them alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.families import MERGING

_PRECISE = 0.98


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def figures(logits: np.ndarray, labels: Sequence[tuple[int, int, int]]) -> str:
    """Return the main figures in one line.

    These are the recall of merges at a precision of 0.98; precision, recall and F1 of merges, conflicts and distinct
    pairs; and the accuracy of the newer side where it is known.
    """
    chances = softmax(logits[:, :5])
    truth = np.array([relation for relation, _, _ in labels])
    groups = np.stack((chances[:, :3].sum(1), chances[:, 3], chances[:, 4]), 1)
    called = groups.argmax(1)
    wanted = np.select([(truth <= 2) | (truth == MERGING), truth == 3], [0, 1], 2)
    parts = [
        f"merge recall at {_PRECISE}: {recall_at(groups[:, 0], _right_merges(chances, truth), wanted == 0):.3f}"
    ]
    for at, name in enumerate(("merge", "conflict", "distinct")):
        hit = int(((called == at) & (wanted == at)).sum())
        precision, recall = hit / max((called == at).sum(), 1), hit / max((wanted == at).sum(), 1)
        parts.append(
            f"{name} {precision:.3f}/{recall:.3f} f1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}"
        )
    newer = logits[:, 9:11].argmax(1) + 1
    known = np.array([n for _, _, n in labels])
    if (known > 0).any():
        parts.append(f"newer {float((newer == known)[known > 0].mean()):.3f}")
    return ", ".join(parts)


def _right_merges(chances: np.ndarray, truth: np.ndarray) -> np.ndarray:
    best = chances[:, :3].argmax(1)
    return (
        (np.isin(truth, (0, MERGING)) & (best <= 2))
        | ((truth == 1) & (best == 1))
        | ((truth == 2) & (best == 2))
    )


def recall_at(score: np.ndarray, right: np.ndarray, wanted: np.ndarray, precision: float = _PRECISE) -> float:
    """Return the highest recall at which the share of `right` among the accepted is at least `precision`."""
    order = np.argsort(-score)
    hits = np.cumsum(right[order])
    good = hits / np.arange(1, len(order) + 1) >= precision
    return float(hits[good].max() / max(wanted.sum(), 1)) if good.any() else 0.0
