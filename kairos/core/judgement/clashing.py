"""How likely two texts are in conflict, and when the signals alone show it.

A root has many more pairs that are alike than conflicts: there a model must be all but sure, or the signals show it
plainly. docs/calibration.md has the figures behind the numbers.
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

_OBVIOUS = 0.935
"""A model's chance of a conflict that is enough in a root, where the two have no nearer entry and are alike at all."""
_SHOWN = 0.48
"""Chance of a conflict by the signals of nearest neighbours from which one other value shows it."""
_CHANGED = 0.65
"""The same, where one side speaks of a change."""
_CHANGED_LONELY = 0.5
"""The same where no third entry is nearly as near."""
_MEASURED = 0.55
"""The same, where both measure something in one kind of unit."""
_NOT_OPPOSED = 0.1
"""Chance from which a model does not stand against what one other value shows."""


def conflict_chance(
    found: Signals, conflict: float, opinion: Opinion | None, context: PairContext | None
) -> float:
    """Return the chance of a conflict; 0 where nothing concrete clashes.

    In a root there are many more pairs that are alike than conflicts. So a model must be all but sure there, or the
    signals must show it plainly.
    """
    if not has_common_words(found, opinion) or is_unfounded(found):
        return 0.0
    if is_same_wording(found) or is_told_inversely(found):
        return 0.0
    if context is None:
        return conflict
    if opinion is not None and opinion.conflict >= _OBVIOUS and context.free and context.mutual:
        return conflict
    alone = chances(found, None).conflict
    return alone if is_shown(found, alone, opinion, context) else 0.0


def is_shown(found: Signals, alone: float, opinion: Opinion | None, context: PairContext) -> bool:
    """Whether the signals of nearest neighbours show a conflict: different numbers alone may be different things."""
    if not context.mutual or context.apart or found.clash_scope:
        return False
    one_changed = (found.changes_a > 0) != (found.changes_b > 0) or abs(found.changes_a - found.changes_b) > 1
    if one_changed and context.free:
        differ = bool(found.lacks_a or found.lacks_b) or not found.shared_values
        return alone >= (_CHANGED_LONELY if context.lonely and differ else _CHANGED)
    if context.free and found.clash_unit and not found.clash_identifier and alone >= _MEASURED:
        return True
    enough = _NOT_OPPOSED if context.free else _OBVIOUS
    opposed = opinion is None or opinion.conflict >= enough
    return alone >= _SHOWN and opposed and is_one_value_apart(found)
