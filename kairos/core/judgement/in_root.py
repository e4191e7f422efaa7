"""How likely two entries of a root say the same or contradict each other, given how near they are there.

What two texts say is not enough in a root, which has thousands of pairs that look alike and few that are. Two linear
classifiers weigh it with how near the two are among all others and what they are there for. They were fitted by
training/fit_root.py on labelled directories; docs/calibration.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.differences import is_one_value_apart
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import EVEN, Signals
from kairos.core.judgement.weights_in_root import CONFLICT, MERGE
from kairos.model import Opinion

_LEAST, _MOST = 0.005, 0.98
"""Chances beyond these bounds count as them: a model that is surer is not right more often."""
_USED = (0, 1, *range(4, 21), *range(23, EVEN))
"""The features of `Signals.vector` that tell of a conflict: not how the sides cover each other's sentences, which is to
be known before these are embedded, nor what they say of a change, for which `only_one_changed` stands."""


def merge_chance(signals: Signals, weighed: Chances, opinion: Opinion, context: PairContext) -> float:
    """Return the chance that two entries say the same, or one all that the other says; 0…1.

    `weighed` are the chances of the two texts by themselves, from the signals and the opinion.
    """
    return _chance(MERGE, merge_features(signals, weighed, opinion, context))


def conflict_chance(signals: Signals, weighed: Chances, opinion: Opinion, context: PairContext) -> float:
    """Return the chance that two entries cannot both hold, 0…1; `weighed` as for `merge_chance`."""
    return _chance(CONFLICT, conflict_features(signals, weighed, opinion, context))


def highest_conflict_chance(signals: Signals, context: PairContext) -> float:
    """Return the chance of a conflict if the model were as sure of it as can be."""
    surest = Opinion(0.0, 0.0, 0.0, 1.0, 0.0)
    return _chance(CONFLICT, conflict_features(signals, Chances(0.0, 0.0, 0.0, 1.0, 0.0), surest, context))


def merge_features(
    signals: Signals, weighed: Chances, opinion: Opinion, context: PairContext
) -> tuple[float, ...]:
    """Return the feature vector for a merge."""
    return (
        _log_odds(opinion.merging),
        _log_odds(chances(signals, None).merging),
        _log_odds(weighed.merging),
        signals.cosine,
        float(context.mutual),
        float(context.lonely),
    )


def conflict_features(
    signals: Signals, weighed: Chances, opinion: Opinion, context: PairContext
) -> tuple[float, ...]:
    """Return the feature vector for a conflict."""
    vector = signals.vector()
    return (
        _log_odds(opinion.conflict),
        _log_odds(opinion.merging),
        _log_odds(weighed.conflict),
        float(context.mutual),
        float(context.lonely),
        float(context.comparable),
        float(context.composed),
        float(context.different_things),
        float(only_one_changed(signals)),
        float(context.lonely and _measures_differ(signals)),
        float(is_one_value_apart(signals)),
        *(vector[at] for at in _USED),
    )


def only_one_changed(signals: Signals) -> bool:
    """Whether one side alone speaks of a change.

    In two rules, a word of change says what happens every time: "if the primary is down, reads fall back to …".
    """
    return not signals.both_conditional and (signals.changes_a > 0) != (signals.changes_b > 0)


def _measures_differ(signals: Signals) -> bool:
    """Whether both sides measure something in one kind of unit, and nothing shows that they measure two things."""
    two_things = (
        signals.clash_name or signals.clash_identifier or signals.clash_scope or signals.labelled_apart
    )
    return signals.clash_unit and not two_things


def _log_odds(chance: float) -> float:
    bounded = min(max(chance, _LEAST), _MOST)
    return math.log(bounded / (1 - bounded))


def _chance(weights: tuple[float, tuple[float, ...]], features: Sequence[float]) -> float:
    intercept, factors = weights
    return 1 / (1 + math.exp(-(intercept + sum(map(mul, factors, features)))))
