"""The verdict on a pair: same, contained, in conflict, or distinct; with evidence, and modest where in doubt.

In tiers, each pair going only as far as it needs to: equal words; the values, which can forbid a merge whatever the
words look like; a model's opinion. What the tiers found is weighed into chances, and two thresholds decide what is done
unattended and what is worth showing. Inside a root it also counts how near a pair is among all others: two entries that
have no nearer one are more likely about one thing. A verdict is the same whichever way round a pair is given.
"""

from __future__ import annotations

from dataclasses import replace

from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.clashing import conflict_chance, is_shown
from kairos.core.judgement.differences import differ, has_common_words, is_same_wording
from kairos.core.judgement.evidence import evidence_of, exchanged
from kairos.core.judgement.merging import (
    AGREED_REPEATED,
    SURE,
    is_certain,
    is_repeated,
    is_worth_asking,
    may_repeat,
)
from kairos.core.judgement.newer import newer
from kairos.core.judgement.pair_context import PairContext, can_matter, nearness
from kairos.core.judgement.signals import Signals, Similarity, signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.core.markdown.plain_text import normalised
from kairos.core.phrasing.signs import flags
from kairos.core.phrasing.spelled import coded_apart
from kairos.core.phrasing.versions import begin_alike, one_has_ended
from kairos.model import UNREAD, Action, Evidence, Judgement, Opinion, Relation, Statement

__all__ = ["PairContext", "Similarity", "Thresholds", "can_matter", "foregone", "judge", "mirrored", "texts"]

MERGING = (Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A)
_MIRROR = {Relation.A_CONTAINS_B: Relation.B_CONTAINS_A, Relation.B_CONTAINS_A: Relation.A_CONTAINS_B}
_LENIENCE = 1.4
"""A proposal to merge may be this much less likely than a conflict: whoever looks at it sees the conflict too."""
_MORE = 0.05
"""How much likelier one side must be to say all that the other says, for that to decide in a root which stays: else
where the two stand does."""
_WORTH_ASKING = 0.3
"""Chance of a merge or a conflict from which a pair that is left alone counts as doubtful."""

_BOUND = Evidence(
    "standing", "what they say may hang on where they stand, so neither takes the place of the other"
)
_NEARER = Evidence(UNREAD, "others are nearer to both")
_NEARER_TO_ONE = Evidence(
    UNREAD, "another is nearer to one of them, and what they say may hang on where they stand"
)
_FAR = Evidence(UNREAD, "on the whole they are too little alike")


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
        why = _FAR if context.nearest else _NEARER
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_alike(cosine), why))
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
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_alike(cosine), _NEARER_TO_ONE))
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
    if is_worth_asking(found, 1.0, None, context, thresholds):
        return True
    if may_repeat(found, context) and not differ(found) and chances(found, None).merging >= AGREED_REPEATED:
        return True
    obvious = context.free and context.mutual
    return (obvious or is_shown(found, 1.0, None, context)) and not is_same_wording(found)


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
    if coded_apart(a.code, b.code):  # `API_KEY` is not `api_key`
        return None
    whole_a, whole_b = normalised(a.text).rstrip(".!。"), normalised(b.text).rstrip(".!。")
    if whole_a == whole_b and flags(a.text) == flags(b.text):
        return Judgement(Relation.SAME, Action.MERGE, 1.0, (Evidence("words", "word for word the same"),))
    inner_a = {normalised(sentence).rstrip(".!。;；") for sentence in a.sentences}
    inner_b = {normalised(sentence).rstrip(".!。;；") for sentence in b.sentences}
    contained = inner_a < inner_b and flags(a.text) <= flags(b.text)
    contains = inner_b < inner_a and flags(b.text) <= flags(a.text)
    if not inner_a or not inner_b or not (contained or contains):
        return None
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
    merged = _merged(found, weighed, evidence, opinion=opinion, context=context, thresholds=thresholds)
    conflict = conflict_chance(found, weighed.conflict, opinion, context)
    if merged is not None:
        alone = chances(found, None)
        if context is None and conflict and _is_rewritten(merged, a, b, found, alone):
            conflict = max(conflict, alone.conflict)
        elif not _is_outweighed(merged, found, conflict, context):
            return merged
    if conflict >= thresholds.flag:
        return Judgement(
            Relation.CONFLICT,
            Action.FLAG,
            round(conflict, 4),
            evidence,
            newer=newer(a, b, opinion),
            clash=_clash(a, b, similarity),
            doubtful=conflict < SURE,
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
    surest = _surest(relation, weighed, thresholds.beside, 0.0 if context is None else _MORE)
    merging = weighed.of(surest)
    certain = is_certain(found, surest, merging, opinion, context, thresholds) and not vetoed
    repeated = context is not None and not vetoed and is_repeated(found, surest, merging, opinion, context)
    if (certain or repeated) and merging >= thresholds.least and _is_likelier(merging, weighed, context):
        if context is None or context.exchangeable or repeated:
            return Judgement(surest, Action.MERGE, round(merging, 4), evidence)
        evidence = (*evidence, _BOUND)
    merging = weighed.of(relation)
    asking = weighed.merging if context is None else merging
    worth = is_worth_asking(found, asking, opinion, context, thresholds)
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


def _is_rewritten(merged: Judgement, a: Statement, b: Statement, found: Signals, alone: Chances) -> bool:
    """Whether of two texts that stand alone, and could be merged, one is rather written over the other: they begin
    alike and go on with words of their own, or one says that it holds no more. What is rewritten changes most often."""
    if merged.action is not Action.ASK or alone.conflict < alone.merging:
        return False
    return one_has_ended(a.text, b.text) or (found.substituted and begin_alike(a.text, b.text))


def _is_likelier(merging: float, weighed: Chances, context: PairContext | None) -> bool:
    """Whether a merge is likelier than a conflict, or nearly so where a person looks at the two side by side."""
    return (weighed.merging * _LENIENCE if context is None else merging) >= weighed.conflict


def _direction(found: Signals, weighed: Chances, opinion: Opinion | None) -> Relation | None:
    """Return how a pair could be merged: the side that lacks a value does not contain the other."""
    if found.lacks_a and found.lacks_b:
        return None if opinion is None else weighed.direction
    if found.lacks_a:
        return Relation.B_CONTAINS_A
    if found.lacks_b:
        return Relation.A_CONTAINS_B
    return weighed.direction


def _surest(relation: Relation, weighed: Chances, enough: float, more: float) -> Relation:
    """Return how a pair is best merged that may be the same: where it is in doubt that each side says all that the
    other says, the side stays that is likelier to say all; neither, where the chances are less than `more` apart."""
    if relation is not Relation.SAME or weighed.of(Relation.SAME) >= enough:
        return relation
    ahead = weighed.a_contains_b - weighed.b_contains_a
    if abs(ahead) < more:
        return relation
    return Relation.A_CONTAINS_B if ahead > 0 else Relation.B_CONTAINS_A


def _clash(a: Statement, b: Statement, similarity: Similarity) -> tuple[str, str]:
    """Return the two sentences that speak of the same thing."""
    pairs = [(x, y) for x in a.sentences or (a.text,) for y in b.sentences or (b.text,)]
    return max(pairs, key=lambda pair: similarity(*pair))
