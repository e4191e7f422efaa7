"""How likely two texts are in conflict, as far as anything concrete clashes."""

from __future__ import annotations

from kairos.core.judgement import in_root
from kairos.core.judgement.chances import Chances
from kairos.core.judgement.differences import (
    has_common_words,
    is_one_value_apart,
    is_same_wording,
    is_told_inversely,
    is_unfounded,
)
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.model import Opinion

_ONE_VALUE_CHANCE = 0.48
"""Chance of a conflict by the signals alone from which, without a model, a single differing value shows it in a
root."""
_CHANGE_CHANCE = 0.65
"""The same if one side speaks of a change."""


def conflict_chance(
    signals: Signals, weighed: Chances, opinion: Opinion | None, context: PairContext | None
) -> float:
    """Return the chance of a conflict; 0 if nothing concrete clashes. `weighed` are the chances by the texts alone."""
    if not has_common_words(signals, opinion) or is_unfounded(signals):
        return 0.0
    if is_same_wording(signals) or is_told_inversely(signals):
        return 0.0
    if context is None:
        return weighed.conflict
    if signals.clash_scope or not _is_near_enough(context):
        return 0.0
    if opinion is not None:
        return in_root.conflict_chance(signals, weighed, opinion, context)
    return weighed.conflict if _is_shown(signals, weighed.conflict, context) else 0.0


def _is_near_enough(context: PairContext) -> bool:
    """Whether no other entry is nearer; entries that can take each other's place may be farther from one side."""
    return context.mutual or context.exchangeable


def _is_shown(signals: Signals, conflict: float, context: PairContext) -> bool:
    """Whether, without a model, the signals of two entries show a conflict plainly."""
    if not context.mutual or context.different_things:
        return False
    changed = context.comparable and in_root.only_one_changed(signals)
    return (changed and conflict >= _CHANGE_CHANCE) or (
        is_one_value_apart(signals) and conflict >= _ONE_VALUE_CHANCE
    )


def may_clash(signals: Signals, context: PairContext, thresholds: Thresholds) -> bool:
    """Whether two entries of a root could be flagged, with a model that is as sure as can be, or without one."""
    if is_same_wording(signals) or signals.clash_scope or not _is_near_enough(context):
        return False
    surest = in_root.highest_conflict_chance(signals, context) >= thresholds.flag_in_root
    return surest or _is_shown(signals, 1.0, context)
