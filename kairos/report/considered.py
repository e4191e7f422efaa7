"""What a dream considered and how it decided, as shown by `kairos explain`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kairos.model import MODEL_OPINION, NEAREST, NOT_COMPARED, PLACE_BOUND, Action, Decision, Relation
from kairos.report.page import Page

_RELATIONS: Mapping[str, str] = {
    Relation.SAME: "they say the same",
    Relation.A_CONTAINS_B: "the first contains the second",
    Relation.B_CONTAINS_A: "the second contains the first",
    Relation.CONFLICT: "they contradict each other",
    Relation.DISTINCT: "they are about different things",
}
_ACTIONS: Mapping[str, str] = {
    Action.MERGE: "one of them is removed",
    Action.ASK: "waits for you",
    Action.FLAG: "flagged as a conflict",
    Action.NONE: "both are kept",
}
_BOTH_STAY = f"{Relation.DISTINCT}, {Action.NONE}"
_UNSURE = "not sure enough to merge or flag them: both are kept"
_SAME_ELSEWHERE = "they say the same, but may depend on where they are: both are kept"
_NOT_COMPARED = "not compared any further: both are kept"
_EVEN_ODDS = 0.5


def decision_block(page: Page, decision: Decision) -> None:
    """Write one decision about a pair or an entry: the outcome, the places and the evidence."""
    plain = _without_confidence(decision)
    unsure = not plain and _is_unsure(decision)
    if plain:
        page.line((plain, "yellow"), indent=2)
    elif (
        unsure
    ):  # the confidence is that they are about different things, which would seem to say the opposite
        page.line((_UNSURE, "yellow"), indent=2)
    else:
        page.line(
            (_in_words(decision.outcome), "yellow"), f" (confidence {decision.confidence:.0%})", indent=2
        )
    for place in decision.places:
        page.line((place.reference, "cyan"), f" {place.text}", indent=4, most=2)
    for text in (*(item.text for item in decision.evidence), *_why_not(decision, unsure=unsure)):
        page.line((text, "dim"), indent=4)


def _without_confidence(decision: Decision) -> str:
    """Return the words for a pair that stays whatever its confidence; "" for any other decision."""
    kinds = {item.kind for item in decision.evidence} if decision.outcome == _BOTH_STAY else set()
    if PLACE_BOUND in kinds:  # here the confidence is that the two say the same
        return _SAME_ELSEWHERE
    return _NOT_COMPARED if NOT_COMPARED in kinds else ""


def _is_unsure(decision: Decision) -> bool:
    """Whether two entries stay although a model, or the confidence, does not call them distinct."""
    related = any(item.kind == MODEL_OPINION for item in decision.evidence)
    return decision.outcome == _BOTH_STAY and (decision.confidence < _EVEN_ODDS or related)


def _why_not(decision: Decision, *, unsure: bool) -> Iterator[str]:
    """Explain why a pair stays here that would be judged differently on its own, or across two notes."""
    if not unsure:
        return
    if all(item.kind != NEAREST for item in decision.evidence):
        yield (
            "one of them has a closer neighbour here, which `kairos judge` does not see; only two entries that are "
            "each other's nearest are flagged as a conflict"
        )
    elif len({place.file for place in decision.places}) == 1:
        yield "two entries of one note were written to go together, so they need more certainty than two notes do"
    else:
        yield "in a directory, where many notes are alike, a pair takes more certainty than on its own (`kairos judge`)"


def _in_words(outcome: str) -> str:
    """Turn the planner's "relation, action: remark" into a phrase for people."""
    verdict, colon, remark = outcome.partition(": ")
    relation, _, action = verdict.partition(", ")
    return f"{_RELATIONS.get(relation, relation)}: {remark if colon else _ACTIONS.get(action, action)}"
