"""How likely two texts are in conflict, as far as anything concrete clashes."""

from __future__ import annotations

from math import inf

from kairos.core.judgement import in_root
from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.differences import (
    has_common_words,
    is_one_value_apart,
    is_only_extended,
    is_same_wording,
    is_told_inversely,
    is_unfounded,
)
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.model import Opinion

_ONE_VALUE_CHANCE = 0.48
"""Chance of a conflict by the signals alone from which a single differing value shows it, for nearest neighbours."""
_MODEL_UNOPPOSED = 0.1
"""A model's chance of a conflict from which it does not contradict what a single differing value shows."""
_MODEL_CERTAIN = 0.92
"""The same for entries that cannot be held against each other by what they say alone."""
_ONE_SIDED_IN_A_ROOT = 0.6
"""Chance of a conflict that entries of a root need if one of them has a nearer entry."""
_CHANGE_CHANCE = 0.65
"""Chance of a conflict by the signals alone from which, without a model, a change that one side speaks of shows it."""


def conflict_chance(
    signals: Signals, weighed: Chances, opinion: Opinion | None, context: PairContext | None
) -> float:
    """Return the chance of a conflict; 0 if nothing concrete clashes. `weighed` are the chances by the texts alone."""
    if not has_common_words(signals, opinion) or is_unfounded(signals):
        return 0.0
    if is_same_wording(signals) or is_told_inversely(signals) or is_only_extended(signals):
        return 0.0
    if context is None:
        return weighed.conflict
    if signals.clash_scope:
        return 0.0
    alone = chances(signals, None).conflict
    shown = alone if _is_shown(signals, alone, opinion, context) else 0.0
    if opinion is None:
        return shown
    chance = in_root.conflict_chance(signals, weighed, opinion, context)
    return max(shown, chance if chance >= _least(context) else 0.0)


def _least(context: PairContext) -> float:
    """Return the chance that a conflict needs because of how near two entries are; infinite if it can be none."""
    if context.mutual:
        return 0.0
    return _ONE_SIDED_IN_A_ROOT if context.exchangeable else inf


def _is_shown(signals: Signals, alone: float, opinion: Opinion | None, context: PairContext) -> bool:
    """Whether the signals of two nearest neighbours show a conflict plainly: one value differs, or one has changed.

    `alone` is the chance of a conflict by the signals. Of a change, a model knows more.
    """
    if context.different_things or not context.mutual:
        return False
    if opinion is None and context.comparable and in_root.only_one_changed(signals):
        return alone >= _CHANGE_CHANCE
    enough = _MODEL_UNOPPOSED if context.comparable else _MODEL_CERTAIN
    unopposed = opinion is None or opinion.conflict >= enough
    return unopposed and alone >= _ONE_VALUE_CHANCE and is_one_value_apart(signals)


def may_clash(signals: Signals, context: PairContext, thresholds: Thresholds) -> bool:
    """Whether two entries of a root could be flagged, with a model that is as sure as can be, or without one."""
    if is_same_wording(signals) or signals.clash_scope:
        return False
    surest = in_root.highest_conflict_chance(signals, context) >= max(
        thresholds.flag_in_root, _least(context)
    )
    return surest or _is_shown(signals, 1.0, None, context)
