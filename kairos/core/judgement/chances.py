"""The chance of each relation: a linear classifier over the signals of a pair and, if there is one, a model's opinion.

There are two tables of weights, both fitted by `training/fit_judge.py`: one for the signals alone, and one for signals
and opinion, fitted on families of notes that the model has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul

from kairos.core.judgement.signals import EVEN, Signals
from kairos.core.judgement.weights_alone import WEIGHTS as ALONE
from kairos.core.judgement.weights_with_model import WEIGHTS as WITH_MODEL
from kairos.model import Opinion, Relation

_MIN_CHANCE = 1e-4
OPINION_EVEN = 4
"""How many features of `opinion_vector` stay the same when the sides are exchanged; the last one changes sign."""


@dataclass(frozen=True, slots=True)
class Chances:
    """The chances of the five relations, each 0…1; they add up to one."""

    same: float
    a_contains_b: float
    b_contains_a: float
    conflict: float
    distinct: float

    @property
    def merging(self) -> float:
        """The chance that one side says all that the other says."""
        return self.same + self.a_contains_b + self.b_contains_a

    @property
    def direction(self) -> Relation:
        """The likeliest relation by which the pair could be merged."""
        if self.same >= max(self.a_contains_b, self.b_contains_a):
            return Relation.SAME
        more = self.a_contains_b >= self.b_contains_a
        return Relation.A_CONTAINS_B if more else Relation.B_CONTAINS_A

    def lossless(self, relation: Relation) -> float:
        """Return a lower bound on the chance that a merge by `relation` loses nothing.

        Texts that say the same contain each other, so `same` always counts. A merge by `SAME` may drop either side, so
        only the smaller chance of containment counts for it.
        """
        spare = {
            Relation.A_CONTAINS_B: self.a_contains_b,
            Relation.B_CONTAINS_A: self.b_contains_a,
        }.get(relation, min(self.a_contains_b, self.b_contains_a))
        return self.same + spare


def chances(signals: Signals, opinion: Opinion | None) -> Chances:
    """Return the chances of a pair: the softmax over the linear scores of the relations."""
    vector = signals.vector() if opinion is None else vector_with(signals, opinion)
    scores = {
        relation: intercept + sum(map(mul, weights, vector))
        for relation, (intercept, weights) in (ALONE if opinion is None else WITH_MODEL).items()
    }
    top = max(scores.values())
    powers = {relation: math.exp(score - top) for relation, score in scores.items()}
    total = sum(powers.values())
    return Chances(*(powers[relation] / total for relation in Relation))


def vector_with(signals: Signals, opinion: Opinion) -> tuple[float, ...]:
    """Return the feature vector of signals and opinion: symmetric features first, those that change sign last."""
    vector, said = signals.vector(), opinion_vector(opinion)
    return (*said[:OPINION_EVEN], *vector[:EVEN], *said[OPINION_EVEN:], *vector[EVEN:])


def opinion_vector(opinion: Opinion) -> tuple[float, ...]:
    """Return the features of an opinion: log chances, symmetric ones first."""
    same, more, less, conflict, distinct = (
        math.log(max(chance, _MIN_CHANCE))
        for chance in (
            opinion.same,
            opinion.a_contains_b,
            opinion.b_contains_a,
            opinion.conflict,
            opinion.distinct,
        )
    )
    return (same, (more + less) / 2, conflict, distinct, more - less)
