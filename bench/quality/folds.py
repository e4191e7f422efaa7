"""Cross-validation of thresholds: they are chosen on some pairs and scored on the others."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bench.quality.gold import GoldPair
from bench.quality.score import Figures, Verdict, score
from kairos.core.judgement.judge import Thresholds

PRECISE = 0.98
"""The precision that unattended merges must reach on the training folds."""
NEVER = 1.01
"""A threshold that no chance reaches."""
MERGE_STEPS = (*(step / 100 for step in range(50, 96, 5)), 0.96, 0.97, 0.98, 0.99, NEVER)
OTHER_STEPS = tuple(step / 100 for step in range(20, 91, 5))


class System(Protocol):
    """A system that judges the pairs of a gold file, given thresholds."""

    def at(self, thresholds: Thresholds) -> Sequence[Verdict]:
        """Return a verdict for each pair."""
        ...


@dataclass(slots=True)
class Remembering:
    """A system that caches its verdicts by thresholds."""

    system: System
    known: dict[Thresholds, Sequence[Verdict]] = field(default_factory=dict)

    def at(self, thresholds: Thresholds) -> Sequence[Verdict]:
        """Return a verdict for each pair."""
        if thresholds not in self.known:
            self.known[thresholds] = self.system.at(thresholds)
        return self.known[thresholds]


@dataclass(frozen=True, slots=True)
class Fold:
    """The thresholds chosen without one fold, and the figures on that fold."""

    thresholds: Thresholds
    figures: Figures


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """The result of a cross-validation.

    `pooled`: every pair judged once, with thresholds chosen without it. `chosen`: the thresholds chosen on all pairs.
    """

    folds: tuple[Fold, ...]
    pooled: Figures
    chosen: Thresholds


def cross_validate(pairs: Sequence[GoldPair], system: System, *, folds: int, seed: int) -> CrossValidation:
    """For each fold, choose thresholds on all other folds and score them on this one."""
    remembering = Remembering(system)
    held_out: dict[int, Verdict] = {}
    found: list[Fold] = []
    everything = range(len(pairs))
    for test in stratified([pair.label for pair in pairs], folds, seed):
        hidden = set(test)
        thresholds = choose(pairs, remembering, [row for row in everything if row not in hidden])
        verdicts = remembering.at(thresholds)
        held_out.update((row, verdicts[row]) for row in test)
        found.append(Fold(thresholds, _figures(pairs, verdicts, test)))
    pooled = _figures(pairs, held_out, everything)
    return CrossValidation(tuple(found), pooled, choose(pairs, remembering, everything))


def stratified(labels: Sequence[Hashable], folds: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Deal rows into folds, each label as evenly as possible; the same seed gives the same folds."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    dealt: list[list[int]] = [[] for _ in range(folds)]
    position = 0
    for label in dict.fromkeys(labels):
        rows = [row for row, of in enumerate(labels) if of == label]
        rng.shuffle(rows)
        for row in rows:
            dealt[position % folds].append(row)
            position += 1
    return tuple(tuple(sorted(rows)) for rows in dealt if rows)


def choose(pairs: Sequence[GoldPair], system: System, rows: Sequence[int]) -> Thresholds:
    """Return the best thresholds for `rows`, chosen greedily in the order merge, ask, flag.

    For merging, the highest recall at a precision of at least PRECISE; for asking and flagging, the best F1. Ties go to
    the highest threshold.
    """

    def best(options: Sequence[Thresholds], worth: Callable[[Figures], tuple[float, ...]]) -> Thresholds:
        return max(reversed(options), key=lambda option: worth(_figures(pairs, system.at(option), rows)))

    chosen = best([replace(Thresholds(), merge=step) for step in MERGE_STEPS], _worth_of_merging)
    asking = [step for step in OTHER_STEPS if step <= chosen.merge]
    chosen = best([replace(chosen, ask=step) for step in asking], lambda f: (f.merge_or_ask.f1 or 0.0,))
    return best([replace(chosen, flag=step) for step in OTHER_STEPS], lambda f: (f.conflict.f1 or 0.0,))


def _worth_of_merging(figures: Figures) -> tuple[float, ...]:
    """Rank by recall if precise enough; below that by precision, and behind everything that is."""
    precision = figures.unattended.precision
    if precision is None or precision >= PRECISE:
        return (1.0, figures.unattended.recall or 0.0)
    return (0.0, precision)


def _figures(
    pairs: Sequence[GoldPair], verdicts: Sequence[Verdict] | dict[int, Verdict], rows: Sequence[int]
) -> Figures:
    return score([pairs[row] for row in rows], [verdicts[row] for row in rows])
