"""When a pair is merged unattended and when a merge is proposed, for stand-alone texts and inside a root.

A root has so many pairs that what two entries say is not enough: what they are there for and how near they are among
all others count as well. docs/calibration.md has the measurements behind the constants.

Here "agreement" is the product of two chances of a merge: the model's, and the one by the signals alone.
"""

from __future__ import annotations

from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.differences import forbids_merge, leaves_doubt
from kairos.core.judgement.in_root import merge_chance
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.model import Opinion, Relation

SURE = 0.7
"""Chance of a merge at which nearly equal words are enough; a conflict that is less likely than this is doubtful."""
_NEAR_VERBATIM_WORDS = 0.9
_ALONE = 0.6
"""Chance of a merge that stand-alone texts need if model and signals agree."""
_AGREED = 0.42
"""Agreement that stand-alone texts need."""
_AGREED_IN_DOUBT = 0.55
"""The same if the words leave a doubt: a negation, an opposite, or a change on one side."""
_ADDS_MUCH = 3
"""If the words leave a doubt, a side that adds this many values is no longer taken to merely contain the other."""
_IN_DOUBT_IN_A_ROOT = 0.93
"""Chance of a merge that entries of a root need if shared names come in another order, if only one word differs, or if
one side has the opposite of a word of the other."""
_ONE_SIDED_IN_A_ROOT = 0.9
"""The same if one of them has a nearer entry."""
_REPEATED_CHANCE = 0.85
"""Chance of a merge that two lines need if each belongs to its own note."""
AGREED_REPEATED = 0.6
"""Agreement that two such lines need."""
_CHANCE_WITHOUT_MODEL = 0.85
"""Chance of a merge that is enough without a model if all values agree."""
_PROPOSAL_CHANCE = 0.45
"""Chance of a merge, by the texts alone, from which it is proposed inside a root."""
_PROPOSED_IN_A_ROOT = 0.5
"""The same with all that is known of the two entries there."""
_PROPOSED_THOUGH_DIFFERENT = 0.8
"""The same if values or words forbid to merge the two unattended."""
_PROPOSAL_COSINE = 0.65
"""Cosine from which two entries are alike enough to propose a merge that may not be done unattended."""
_PROPOSAL_COSINE_BOUND = 0.88
"""The same for entries that are not exchangeable because their meaning depends on their place: there, only
near-duplicates are worth a look."""


def is_certain(  # noqa: PLR0917 - what a verdict rests on
    signals: Signals,
    weighed: Chances,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge that nothing vetoes may be done unattended.

    `merging` is the chance that it loses nothing, by the two texts alone; `weighed` are all their chances.
    """
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
    if context is not None:
        return _is_certain_in_a_root(signals, weighed, opinion, context, thresholds)
    return _is_certain_alone(signals, merging, opinion, thresholds)


def _is_certain_alone(signals: Signals, merging: float, opinion: Opinion, thresholds: Thresholds) -> bool:
    """Whether two stand-alone texts are convincing, or nearly so while model and signals agree."""
    if merging >= thresholds.merge:
        return not signals.reordered and not signals.regrouped
    in_doubt = leaves_doubt(signals)
    if in_doubt and max(len(signals.missing_in_a), len(signals.missing_in_b)) >= _ADDS_MUCH:
        return False
    return merging >= _ALONE and _is_agreed(signals, opinion, _AGREED_IN_DOUBT if in_doubt else _AGREED)


def _is_certain_in_a_root(
    signals: Signals, weighed: Chances, opinion: Opinion, context: PairContext, thresholds: Thresholds
) -> bool:
    """Whether two entries are so near in their root, and so alike, that one can go.

    A negation on one side only does not count as a doubt here: it can cancel out an opposite.
    """
    opposed = signals.antonyms and not signals.one_negates
    in_doubt = signals.rearranged or signals.one_word_apart or opposed
    enough = max(
        thresholds.merge_in_root,
        _IN_DOUBT_IN_A_ROOT if in_doubt else 0.0,
        0.0 if context.mutual else _ONE_SIDED_IN_A_ROOT,
    )
    return merge_chance(signals, weighed, opinion, context) >= enough


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


def may_be_asked(signals: Signals, context: PairContext, *, vetoed: bool) -> bool:
    """Whether a merge of two entries of a root could be worth proposing, whatever a model says.

    So many pairs are judged there that most proposals would be wrong otherwise.
    """
    if context.composed and not context.exchangeable:
        return False
    if context.exchangeable and not vetoed:
        return True  # as near as any pair that is judged
    least = _PROPOSAL_COSINE if context.exchangeable else _PROPOSAL_COSINE_BOUND
    return context.mutual and signals.cosine >= least


def is_worth_asking(  # noqa: PLR0917 - what a verdict rests on
    signals: Signals,
    weighed: Chances,
    asking: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge is worth proposing: `asking` is its chance by the texts alone, `weighed` are all chances."""
    if context is None:
        return asking >= thresholds.ask
    vetoed = forbids_merge(signals)
    if asking < max(thresholds.ask, _PROPOSAL_CHANCE) or not may_be_asked(signals, context, vetoed=vetoed):
        return False
    if opinion is None:
        return True
    enough = _PROPOSED_THOUGH_DIFFERENT if vetoed else _PROPOSED_IN_A_ROOT
    return merge_chance(signals, weighed, opinion, context) >= enough
