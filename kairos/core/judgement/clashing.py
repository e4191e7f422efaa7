"""How likely two texts are in conflict, and when the signals alone show it.

A root has far more similar pairs than conflicts, so a model has to be nearly certain there, or the signals have to be
plain. docs/calibration.md has the measurements behind the constants.
"""

from __future__ import annotations

from kairos.core.judgement.chances import chances
from kairos.core.judgement.differences import (
    has_common_words,
    is_one_value_apart,
    is_same_wording,
    is_told_inversely,
    is_unfounded,
)
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals
from kairos.model import Opinion

_MODEL_CERTAIN = 0.935
"""A model's chance of a conflict that is enough inside a root for free entries that are each other's nearest. For other
pairs it is what a model must say for a single differing value to count."""
_ONE_VALUE_CHANCE = 0.48
"""Chance of a conflict by the signals alone from which a single differing value shows it, for nearest neighbours."""
_CHANGE_CHANCE = 0.65
"""The same if one side speaks of a change, or of more changes than the other."""
_CHANGE_CHANCE_LONELY = 0.5
"""The same if, in addition, no third entry is nearly as near and a value is one-sided or none is shared."""
_SAME_UNIT_CHANCE = 0.55
"""The same if both measure something in the same kind of unit."""
_MODEL_UNOPPOSED = 0.1
"""A model's chance of a conflict from which it does not contradict what a single differing value shows."""


def conflict_chance(
    signals: Signals, conflict: float, opinion: Opinion | None, context: PairContext | None
) -> float:
    """Return the chance of a conflict; 0 if nothing concrete clashes.

    `conflict` is the chance that the classifier gives it. Inside a root that only counts if the model is nearly
    certain; otherwise the signals alone have to show the conflict plainly.
    """
    if not has_common_words(signals, opinion) or is_unfounded(signals):
        return 0.0
    if is_same_wording(signals) or is_told_inversely(signals):
        return 0.0
    if context is None:
        return conflict
    if opinion is not None and opinion.conflict >= _MODEL_CERTAIN and context.comparable and context.mutual:
        return conflict
    alone = chances(signals, None).conflict
    return alone if is_shown(signals, alone, opinion, context) else 0.0


def is_shown(signals: Signals, alone: float, opinion: Opinion | None, context: PairContext) -> bool:
    """Whether the signals show a conflict between nearest neighbours.

    `alone` is the chance of a conflict by the signals. Different numbers are not enough: they may be about different
    things.
    """
    if not context.mutual or context.different_things or signals.clash_scope:
        return False
    ours, theirs = signals.changes_a, signals.changes_b
    # In two rules, a word of change says what happens every time: "if the primary is down, reads fall back to …".
    one_changed = not signals.both_conditional and ((ours > 0) != (theirs > 0) or abs(ours - theirs) > 1)
    if one_changed and context.comparable:
        differ = bool(signals.missing_in_a or signals.missing_in_b) or not signals.shared_values
        return alone >= (_CHANGE_CHANCE_LONELY if context.lonely and differ else _CHANGE_CHANCE)
    if (
        context.comparable
        and signals.clash_unit
        and not signals.clash_identifier
        and alone >= _SAME_UNIT_CHANCE
    ):
        return True
    enough = _MODEL_UNOPPOSED if context.comparable else _MODEL_CERTAIN
    unopposed = opinion is None or opinion.conflict >= enough
    return alone >= _ONE_VALUE_CHANCE and unopposed and is_one_value_apart(signals)
