"""The verdict on a pair: same, contained, in conflict, or distinct; with evidence, and modest where in doubt.

In tiers, each pair going only as far as it needs to: equal words; the values, which can forbid a merge whatever the
words look like; a model's opinion. What the tiers found is weighed into chances, and two thresholds decide what is done
unattended and what is worth showing. Inside a root it also counts how near a pair is among all others: two entries that
have no nearer one are more likely about one thing. A verdict is the same whichever way round a pair is given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kairos.core.chances import Chances, chances
from kairos.core.differences import differ, has_common_words, is_one_value_apart, is_same_wording, may_differ
from kairos.core.evidence import evidence_of, exchanged
from kairos.core.newer import newer
from kairos.core.pair_context import ALIKE, PairContext, can_matter, nearness
from kairos.core.plain_text import normalised
from kairos.core.signals import Signals, Similarity, signals
from kairos.model import Action, Evidence, Judgement, Opinion, Relation, Statement

__all__ = ["PairContext", "Similarity", "Thresholds", "can_matter", "foregone", "judge", "mirrored", "texts"]

MERGING = (Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A)
_MIRROR = {Relation.A_CONTAINS_B: Relation.B_CONTAINS_A, Relation.B_CONTAINS_A: Relation.A_CONTAINS_B}
_NEAR_VERBATIM_WORDS = 0.9
_NEAR_VERBATIM_LETTERS = 0.93
_MUCH_ALIKE = 0.78
"""Cosine from which entries that say the same, and whose values all agree, need no other reason."""
_ALONE = 0.6
"""Chance of a merge that two texts that stand alone need, where model and signals agree."""
_AGREED = 0.34
"""Product of the chances of a merge by the model and by the signals from which both mean it."""
_AGREED_IN_DOUBT = 0.41
"""The same where negation, an opposite or a change on one side leaves a doubt."""
_AGREED_IN_A_ROOT = 0.46
"""The same in a root, where so many more pairs are judged."""
_FREE = 0.45
"""Chance of a merge that a pair needs of which one can take the place of the other, where model and signals agree."""
_AGREED_FREE = 0.3
"""The product of their chances from which they do there."""
_AGREED_LONELY = 0.2
"""The same where no third entry is nearly as near."""
_ALL_BUT_EQUAL = 0.95
"""Cosine at which nearest neighbours whose values all agree say the same, whatever their order of words."""
_ONE_SIDED = 0.04
"""How much more certain a merge must be where only one side has no nearer entry."""
_OBVIOUS = 0.88
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
_SURE = 0.7
"""Chance at which nearly equal words are enough."""
_SURE_ALONE = 0.85
"""Chance that is enough without a model, where all values agree."""
_LENIENCE = 1.4
"""A proposal to merge may be this much less likely than a conflict: whoever looks at it sees the conflict too."""
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
_WORTH_ASKING = 0.3
"""Chance of a merge or a conflict from which a pair that is left alone counts as doubtful."""


_REORDERED = Evidence("words", "the same words and values, in another form")
_BOUND = Evidence(
    "standing", "what they say may hang on where they stand, so neither takes the place of the other"
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chances, 0…1, from which a merge is done unattended, a merge is proposed, a conflict is flagged.

    `beside` is the chance that a merge needs where the two have no nearer entries in their root. Below `least` nothing
    is merged unattended but what is equal word for word. docs/calibration.md has the figures behind the defaults.
    """

    merge: float = 0.92
    beside: float = 0.76
    ask: float = 0.4
    flag: float = 0.22
    least: float = 0.0


def texts(statement: Statement) -> tuple[str, ...]:
    """Return all texts of a statement whose similarity the judge may ask for."""
    return tuple(dict.fromkeys((statement.text, *statement.sentences)))


def judge(
    a: Statement,
    b: Statement,
    similarity: Similarity,
    *,
    opinion: Opinion | None = None,
    context: PairContext | None = None,
    thresholds: Thresholds | None = None,
) -> Judgement:
    """Judge a pair; without `context` the two texts stand alone.

    With neither a context nor a model's `opinion` only all but equal words are merged unattended.
    """
    equal = equal_words(a, b)
    if equal is not None:
        return equal
    if context is not None and not can_matter(context, cosine := similarity(a.text, b.text)):
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_alike(cosine),))
    limits = thresholds or Thresholds()
    if (a.text, a.context) > (b.text, b.context):  # one order of computation: the mirror is exact
        turned = opinion.mirrored() if opinion else None
        return mirrored(_weighed(b, a, similarity, opinion=turned, context=context, thresholds=limits))
    return _weighed(a, b, similarity, opinion=opinion, context=context, thresholds=limits)


def foregone(
    a: Statement, b: Statement, similarity: Similarity, context: PairContext, thresholds: Thresholds
) -> Judgement | None:
    """Return the verdict on two entries of a root that both stay, whatever a model and their sentences say.

    None where those can matter. Most pairs of a root need neither; of a `similarity` only that of the wholes is asked.
    """
    if (a.text, a.context) > (b.text, b.context):
        turned = foregone(b, a, similarity, context, thresholds)
        return mirrored(turned) if turned else None
    cosine = similarity(a.text, b.text)
    if equal_words(a, b) is not None or not can_matter(context, cosine) or thresholds.flag <= 0:
        return None
    if not context.mutual and not context.exchangeable:  # not merged, nor shown beside nearer ones
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_alike(cosine), _BOUND))
    whole_a, whole_b = (replace(side, sentences=(side.text,)) for side in (a, b))
    found = signals(whole_a, whole_b, similarity)
    if _is_open(found, context, thresholds):
        return None
    evidence = (*evidence_of(whole_a, whole_b, found, similarity, None), *nearness(context))
    distinct = round(chances(found, None).distinct, 4)
    return Judgement(Relation.DISTINCT, Action.NONE, distinct, evidence, vetoed=differ(found))


def _alike(cosine: float) -> Evidence:
    return Evidence("similarity", f"similarity {cosine:.2f}", round(cosine, 4))


def _is_open(found: Signals, context: PairContext, thresholds: Thresholds) -> bool:
    """Whether a pair could be merged, proposed or flagged, were a model and the sentences as sure of it as can be."""
    if context.exchangeable and not differ(found):
        return True
    if _is_worth_asking(found, 1.0, None, context, thresholds):
        return True
    obvious = context.free and context.mutual
    return (obvious or _is_shown(found, 1.0, None, context)) and not is_same_wording(found)


def mirrored(judgement: Judgement) -> Judgement:
    """Return the judgement of the exchanged pair."""
    return replace(
        judgement,
        relation=_MIRROR.get(judgement.relation, judgement.relation),
        newer={"a": "b", "b": "a", None: None}[judgement.newer],
        clash=judgement.clash[::-1] if judgement.clash else None,
        evidence=tuple(exchanged(item) for item in judgement.evidence),
    )


def equal_words(a: Statement, b: Statement) -> Judgement | None:
    """Judge pairs whose normalised sentences are equal, or contained; None where they are not, or one is ticked off."""
    if None not in (a.done, b.done) and a.done != b.done:
        return None
    whole_a, whole_b = normalised(a.text).rstrip(".!。"), normalised(b.text).rstrip(".!。")
    if whole_a == whole_b:
        return Judgement(Relation.SAME, Action.MERGE, 1.0, (Evidence("words", "word for word the same"),))
    inner_a = {normalised(sentence).rstrip(".!。;；") for sentence in a.sentences}
    inner_b = {normalised(sentence).rstrip(".!。;；") for sentence in b.sentences}
    if not inner_a or not inner_b or not (inner_a < inner_b or inner_b < inner_a):
        return None
    contained = inner_a < inner_b
    inner, relation = (inner_a, Relation.B_CONTAINS_A) if contained else (inner_b, Relation.A_CONTAINS_B)
    side = "the first" if contained else "the second"
    text = f"{side} says nothing that the other does not say word for word"
    enough = all(len(sentence.split()) > 2 or len(sentence) > 12 for sentence in inner)
    action = Action.MERGE if enough else Action.ASK
    return Judgement(relation, action, 1.0, (Evidence("words", text),))


def _weighed(
    a: Statement,
    b: Statement,
    similarity: Similarity,
    *,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> Judgement:
    found = signals(a, b, similarity)
    weighed = chances(found, opinion)
    evidence = (*evidence_of(a, b, found, similarity, opinion), *nearness(context))
    vetoed = differ(found)
    if _is_reordered(found, context) and found.cosine >= thresholds.least:
        reasons = (_REORDERED, *evidence_of(a, b, found, similarity, None), *nearness(context))
        return Judgement(Relation.SAME, Action.MERGE, round(found.cosine, 4), reasons)
    merged = _merged(found, weighed, evidence, opinion=opinion, context=context, thresholds=thresholds)
    conflict = _conflict(found, weighed.conflict, opinion, context)
    if merged is not None and not _is_outweighed(merged, found, conflict, context):
        return merged
    if conflict >= thresholds.flag:
        return Judgement(
            Relation.CONFLICT,
            Action.FLAG,
            round(conflict, 4),
            evidence,
            newer=newer(a, b, opinion),
            clash=_clash(a, b, similarity),
            doubtful=conflict < _SURE,
            vetoed=vetoed,
        )
    doubtful = opinion is not None and max(weighed.merging, weighed.conflict) >= _WORTH_ASKING
    distinct = round(weighed.distinct, 4)
    return Judgement(Relation.DISTINCT, Action.NONE, distinct, evidence, doubtful=doubtful, vetoed=vetoed)


def _merged(
    found: Signals,
    weighed: Chances,
    evidence: tuple[Evidence, ...],
    *,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> Judgement | None:
    """Return the merge of a pair that is done unattended, or proposed; None where it is neither."""
    relation = _direction(found, weighed, opinion)
    if relation is None:
        return None
    vetoed = differ(found)
    surest = _surest(relation, weighed, thresholds.beside)
    merging = weighed.of(surest)
    beside = _is_beside(found, surest, merging, opinion, context, thresholds)
    certain = (beside or _is_certain(found, merging, opinion, context, thresholds)) and not vetoed
    if certain and merging >= thresholds.least and _is_likelier(merging, weighed, context):
        if context is None or context.exchangeable:
            return Judgement(surest, Action.MERGE, round(merging, 4), evidence)
        evidence = (*evidence, _BOUND)
    merging = weighed.of(relation)
    asking = weighed.merging if context is None else merging
    worth = _is_worth_asking(found, asking, opinion, context, thresholds)
    if worth and _is_likelier(asking, weighed, context) and has_common_words(found, opinion):
        return Judgement(relation, Action.ASK, round(merging, 4), evidence, doubtful=True, vetoed=vetoed)
    return None


def _is_outweighed(merged: Judgement, found: Signals, conflict: float, context: PairContext | None) -> bool:
    """Whether a root proposes to merge what its signals rather show to be in conflict: "from 60 €" and "from 75 € as of
    today", which a model takes for one."""
    return (
        context is not None
        and merged.action is Action.ASK
        and bool(found.changes_a) != bool(found.changes_b)
        and conflict > chances(found, None).merging
    )


def _is_likelier(merging: float, weighed: Chances, context: PairContext | None) -> bool:
    """Whether a merge is likelier than a conflict, or nearly so where a person looks at the two side by side."""
    return (weighed.merging * _LENIENCE if context is None else merging) >= weighed.conflict


def _is_reordered(found: Signals, context: PairContext | None) -> bool:
    """Whether each other's nearest neighbours are made of the same words and values: then no model is needed."""
    alike = found.cosine >= _ALL_BUT_EQUAL and min(found.words_ab, found.words_ba) >= _NEAR_VERBATIM_WORDS
    mutual = context is not None and context.mutual and context.exchangeable
    return mutual and alike and not found.substituted and is_same_wording(found)


def _direction(found: Signals, weighed: Chances, opinion: Opinion | None) -> Relation | None:
    """Return how a pair could be merged: the side that lacks a value does not contain the other."""
    if found.lacks_a and found.lacks_b:
        return None if opinion is None else weighed.direction
    if found.lacks_a:
        return Relation.B_CONTAINS_A
    if found.lacks_b:
        return Relation.A_CONTAINS_B
    return weighed.direction


def _surest(relation: Relation, weighed: Chances, enough: float) -> Relation:
    """Return how a pair is best merged that may be the same: where it is in doubt that each side says all that the
    other says, the side stays that is likelier to say all."""
    if relation is not Relation.SAME or weighed.of(Relation.SAME) >= enough:
        return relation
    more = weighed.a_contains_b > weighed.b_contains_a
    return Relation.A_CONTAINS_B if more else Relation.B_CONTAINS_A


def _is_certain(
    found: Signals,
    merging: float,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> bool:
    """Whether a merge that nothing forbids may be done unattended, wherever the two stand."""
    agree = not found.lacks_a and not found.lacks_b
    if agree and not may_differ(found) and _is_near_verbatim(found, merging):
        return True
    if opinion is None:
        return agree and not may_differ(found) and merging >= _SURE_ALONE and not found.other_script
    if not opinion.whole or found.other_script:
        return False
    if merging >= thresholds.merge:
        return not found.reordered and not found.regrouped
    agreed = _AGREED_IN_DOUBT if may_differ(found) else _AGREED
    return context is None and merging >= _ALONE and _is_agreed(found, opinion, agreed)


def _is_agreed(found: Signals, opinion: Opinion, enough: float) -> bool:
    """Whether the model and the signals, each for itself, mean a merge: the mistakes of the one are seldom those of
    the other. But both are blind to who does what where names change their places."""
    return not found.reordered and _agreement(found, opinion) >= enough


def _agreement(found: Signals, opinion: Opinion) -> float:
    return opinion.merging * chances(found, None).merging


def _is_worth_asking(
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
    if found.other_script or may_differ(found):
        return False
    if _is_agreed_freely(found, merging, opinion, context):
        return True
    if found.cosine < ALIKE or merging < thresholds.beside + (0.0 if context.mutual else _ONE_SIDED):
        return False
    if relation is Relation.SAME and not found.lacks_a and not found.lacks_b and found.cosine >= _MUCH_ALIKE:
        return True
    return _is_agreed(found, opinion, _AGREED_IN_A_ROOT)


def _is_agreed_freely(found: Signals, merging: float, opinion: Opinion, context: PairContext) -> bool:
    """Whether model and signals agree on each other's nearest, of which one can take the place of the other: that far
    apart in a root and still alike are two only if they are about one thing."""
    if (
        not context.mutual
        or context.composed
        or found.cosine < _PROPOSED
        or merging < _FREE
        or found.rearranged
    ):
        return False
    return _agreement(found, opinion) >= (_AGREED_LONELY if context.lonely else _AGREED_FREE)


def _is_near_verbatim(found: Signals, merging: float) -> bool:
    if found.substituted or min(found.words_ab, found.words_ba) < _NEAR_VERBATIM_WORDS:
        return False
    return merging >= _SURE or found.letters >= _NEAR_VERBATIM_LETTERS


def _conflict(found: Signals, conflict: float, opinion: Opinion | None, context: PairContext | None) -> float:
    """Return the chance of a conflict; 0 where nothing concrete clashes.

    In a root there are many more pairs that are alike than conflicts. So a model must be all but sure there, or the
    signals must show it plainly.
    """
    if not has_common_words(found, opinion) or is_same_wording(found):
        return 0.0
    if context is None:
        return conflict
    if opinion is not None and opinion.conflict >= _OBVIOUS and context.free and context.mutual:
        return conflict
    alone = chances(found, None).conflict
    return alone if _is_shown(found, alone, opinion, context) else 0.0


def _is_shown(found: Signals, alone: float, opinion: Opinion | None, context: PairContext) -> bool:
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


def _clash(a: Statement, b: Statement, similarity: Similarity) -> tuple[str, str]:
    """Return the two sentences that speak of the same thing."""
    pairs = [(x, y) for x in a.sentences or (a.text,) for y in b.sentences or (b.text,)]
    return max(pairs, key=lambda pair: similarity(*pair))
