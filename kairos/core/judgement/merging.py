"""When a pair is merged unattended, and when a merge is proposed: of two texts that stand alone, and inside a root.

A root judges so many pairs that what the two say is not enough: what they are there for counts as well, and how near
they are among all others. docs/calibration.md has the figures behind the numbers.
"""

from __future__ import annotations

from kairos.core.judgement.chances import chances
from kairos.core.judgement.differences import may_differ
from kairos.core.judgement.pair_context import ALIKE, PairContext
from kairos.core.judgement.signals import Signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.model import Opinion, Relation

SURE = 0.7
"""Chance at which nearly equal words are enough."""
_NEAR_VERBATIM_WORDS = 0.9
_MUCH_ALIKE = 0.78
"""Cosine from which entries that say the same, and whose values all agree, need no other reason."""
_ALONE = 0.6
"""Chance of a merge that two texts that stand alone need, where model and signals agree."""
_AGREED = 0.34
"""Product of the chances of a merge by the model and by the signals from which both mean it."""
_AGREED_IN_DOUBT = 0.45
"""The same where negation, an opposite or a change on one side leaves a doubt."""
_AGREED_IN_A_ROOT = 0.46
"""The same in a root, where so many more pairs are judged."""
_ADDS_MUCH = 3
"""Values that one side adds from which it is no mere container of the other where its words leave a doubt."""
_FREE = 0.45
"""Chance of a merge that a pair needs of which one can take the place of the other, where model and signals agree."""
_AGREED_FREE = 0.25
"""The product of their chances from which they do there."""
_AGREED_LONELY = 0.19
"""The same where no third entry is nearly as near."""
_REPEATED = 0.85
"""Chance of a merge that two lines of two notes need, each of which belongs to its note."""
AGREED_REPEATED = 0.6
"""The product of their chances by the model and by the signals that they need."""
_ONE_SIDED = 0.04
"""How much more certain a merge must be where only one side has no nearer entry."""
_SURE_ALONE = 0.85
"""Chance that is enough without a model, where all values agree."""
_ASKED_IN_A_ROOT = 0.45
"""Chance of a merge from which a root proposes it."""
_PROPOSED = 0.65
"""Cosine from which two entries of a root are alike enough for a proposal."""
_ASKED = 0.25
"""Product of the chances of a merge by the model and by the signals from which a root proposes it."""
_ASKED_ALIKE = 0.15
"""The same of two that are as alike as `_CLOSE`."""
_CLOSE = 0.85
_ASKED_LONELY = 0.1
"""The same where one can take the place of the other, and no third entry is nearly as near."""
_PROPOSED_BOUND = 0.88
"""The same where they mean something where they stand: only what is nearly the same is worth looking at there."""


def is_certain(  # noqa: PLR0917 - what a verdict rests on
    found: Signals,
    relation: Relation,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge that nothing forbids may be done unattended: wherever the two stand, or since none is nearer."""
    beside = _is_beside(found, relation, merging, opinion, context, thresholds)
    return beside or _is_certain_anywhere(found, merging, opinion, context, thresholds)


def _is_certain_anywhere(
    found: Signals,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether model and signals are sure of a merge without looking at what stands around."""
    agree = not found.lacks_a and not found.lacks_b
    if agree and not may_differ(found) and _is_near_verbatim(found, merging):
        return True
    if opinion is None:
        return agree and not may_differ(found) and merging >= _SURE_ALONE and not found.other_script
    if not opinion.whole or found.other_script:
        return False
    if merging >= thresholds.merge:
        return not found.reordered and not found.regrouped
    in_doubt = may_differ(found)
    if in_doubt and max(len(found.lacks_a), len(found.lacks_b)) >= _ADDS_MUCH:
        return False
    agreed = _AGREED_IN_DOUBT if in_doubt else _AGREED
    return context is None and merging >= _ALONE and _is_agreed(found, opinion, agreed)


def _is_beside(  # noqa: PLR0917 - what a verdict rests on
    found: Signals,
    relation: Relation,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether two entries that have no nearer ones may be merged a little less sure than elsewhere.

    Where they say the same and every value agrees, or where the model and the signals agree.
    """
    if opinion is None or not opinion.whole or context is None or not context.exchangeable:
        return False
    if found.other_script:
        return False
    if _is_agreed_freely(found, merging, opinion, context):
        return True
    enough = thresholds.beside + (0.0 if context.mutual else _ONE_SIDED)
    if may_differ(found) or found.cosine < ALIKE or merging < enough:
        return False
    if relation is Relation.SAME and not found.lacks_a and not found.lacks_b and found.cosine >= _MUCH_ALIKE:
        return True
    return _is_agreed(found, opinion, _AGREED_IN_A_ROOT)


def is_repeated(
    found: Signals, relation: Relation, merging: float, opinion: Opinion | None, context: PairContext
) -> bool:
    """Whether two lines that belong to their notes say one thing so plainly that it need not stand in both."""
    if opinion is None or not opinion.whole or not may_repeat(found, context):
        return False
    alike = relation is Relation.SAME and merging >= _REPEATED
    return alike and _is_agreed(found, opinion, AGREED_REPEATED)


def may_repeat(found: Signals, context: PairContext) -> bool:
    """Whether a model could show that two lines of two notes, each other's nearest, say one thing.

    Only of one sentence each: how much of several is covered would have to be known before a model is asked.
    """
    if (
        not found.single
        or context.composed
        or context.apart
        or not context.mutual
        or found.cosine < _PROPOSED
    ):
        return False
    return not found.other_script and not found.lacks_a and not found.lacks_b and not may_differ(found)


def _is_agreed_freely(found: Signals, merging: float, opinion: Opinion, context: PairContext) -> bool:
    """Whether model and signals agree on each other's nearest, of which one can take the place of the other: that far
    apart in a root and still alike are two only if they are about one thing. Whatever is negated on one side only."""
    if not context.mutual or context.composed or found.cosine < _PROPOSED or merging < _FREE:
        return False
    enough = _AGREED_LONELY if context.lonely else _AGREED_FREE
    opposed = found.antonyms and not found.one_negates  # a negation on one side can make up for an opposite
    in_doubt = found.rearranged or found.one_word_apart or opposed
    return _agreement(found, opinion) >= (_AGREED_IN_A_ROOT if in_doubt else enough)


def _is_agreed(found: Signals, opinion: Opinion, enough: float) -> bool:
    """Whether the model and the signals, each for itself, mean a merge: the mistakes of the one are seldom those of
    the other. But both are blind to who does what where names change their places."""
    return not found.reordered and _agreement(found, opinion) >= enough


def _agreement(found: Signals, opinion: Opinion) -> float:
    return opinion.merging * chances(found, None).merging


def _is_near_verbatim(found: Signals, merging: float) -> bool:
    alike = min(found.words_ab, found.words_ba) >= _NEAR_VERBATIM_WORDS
    return alike and not found.substituted and merging >= SURE


def is_worth_asking(
    found: Signals,
    asking: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge is proposed; in a root only of two that are alike and each other's nearest, and where model and
    signals do not disagree: there so many pairs are judged that else most proposals would be wrong."""
    if context is None:
        return asking >= thresholds.ask
    if context.composed or not context.mutual:
        return False
    if found.cosine < (_PROPOSED if context.exchangeable else _PROPOSED_BOUND):
        return False
    if opinion is not None:
        lonely = context.exchangeable and context.lonely
        least = _ASKED_LONELY if lonely else _ASKED_ALIKE if found.cosine >= _CLOSE else _ASKED
        if _agreement(found, opinion) < least:
            return False
    return asking >= max(thresholds.ask, _ASKED_IN_A_ROOT)
