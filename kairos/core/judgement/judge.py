"""The verdict on a pair: same, contained, in conflict, or distinct; with evidence, and cautious when in doubt.

A pair goes through tiers, only as far as it needs to: equal words; values, which can forbid a merge however alike the
words are; a model's opinion. The findings are weighed into chances, and thresholds decide what is done unattended and
what is worth showing. Inside a root, nearness counts too: two entries that are each other's nearest are more likely to
be about the same thing. The verdict does not depend on the order of the pair.
"""

from __future__ import annotations

from dataclasses import replace

from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.clashing import conflict_chance, may_clash
from kairos.core.judgement.differences import forbids_merge, has_common_words
from kairos.core.judgement.evidence import evidence_of, exchanged
from kairos.core.judgement.merging import (
    AGREED_REPEATED,
    SURE,
    is_certain,
    is_repeated,
    is_worth_asking,
    may_be_asked,
    may_repeat,
)
from kairos.core.judgement.newer import newer
from kairos.core.judgement.pair_context import PairContext, can_matter, nearness
from kairos.core.judgement.signals import Signals, Similarity, signals
from kairos.core.judgement.thresholds import Thresholds
from kairos.core.markdown.plain_text import normalised
from kairos.core.phrasing.signs import flags
from kairos.core.phrasing.verbatim import code_names_differ
from kairos.core.phrasing.versions import begin_alike, one_has_ended
from kairos.model import NOT_COMPARED, Action, Evidence, Judgement, Opinion, Relation, Statement

__all__ = [
    "Similarity",
    "Thresholds",
    "decided_early",
    "equal_words",
    "judge",
    "mirrored",
    "texts",
]

_CONFLICT_LENIENCE = 1.4
"""Outside a root, a conflict may be up to this many times as likely as a merge and the merge still goes ahead: whoever
looks at the proposal sees the conflict too."""
_DIRECTION_MARGIN = 0.05
"""Inside a root, how far apart the chances of the two directions of containment must be to decide which side survives.
If they are closer, the places of the entries decide."""
_ENOUGH_FOR_EITHER = 0.76
"""Chance that a merge loses nothing whichever side goes, from which the places of the two decide which one does."""
_DOUBTFUL_CHANCE = 0.3
"""Chance of a merge or a conflict from which a pair that is left alone still counts as doubtful."""

_BOUND = Evidence("standing", "their meaning may depend on where they are, so neither can replace the other")
_NEARER = Evidence(NOT_COMPARED, "both have closer neighbours")
_NEARER_TO_ONE = Evidence(
    NOT_COMPARED, "one of them has a closer neighbour, and their meaning may depend on where they are"
)
_FAR = Evidence(NOT_COMPARED, "overall they are not similar enough")


def texts(statement: Statement) -> tuple[str, ...]:
    """Return the texts of a statement whose similarity the judge may ask for: the whole and its sentences."""
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
    """Judge a pair; without a `context` the two texts are judged on their own, outside any root.

    Without a model's `opinion`, only verbatim repetition and pairs whose values all agree are merged unattended.
    """
    equal = equal_words(a, b)
    if equal is not None:
        return equal
    if context is not None and not can_matter(context, cosine := similarity(a.text, b.text)):
        why = _FAR if context.nearest else _NEARER
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_similarity_evidence(cosine), why))
    limits = thresholds or Thresholds()
    if (a.text, a.context) > (b.text, b.context):  # one order of computation, so that mirroring is exact
        turned = opinion.mirrored() if opinion else None
        return mirrored(_verdict(b, a, similarity, opinion=turned, context=context, thresholds=limits))
    return _verdict(a, b, similarity, opinion=opinion, context=context, thresholds=limits)


def decided_early(
    a: Statement, b: Statement, similarity: Similarity, context: PairContext, thresholds: Thresholds
) -> Judgement | None:
    """Return the verdict if both entries of a root will stay whatever a model or their sentences say, else None.

    This settles most pairs of a root without running the model or embedding sentences: `similarity` is only called on
    the whole texts.
    """
    if (a.text, a.context) > (b.text, b.context):
        turned = decided_early(b, a, similarity, context, thresholds)
        return mirrored(turned) if turned else None
    cosine = similarity(a.text, b.text)
    if equal_words(a, b) is not None or not can_matter(context, cosine) or thresholds.flag_in_root <= 0:
        return None
    if not context.mutual and not context.exchangeable:  # neither merged nor shown, since others are nearer
        return Judgement(Relation.DISTINCT, Action.NONE, 1.0, (_similarity_evidence(cosine), _NEARER_TO_ONE))
    whole_a, whole_b = (replace(side, sentences=(side.text,)) for side in (a, b))
    found = signals(whole_a, whole_b, similarity)
    if _is_open(found, context, thresholds):
        return None
    evidence = (*evidence_of(whole_a, whole_b, found, similarity, None), *nearness(context))
    distinct = round(chances(found, None).distinct, 4)
    return Judgement(Relation.DISTINCT, Action.NONE, distinct, evidence, vetoed=forbids_merge(found))


def _similarity_evidence(cosine: float) -> Evidence:
    return Evidence("similarity", f"similarity {cosine:.2f}", round(cosine, 4))


def _is_open(found: Signals, context: PairContext, thresholds: Thresholds) -> bool:
    """Whether a pair could still be merged, proposed or flagged if the model and the sentences fully supported it."""
    vetoed = forbids_merge(found)
    if (context.exchangeable and not vetoed) or may_be_asked(found, context, vetoed=vetoed):
        return True
    if may_repeat(found, context) and not vetoed and chances(found, None).merging >= AGREED_REPEATED:
        return True
    return may_clash(found, context, thresholds)


def mirrored(judgement: Judgement) -> Judgement:
    """Return the judgement of the pair with its sides exchanged."""
    return replace(
        judgement,
        relation=judgement.relation.mirrored(),
        newer={"a": "b", "b": "a", None: None}[judgement.newer],
        clash=judgement.clash[::-1] if judgement.clash else None,
        evidence=tuple(exchanged(item) for item in judgement.evidence),
    )


def equal_words(a: Statement, b: Statement) -> Judgement | None:
    """Judge a pair in which the normalised sentences of one side equal or include those of the other.

    None for all other pairs, when only one of two tasks is ticked off, and when code differs in case or punctuation.
    """
    if None not in (a.done, b.done) and a.done != b.done:
        return None
    if code_names_differ(a.code, b.code):  # `API_KEY` is not `api_key`
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
    text = f"everything {side} says is in the other, word for word"
    enough = all(len(sentence.split()) > 2 or len(sentence) > 12 for sentence in inner)
    action = Action.MERGE if enough else Action.ASK
    return Judgement(relation, action, 1.0, (Evidence("words", text),))


def _verdict(
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
    vetoed = forbids_merge(found)
    merged = _merge_verdict(found, weighed, evidence, opinion=opinion, context=context, thresholds=thresholds)
    conflict = conflict_chance(found, weighed, opinion, context)
    if merged is not None and context is None and one_has_ended(a.text, b.text):
        merged = replace(merged, action=Action.ASK, doubtful=True)  # in a root the guard sees to that
    if merged is not None:
        alone = chances(found, None)
        if context is None and conflict and _is_rewritten(merged, a, b, found, alone):
            conflict = max(conflict, alone.conflict)
        elif not _is_outweighed(merged, found, conflict, context):
            return merged
    if conflict >= (thresholds.flag if context is None else thresholds.flag_in_root):
        return Judgement(
            Relation.CONFLICT,
            Action.FLAG,
            round(conflict, 4),
            evidence,
            newer=newer(a, b, opinion),
            clash=_clashing_sentences(a, b, similarity),
            doubtful=conflict < SURE,
            vetoed=vetoed,
        )
    doubtful = opinion is not None and max(weighed.merging, weighed.conflict) >= _DOUBTFUL_CHANCE
    distinct = round(weighed.distinct, 4)
    return Judgement(Relation.DISTINCT, Action.NONE, distinct, evidence, doubtful=doubtful, vetoed=vetoed)


def _merge_verdict(
    found: Signals,
    weighed: Chances,
    evidence: tuple[Evidence, ...],
    *,
    opinion: Opinion | None,
    context: PairContext | None,
    thresholds: Thresholds,
) -> Judgement | None:
    """Return the judgement that merges a pair unattended or proposes to; None if neither is warranted."""
    relation = _merge_relation(found, weighed, opinion)
    if relation is None:
        return None
    vetoed = forbids_merge(found)
    surest = _safest_relation(
        relation, weighed, _ENOUGH_FOR_EITHER, 0.0 if context is None else _DIRECTION_MARGIN
    )
    merging = weighed.lossless(surest)
    certain = is_certain(found, weighed, merging, opinion, context, thresholds) and not vetoed
    repeated = context is not None and not vetoed and is_repeated(found, surest, merging, opinion, context)
    if (
        (certain or repeated)
        and merging >= thresholds.merge_floor
        and _is_likelier(merging, weighed, context)
    ):
        if context is None or context.exchangeable or repeated:
            either = round(weighed.lossless(Relation.SAME), 4)
            return Judgement(surest, Action.MERGE, round(merging, 4), evidence, either_way=either)
        evidence = (*evidence, _BOUND)
    merging = weighed.lossless(relation)
    asking = weighed.merging if context is None else merging
    worth = is_worth_asking(found, weighed, asking, opinion, context, thresholds)
    if worth and _is_likelier(asking, weighed, context) and has_common_words(found, opinion):
        return Judgement(relation, Action.ASK, round(merging, 4), evidence, doubtful=True, vetoed=vetoed)
    return None


def _is_outweighed(merged: Judgement, found: Signals, conflict: float, context: PairContext | None) -> bool:
    """Whether, inside a root, a proposed merge looks more like a conflict by the signals alone: "from 60 €" and "from
    75 € as of today", which a model takes for the same."""
    return (
        context is not None
        and merged.action is Action.ASK
        and bool(found.changes_a) != bool(found.changes_b)
        and conflict > chances(found, None).merging
    )


def _is_rewritten(merged: Judgement, a: Statement, b: Statement, found: Signals, alone: Chances) -> bool:
    """Whether one of two stand-alone texts looks like a rewrite of the other rather than a duplicate.

    They begin alike and go on in different words, or only one of them says that it no longer holds. A rewrite usually
    changes what is said.
    """
    if merged.action is not Action.ASK or alone.conflict < alone.merging:
        return False
    return one_has_ended(a.text, b.text) or (found.substituted and begin_alike(a.text, b.text))


def _is_likelier(merging: float, weighed: Chances, context: PairContext | None) -> bool:
    """Whether a merge is at least as likely as a conflict; outside a root, nearly as likely is enough."""
    return (weighed.merging * _CONFLICT_LENIENCE if context is None else merging) >= weighed.conflict


def _merge_relation(found: Signals, weighed: Chances, opinion: Opinion | None) -> Relation | None:
    """Return the relation by which a pair could be merged: a side that lacks a value cannot contain the other.

    None if each side lacks one and there is no model to ask.
    """
    if found.missing_in_a and found.missing_in_b:
        return None if opinion is None else weighed.direction
    if found.missing_in_a:
        return Relation.B_CONTAINS_A
    if found.missing_in_b:
        return Relation.A_CONTAINS_B
    return weighed.direction


def _safest_relation(relation: Relation, weighed: Chances, enough: float, more: float) -> Relation:
    """Return the safest relation by which to merge a pair.

    A `SAME` below the chance `enough` becomes the likelier direction of containment, so that the side more likely to
    say everything survives. If the two directions are less than `more` apart, it stays `SAME`.
    """
    if relation is not Relation.SAME or weighed.lossless(Relation.SAME) >= enough:
        return relation
    ahead = weighed.a_contains_b - weighed.b_contains_a
    if abs(ahead) < more:
        return relation
    return Relation.A_CONTAINS_B if ahead > 0 else Relation.B_CONTAINS_A


def _clashing_sentences(a: Statement, b: Statement, similarity: Similarity) -> tuple[str, str]:
    """Return the two most similar sentences, one of each side: the ones taken to be in conflict."""
    pairs = [(x, y) for x in a.sentences or (a.text,) for y in b.sentences or (b.text,)]
    return max(pairs, key=lambda pair: similarity(*pair))
