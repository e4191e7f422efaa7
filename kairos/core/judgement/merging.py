"""When a pair is merged unattended and when a merge is proposed, for stand-alone texts and inside a root.

A root has so many pairs that what two entries say is not enough: what they are there for and how near they are among
all others count as well. docs/calibration.md has the measurements behind the constants.

Here "agreement" is the product of two chances of a merge: the model's, and the one by the signals alone.
"""

from __future__ import annotations

from kairos.core.judgement.chances import chances
from kairos.core.judgement.differences import leaves_doubt
from kairos.core.judgement.pair_context import ALIKE, PairContext
from kairos.core.judgement.signals import Signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.model import Opinion, Relation

SURE = 0.7
"""Chance of a merge at which nearly equal words are enough; a conflict that is less likely than this is doubtful."""
_NEAR_VERBATIM_WORDS = 0.9
_MUCH_ALIKE = 0.78
"""Cosine from which entries that say the same and whose values all agree need no further support."""
_ALONE = 0.6
"""Chance of a merge that stand-alone texts need if model and signals agree."""
_AGREED = 0.34
"""Agreement that stand-alone texts need."""
_AGREED_IN_DOUBT = 0.45
"""The same if the words leave a doubt: a negation, an opposite, or a change on one side."""
_AGREED_IN_A_ROOT = 0.46
"""The same in a root, where far more pairs are judged."""
_ADDS_MUCH = 3
"""If the words leave a doubt, a side that adds this many values is no longer taken to merely contain the other."""
_EXCHANGEABLE_CHANCE = 0.45
"""Chance of a merge that an exchangeable, mutually nearest pair of a root needs if model and signals agree."""
_AGREED_EXCHANGEABLE = 0.25
"""Agreement that such a pair needs."""
_AGREED_LONELY = 0.19
"""The same if no third entry is nearly as near."""
_REPEATED_CHANCE = 0.85
"""Chance of a merge that two lines need if each belongs to its own note."""
AGREED_REPEATED = 0.6
"""Agreement that two such lines need."""
_ONE_SIDED_MARGIN = 0.04
"""Added to the required chance of a merge if only one side has no nearer entry."""
_CHANCE_WITHOUT_MODEL = 0.85
"""Chance of a merge that is enough without a model if all values agree."""
_PROPOSAL_CHANCE = 0.45
"""Chance of a merge from which it is proposed inside a root."""
_PROPOSAL_COSINE = 0.65
"""Cosine from which two entries of a root are alike enough to propose a merge."""
_ASKED = 0.25
"""Agreement from which a merge is proposed inside a root."""
_ASKED_CLOSE = 0.15
"""The same from a cosine of `_CLOSE` on."""
_CLOSE = 0.85
_ASKED_LONELY = 0.1
"""The same for an exchangeable pair if no third entry is nearly as near."""
_PROPOSAL_COSINE_BOUND = 0.88
"""`_PROPOSAL_COSINE` for entries that are not exchangeable because their meaning depends on their place: there, only
near-duplicates are worth a look."""


def is_certain(  # noqa: PLR0917 - what a verdict rests on
    signals: Signals,
    relation: Relation,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge that nothing vetoes may be done unattended.

    Either the texts are convincing wherever they stand, or they are nearly so and the entries have no nearer ones.
    """
    for_nearest = _is_certain_for_nearest(signals, relation, merging, opinion, context, thresholds)
    return for_nearest or _is_certain_anywhere(signals, merging, opinion, context, thresholds)


def _is_certain_anywhere(
    signals: Signals,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether model and signals are sure of a merge whatever the surroundings of the two texts."""
    agree = not signals.missing_in_a and not signals.missing_in_b
    if agree and not leaves_doubt(signals) and _is_near_verbatim(signals, merging):
        return True
    if opinion is None:
        return (
            agree
            and not leaves_doubt(signals)
            and merging >= _CHANCE_WITHOUT_MODEL
            and not signals.other_script
        )
    if not opinion.whole or signals.other_script:
        return False
    if merging >= thresholds.merge:
        return not signals.reordered and not signals.regrouped
    in_doubt = leaves_doubt(signals)
    if in_doubt and max(len(signals.missing_in_a), len(signals.missing_in_b)) >= _ADDS_MUCH:
        return False
    agreed = _AGREED_IN_DOUBT if in_doubt else _AGREED
    return context is None and merging >= _ALONE and _is_agreed(signals, opinion, agreed)


def _is_certain_for_nearest(  # noqa: PLR0917 - what a verdict rests on
    signals: Signals,
    relation: Relation,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether two entries without nearer ones may be merged at a slightly lower chance than elsewhere.

    They may if they say the same and every value agrees, or if model and signals agree.
    """
    if opinion is None or not opinion.whole or context is None or not context.exchangeable:
        return False
    if signals.other_script:
        return False
    if _is_agreed_exchangeable(signals, merging, opinion, context):
        return True
    enough = thresholds.merge_nearest + (0.0 if context.mutual else _ONE_SIDED_MARGIN)
    if leaves_doubt(signals) or signals.cosine < ALIKE or merging < enough:
        return False
    if (
        relation is Relation.SAME
        and not signals.missing_in_a
        and not signals.missing_in_b
        and signals.cosine >= _MUCH_ALIKE
    ):
        return True
    return _is_agreed(signals, opinion, _AGREED_IN_A_ROOT)


def is_repeated(
    signals: Signals, relation: Relation, merging: float, opinion: Opinion | None, context: PairContext
) -> bool:
    """Whether two lines, each belonging to its own note, say the same so plainly that one of them can go."""
    if opinion is None or not opinion.whole or not may_repeat(signals, context):
        return False
    alike = relation is Relation.SAME and merging >= _REPEATED_CHANCE
    return alike and _is_agreed(signals, opinion, AGREED_REPEATED)


def may_repeat(signals: Signals, context: PairContext) -> bool:
    """Whether a model could show that two lines of two notes, each other's nearest, say the same.

    Only for lines of one sentence: for longer ones, sentence coverage would have to be known before asking a model.
    """
    if (
        not signals.single
        or context.composed
        or context.different_things
        or not context.mutual
        or signals.cosine < _PROPOSAL_COSINE
    ):
        return False
    return (
        not signals.other_script
        and not signals.missing_in_a
        and not signals.missing_in_b
        and not leaves_doubt(signals)
    )


def _is_agreed_exchangeable(signals: Signals, merging: float, opinion: Opinion, context: PairContext) -> bool:
    """Whether model and signals agree on an exchangeable pair of entries that are each other's nearest.

    Such entries stand far apart in a root; they are still this alike only if they are about the same thing. A negation
    on one side only does not count as a doubt here.
    """
    if not context.mutual or signals.cosine < _PROPOSAL_COSINE or merging < _EXCHANGEABLE_CHANCE:
        return False
    enough = _AGREED_LONELY if context.lonely else _AGREED_EXCHANGEABLE
    # A negation on one side can cancel out an opposite.
    opposed = signals.antonyms and not signals.one_negates
    in_doubt = signals.rearranged or signals.one_word_apart or opposed
    return _agreement(signals, opinion) >= (_AGREED_IN_A_ROOT if in_doubt else enough)


def _is_agreed(signals: Signals, opinion: Opinion, enough: float) -> bool:
    """Whether model and signals each favour a merge; they seldom make the same mistakes.

    Both are blind to who does what, so a pair in which names change places does not count.
    """
    return not signals.reordered and _agreement(signals, opinion) >= enough


def _agreement(signals: Signals, opinion: Opinion) -> float:
    return opinion.merging * chances(signals, None).merging


def _is_near_verbatim(signals: Signals, merging: float) -> bool:
    alike = min(signals.words_ab, signals.words_ba) >= _NEAR_VERBATIM_WORDS
    return alike and not signals.substituted and merging >= SURE


def is_worth_asking(
    signals: Signals,
    asking: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge is worth proposing.

    Inside a root only if the two are alike and each other's nearest, and model and signals do not disagree: so many
    pairs are judged there that most proposals would be wrong otherwise.
    """
    if context is None:
        return asking >= thresholds.ask
    if context.composed or not context.mutual:
        return False
    if signals.cosine < (_PROPOSAL_COSINE if context.exchangeable else _PROPOSAL_COSINE_BOUND):
        return False
    if opinion is not None:
        lonely = context.exchangeable and context.lonely
        least = _ASKED_LONELY if lonely else _ASKED_CLOSE if signals.cosine >= _CLOSE else _ASKED
        if _agreement(signals, opinion) < least:
            return False
    return asking >= max(thresholds.ask, _PROPOSAL_CHANCE)
