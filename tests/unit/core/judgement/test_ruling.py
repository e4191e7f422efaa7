from __future__ import annotations

from dataclasses import replace

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.judgement.ruling import CONFIDENCE, EVIDENCE, Ruling, agreement, in_doubt, ruled, unsettled
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Action, Evidence, Judgement, Relation, Side

SIMILAR = Evidence("similarity", "similarity 0.80", 0.8)
AGREE = Evidence("values", "both values agree")
MERGING = (Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A)


def doubt(*evidence: Evidence, relation: Relation = Relation.SAME, action: Action = Action.ASK) -> Judgement:
    return Judgement(relation, action, 0.5, (SIMILAR, *evidence))


def settle(judgement: Judgement, relation: Relation, *, may_merge: bool = True) -> Judgement:
    return ruled(judgement, Ruling(relation, None, "why"), by="tiny", may_merge=may_merge)


# --- who is asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [Action.MERGE, Action.FLAG, Action.NONE])
def test_decided_judgements_are_not_in_doubt(action: Action) -> None:
    assert not in_doubt(Judgement(Relation.SAME, action, 0.99, (SIMILAR,)))


@pytest.mark.parametrize("action", [Action.MERGE, Action.FLAG, Action.NONE])
def test_judgements_marked_doubtful_are_in_doubt(action: Action) -> None:
    assert in_doubt(Judgement(Relation.SAME, action, 0.5, (SIMILAR,), doubtful=True))


def test_a_question_is_in_doubt_until_a_model_has_answered() -> None:
    assert in_doubt(doubt())
    assert not in_doubt(settle(doubt(Evidence("scope", "other systems")), Relation.SAME))
    one, other = Ruling(Relation.SAME), Ruling(Relation.DISTINCT)
    assert not in_doubt(unsettled(doubt(), one, other, by="tiny"))


# --- agreement -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("straight", "exchanged", "agreed"),
    [
        (Ruling(Relation.SAME), Ruling(Relation.SAME), Ruling(Relation.SAME)),
        (Ruling(Relation.A_CONTAINS_B), Ruling(Relation.B_CONTAINS_A), Ruling(Relation.A_CONTAINS_B)),
        (Ruling(Relation.A_CONTAINS_B), Ruling(Relation.A_CONTAINS_B), None),
        (Ruling(Relation.SAME), Ruling(Relation.B_CONTAINS_A), None),
        (Ruling(Relation.CONFLICT, "a"), Ruling(Relation.CONFLICT, "b"), Ruling(Relation.CONFLICT, "a")),
        (Ruling(Relation.CONFLICT, "a"), Ruling(Relation.CONFLICT, "a"), Ruling(Relation.CONFLICT)),
        (Ruling(Relation.CONFLICT, "a"), Ruling(Relation.CONFLICT), Ruling(Relation.CONFLICT)),
        (Ruling(None), Ruling(None), None),
        (Ruling(Relation.DISTINCT), Ruling(None), None),
    ],
)
def test_two_answers_agree_only_as_mirrors(
    straight: Ruling, exchanged: Ruling, agreed: Ruling | None
) -> None:
    assert agreement(straight, exchanged) == agreed


@pytest.mark.parametrize("relation", [*Relation, None])
@pytest.mark.parametrize("newer", ["a", "b", None])
def test_the_mirror_of_the_mirror_is_the_same(relation: Relation | None, newer: Side | None) -> None:
    assert Ruling(relation, newer, "why").mirrored().mirrored() == Ruling(relation, newer, "why")


# --- what follows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", MERGING)
def test_a_ruling_of_sameness_merges_if_nothing_differs(relation: Relation) -> None:
    result = settle(doubt(AGREE), relation)
    assert (result.relation, result.action, result.confidence) == (relation, Action.MERGE, CONFIDENCE)
    assert result.evidence[0].kind == EVIDENCE
    assert "tiny says" in result.evidence[0].text
    assert result.evidence[0].text.endswith(": why")
    assert result.evidence[1:] == (SIMILAR, AGREE)


@pytest.mark.parametrize("relation", MERGING)
def test_a_ruling_does_not_merge_vetoed_pairs(relation: Relation) -> None:
    result = settle(replace(doubt(AGREE), vetoed=True), relation)
    assert (result.relation, result.action) == (relation, Action.ASK)


@pytest.mark.parametrize(
    ("judged", "said", "merges"),
    [
        (Relation.SAME, Relation.A_CONTAINS_B, True),
        (Relation.SAME, Relation.B_CONTAINS_A, True),
        (Relation.A_CONTAINS_B, Relation.A_CONTAINS_B, True),
        (Relation.A_CONTAINS_B, Relation.B_CONTAINS_A, False),
        (Relation.A_CONTAINS_B, Relation.SAME, False),
        (Relation.B_CONTAINS_A, Relation.A_CONTAINS_B, False),
        (Relation.B_CONTAINS_A, Relation.SAME, False),
    ],
)
def test_a_ruling_does_not_merge_against_the_judged_containment(
    judged: Relation, said: Relation, *, merges: bool
) -> None:
    result = settle(doubt(AGREE, relation=judged), said)
    assert (result.relation, result.action) == (said, Action.MERGE if merges else Action.ASK)


@pytest.mark.parametrize("said", MERGING)
@pytest.mark.parametrize(
    ("judged", "action"), [(Relation.CONFLICT, Action.FLAG), (Relation.DISTINCT, Action.NONE)]
)
def test_a_ruling_does_not_merge_what_the_judge_found_different(
    judged: Relation, action: Action, said: Relation
) -> None:
    local = replace(doubt(AGREE, relation=judged, action=action), doubtful=True)
    assert settle(local, said).action is Action.ASK


def test_the_judge_vetoes_whatever_its_evidence_says() -> None:
    for a, b, vetoed in (
        ("The api listens on port 8080.", "The api is listening on port 9090.", True),
        ("Deploys run on staging at 5 pm.", "Deploys run on production at 5 pm.", True),
        ("We never squash commits here.", "We squash commits here.", True),
        ("Every release gets a purple label.", "Every release gets a cyan label.", True),
        ("The api listens on port 8080.", "Port 8080 is where the api listens.", False),
    ):
        local = judge(statement_of_text(a), statement_of_text(b), lambda _a, _b: 0.9)
        asked = replace(local, relation=Relation.SAME, action=Action.ASK, evidence=())
        assert (settle(asked, Relation.SAME).action is Action.ASK) == vetoed, (a, b)


def test_a_ruling_merges_nothing_if_more_certainty_is_asked_for() -> None:
    assert settle(doubt(), Relation.SAME, may_merge=False).action is Action.ASK


def test_different_things_are_left_alone() -> None:
    result = settle(doubt(relation=Relation.CONFLICT, action=Action.FLAG), Relation.DISTINCT)
    assert (result.relation, result.action, result.newer, result.clash) == (
        Relation.DISTINCT,
        Action.NONE,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("said", "known", "newer"),
    [("a", None, "a"), ("a", "a", "a"), ("a", "b", None), (None, "b", "b"), (None, None, None)],
)
def test_a_conflict_is_flagged_and_contradicting_newer_sides_leave_it_open(
    said: Side | None, known: Side | None, newer: Side | None
) -> None:
    local = Judgement(Relation.SAME, Action.ASK, 0.5, (SIMILAR,), newer="b", clash=("x", "y"))
    result = ruled(local, Ruling(Relation.CONFLICT, said), by="tiny", newer=known)
    assert (result.action, result.newer, result.clash) == (Action.FLAG, newer, ("x", "y"))


def test_contradicting_answers_leave_a_pair_in_doubt_and_are_reported() -> None:
    result = unsettled(doubt(), Ruling(Relation.SAME), Ruling(Relation.A_CONTAINS_B), by="tiny")
    assert (result.relation, result.action, result.confidence) == (Relation.SAME, Action.ASK, 0.5)
    assert result.evidence[-1].text == (
        "tiny says that they say the same; asked in the other order, that the second contains the first"
    )


def test_a_ruling_without_a_relation_is_refused() -> None:
    with pytest.raises(ValueError, match="settles nothing"):
        ruled(doubt(), Ruling(None), by="tiny")
