"""The verdict on a pair: same, contained, in conflict, or distinct; with evidence, and modest where in doubt.

Three steps, each pair going only as far as it needs to: equal words; the values, which can forbid a merge whatever the
words look like; a linear classifier over the signals of both. It sees two texts and, inside a root, how near they are
among all others. It is the same whichever way round a pair is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from kairos.core.judge_weights import WEIGHTS
from kairos.core.newer import newer
from kairos.core.plain_text import normalised
from kairos.core.signals import Signals, Similarity, signals
from kairos.model import Action, Evidence, Judgement, Relation, Statement

__all__ = ["PairContext", "Similarity", "Thresholds", "judge", "texts"]

MERGING = (Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A)
_MIRROR = {Relation.A_CONTAINS_B: Relation.B_CONTAINS_A, Relation.B_CONTAINS_A: Relation.A_CONTAINS_B}
_NEAR_VERBATIM_WORDS = 0.9
_NEAR_VERBATIM_LETTERS = 0.93
_SURE = 0.7
"""Probability at which nearly equal words are enough."""
_SURE_ALONE = 0.85
"""Probability that is enough for two texts that stand alone, where all their values agree."""
_ALL_BUT_EQUAL = 0.95
"""Cosine at which nearest neighbours whose values all agree say the same, whatever their order of words."""
_ONE_SIDED = 0.04
"""How much more certain a merge must be where only one side has no nearer entry."""
_ALIKE = 0.68
"""Cosine below which nothing is merged unattended, whatever the classifier says."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences, 0…1, from which a merge is done unattended, a merge is proposed, a conflict is flagged."""

    merge: float = 0.535
    ask: float = 0.45
    flag: float = 0.48


@dataclass(frozen=True, slots=True)
class PairContext:
    """How near a pair is inside its root: one side, or both, have no nearer entry than the other."""

    nearest: bool
    mutual: bool


def texts(statement: Statement) -> tuple[str, ...]:
    """Return all texts of a statement whose similarity the judge may ask for."""
    return tuple(dict.fromkeys((statement.text, *statement.sentences)))


def judge(
    a: Statement,
    b: Statement,
    similarity: Similarity,
    *,
    thresholds: Thresholds | None = None,
    context: PairContext | None = None,
) -> Judgement:
    """Judge a pair. Without `context` (two texts that stand alone) only all but equal words are merged unattended."""
    equal = _equal_words(a, b)
    if equal is not None:
        return equal
    if (a.text, a.context) > (b.text, b.context):  # one order of computation: the mirror is exact
        return mirrored(_weighed(b, a, similarity, thresholds or Thresholds(), context))
    return _weighed(a, b, similarity, thresholds or Thresholds(), context)


def mirrored(judgement: Judgement) -> Judgement:
    """Return the judgement of the exchanged pair."""
    return replace(
        judgement,
        relation=_MIRROR.get(judgement.relation, judgement.relation),
        newer={"a": "b", "b": "a", None: None}[judgement.newer],
        clash=judgement.clash[::-1] if judgement.clash else None,
        evidence=tuple(replace(item, text=_exchanged(item.text)) for item in judgement.evidence),
    )


_EXCHANGE = {"the first": "the second", "the second": "the first"}


def _exchanged(text: str) -> str:
    for side, other in _EXCHANGE.items():
        if text.startswith(side):
            return other + text.removeprefix(side)
    return text


def _equal_words(a: Statement, b: Statement) -> Judgement | None:
    """Judge pairs whose normalised sentences are equal, or contained."""
    whole_a, whole_b = normalised(a.text).rstrip(".!。"), normalised(b.text).rstrip(".!。")
    if whole_a == whole_b:
        return Judgement(Relation.SAME, Action.MERGE, 1.0, (Evidence("words", "word for word the same"),))
    inner_a = {normalised(sentence).rstrip(".!。;；") for sentence in a.sentences}
    inner_b = {normalised(sentence).rstrip(".!。;；") for sentence in b.sentences}
    if inner_a and inner_b and (inner_a < inner_b or inner_b < inner_a):
        inner, relation = (
            (inner_a, Relation.B_CONTAINS_A) if inner_a < inner_b else (inner_b, Relation.A_CONTAINS_B)
        )
        side = "the first" if relation is Relation.B_CONTAINS_A else "the second"
        text = f"{side} says nothing that the other does not say word for word"
        action = (
            Action.MERGE
            if all(len(sentence.split()) > 2 or len(sentence) > 12 for sentence in inner)
            else Action.ASK
        )
        return Judgement(relation, action, 1.0, (Evidence("words", text),))
    return None


def _weighed(
    a: Statement, b: Statement, similarity: Similarity, thresholds: Thresholds, context: PairContext | None
) -> Judgement:
    found = signals(a, b, similarity)
    chances = probabilities(found)
    merging = sum(chances[relation] for relation in MERGING)
    evidence = (*_evidence(found), *_nearness(context))
    relation = _direction(found, chances)
    conflict = chances[Relation.CONFLICT]
    if relation is not None:
        if _is_certain(found, merging, thresholds, context):
            return Judgement(relation, Action.MERGE, round(merging, 4), evidence)
        if merging >= max(thresholds.ask, conflict) and _has_common_words(found):
            return Judgement(relation, Action.ASK, round(merging, 4), evidence)
    if conflict >= thresholds.flag and _has_common_words(found) and _can_clash(found, conflict, context):
        return Judgement(
            Relation.CONFLICT,
            Action.FLAG,
            round(conflict, 4),
            evidence,
            newer=newer(a, b),
            clash=_clash(a, b, similarity),
        )
    return Judgement(Relation.DISTINCT, Action.NONE, round(1 - merging, 4), evidence)


def probabilities(found: Signals) -> dict[Relation, float]:
    """Return the classifier's probability of each relation."""
    vector = found.vector()
    scores = {
        relation: intercept + sum(w * x for w, x in zip(weights, vector, strict=True))
        for relation, (intercept, weights) in WEIGHTS.items()
    }
    top = max(scores.values())
    powers = {relation: math.exp(score - top) for relation, score in scores.items()}
    total = sum(powers.values())
    return {relation: power / total for relation, power in powers.items()}


def _direction(found: Signals, chances: dict[Relation, float]) -> Relation | None:
    """Return how a pair could be merged without losing a value; None if either side has its own."""
    if found.lacks_a and found.lacks_b:
        return None
    if found.lacks_a:
        return Relation.B_CONTAINS_A
    if found.lacks_b:
        return Relation.A_CONTAINS_B
    return max(MERGING, key=lambda relation: chances[relation])


def _is_certain(found: Signals, merging: float, thresholds: Thresholds, context: PairContext | None) -> bool:
    """Whether a merge may be done unattended: never across differing values, negation or languages."""
    asked_for_more = thresholds.merge > Thresholds().merge and merging < thresholds.merge
    differ = found.cross_language or _clashes(found) or found.negation % 2 or found.antonyms or found.swapped
    if asked_for_more or differ or found.changes_a or found.changes_b:
        return False
    agree = not found.lacks_a and not found.lacks_b
    if agree and (_is_near_verbatim(found, merging) or (merging >= _SURE_ALONE and not found.other_script)):
        return True
    if context is None or not context.nearest or found.other_script:
        return False
    if found.cosine >= _ALL_BUT_EQUAL and context.mutual and agree and not found.substituted:
        return True
    return found.cosine >= _ALIKE and merging >= thresholds.merge + (0.0 if context.mutual else _ONE_SIDED)


def _has_common_words(found: Signals) -> bool:
    """Whether the words themselves bear out the vectors, where those say little."""
    return not found.other_script or max(found.words_ab, found.words_ba) >= 0.5


def _is_near_verbatim(found: Signals, merging: float) -> bool:
    if found.substituted or min(found.words_ab, found.words_ba) < _NEAR_VERBATIM_WORDS:
        return False
    return merging >= _SURE or found.letters >= _NEAR_VERBATIM_LETTERS


def _clashes(found: Signals) -> bool:
    return (
        found.clash_quantity
        or found.clash_day
        or found.clash_identifier
        or found.clash_name
        or found.clash_scope
    )


def _can_clash(found: Signals, conflict: float, context: PairContext | None) -> bool:
    """Whether there is something concrete that clashes: different numbers alone may be different things."""
    if context is None:
        return True
    if not context.nearest or found.clash_scope:
        return False
    both_lack = bool(found.lacks_a and found.lacks_b)
    one_changed = (found.changes_a > 0) != (found.changes_b > 0) or abs(found.changes_a - found.changes_b) > 1
    if one_changed:
        return both_lack or found.negation % 2 == 1 or conflict >= 0.54
    if context.mutual and _same_frame(found):
        return True
    one_lacks = bool(found.lacks_a) != bool(found.lacks_b)
    return context.mutual and found.negation % 2 == 1 and one_lacks and found.cosine >= _ALIKE


def _same_frame(found: Signals) -> bool:
    """Whether the sides are the same sentence with one other value: port 8080, port 9090."""
    one_value = len(found.lacks_a) == len(found.lacks_b) == 1
    return one_value and min(found.words_ab, found.words_ba) >= 0.75 and found.cosine >= 0.8


def _clash(a: Statement, b: Statement, similarity: Similarity) -> tuple[str, str]:
    """Return the two sentences that speak of the same thing."""
    pairs = [(x, y) for x in a.sentences or (a.text,) for y in b.sentences or (b.text,)]
    return max(pairs, key=lambda pair: similarity(*pair))


def _evidence(found: Signals) -> tuple[Evidence, ...]:
    items = [Evidence("similarity", f"similarity {found.cosine:.2f}", round(found.cosine, 4))]
    if found.lacks_b:
        items.append(Evidence("values", f"the first alone has {_listed(found.lacks_b)}"))
    if found.lacks_a:
        items.append(Evidence("values", f"the second alone has {_listed(found.lacks_a)}"))
    if not found.lacks_a and not found.lacks_b and found.shared_values:
        items.append(Evidence("values", _agreeing(found.shared_values)))
    if found.clash_scope:
        items.append(Evidence("scope", "they speak of different environments, systems or parts"))
    if found.clash_name:
        items.append(Evidence("names", "they name different people or things"))
    if found.negation % 2:
        items.append(Evidence("negation", "one side negates, the other does not"))
    if found.antonyms:
        items.append(Evidence("opposites", "they use opposite words"))
    if found.changes_a or found.changes_b:
        side = (
            "both speak"
            if found.changes_a and found.changes_b
            else ("the first speaks" if found.changes_a else "the second speaks")
        )
        items.append(Evidence("wording", f"{side} of a change"))
    if found.cross_language:
        items.append(Evidence("language", "they are written in different languages"))
    return tuple(items)


def _nearness(context: PairContext | None) -> tuple[Evidence, ...]:
    if context is None or not context.mutual:
        return ()
    return (Evidence("nearest", "nothing here is nearer to either"),)


def _agreeing(count: int) -> str:
    return "the one value agrees" if count == 1 else f"all {count} values agree"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:4])
    return shown if len(values) <= 4 else f"{shown} and {len(values) - 4} more"
