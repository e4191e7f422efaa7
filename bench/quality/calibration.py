"""Calibration: whether chances mean what they say. Of all pairs given 0.8, eight in ten should come true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The pairs whose chance is in [low, high): how many, their mean chance, and the share that came true."""

    low: float
    high: float
    pairs: int
    chance: float
    share: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reliability table with summary figures.

    `brier` is the mean squared error of the chances, `base_brier` that of always predicting the base rate. `error` is
    the expected calibration error: the mean distance between chance and share over the bins, weighted by pairs.
    """

    pairs: int
    brier: float
    base_brier: float
    error: float
    bins: tuple[Bin, ...]


def calibrate(chances: Sequence[float], outcomes: Sequence[bool]) -> Calibration | None:
    """Compare chances with outcomes; None if there are none."""
    rows = list(zip(chances, outcomes, strict=True))
    if not rows:
        return None
    by_bin: dict[int, list[tuple[float, bool]]] = {}
    for chance, outcome in rows:
        by_bin.setdefault(min(int(chance * BINS), BINS - 1), []).append((chance, outcome))
    bins = tuple(_bin(number, found) for number, found in sorted(by_bin.items()))
    base = sum(outcomes) / len(rows)
    return Calibration(
        pairs=len(rows),
        brier=sum((chance - outcome) ** 2 for chance, outcome in rows) / len(rows),
        base_brier=base * (1 - base),
        error=sum(each.pairs * abs(each.chance - each.share) for each in bins) / len(rows),
        bins=bins,
    )


def _bin(number: int, rows: Sequence[tuple[float, bool]]) -> Bin:
    return Bin(
        low=number / BINS,
        high=(number + 1) / BINS,
        pairs=len(rows),
        chance=sum(chance for chance, _ in rows) / len(rows),
        share=sum(outcome for _, outcome in rows) / len(rows),
    )
