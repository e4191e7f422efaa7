"""The judge on two entries of a root."""

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.judgement.pair_context import PairContext
from kairos.core.markdown.claims import statement_of_text
from kairos.model import NOT_COMPARED, Action, Evidence, Opinion, Relation
from tests.unit.core.judgement.stand_ins import CLASH, SAME, paraphrase_similarity

BESIDE = PairContext(nearest=True, mutual=True, comparable=True)
TOGETHER = PairContext(nearest=True, mutual=True, composed=True)


@pytest.mark.parametrize(
    ("a", "b", "beside", "together"),
    [
        ("The gateway listens on port 8080.", "The gateway listens on port 9090.", Action.FLAG, Action.FLAG),
        (
            "The nightly export of the ledger runs at 02:00 on host ares.",
            "We moved the export of the ledger: it no longer runs on ares but on host zeus, at 04:30.",
            Action.FLAG,
            Action.NONE,
        ),
    ],
)
def test_lines_of_one_text_conflict_only_if_it_is_plain(
    a: str, b: str, beside: Action, together: Action
) -> None:
    one, two = statement_of_text(a), statement_of_text(b)
    assert judge(one, two, lambda *_: 0.9, context=BESIDE).action is beside
    assert judge(one, two, lambda *_: 0.9, context=TOGETHER).action is together


FAR = PairContext(nearest=False, mutual=False)


def test_in_a_root_a_model_alone_flags_only_pairs_without_a_nearer_entry() -> None:
    a = statement_of_text("Customer mails are answered in English.")
    b = statement_of_text("Customers get their answer in the language in which they wrote.")

    def related(one: str, other: str) -> float:
        return 1.0 if one == other else 0.6

    assert judge(a, b, related, opinion=CLASH, context=BESIDE).action is Action.FLAG
    assert judge(a, b, related, opinion=CLASH, context=TOGETHER).action is Action.NONE
    skipped = judge(a, b, related, opinion=CLASH, context=FAR)
    assert skipped.action is Action.NONE
    assert skipped.evidence[-1] == Evidence(NOT_COMPARED, "both have closer neighbours")
    assert (
        judge(a, b, lambda x, y: 1.0 if x == y else 0.39, opinion=CLASH, context=BESIDE).action is Action.NONE
    )


def test_in_a_root_only_similar_pairs_without_a_nearer_entry_are_proposed() -> None:
    a = statement_of_text("The backup is copied to the other building every Sunday.")
    b = statement_of_text("Each Sunday a copy of the backup goes to the second building.")
    likely = Opinion(0.6, 0.05, 0.05, 0.2, 0.1)

    def related(one: str, other: str) -> float:
        return 1.0 if one == other else 0.75

    assert judge(a, b, related, opinion=likely, context=BESIDE).action in {Action.ASK, Action.MERGE}
    assert judge(a, b, related, opinion=likely, context=FAR).action is not Action.ASK


FREE = PairContext(nearest=True, mutual=True, comparable=True)
LONELY = PairContext(nearest=True, mutual=True, comparable=True, lonely=True)
BOUND = PairContext(nearest=True, mutual=True)
DAYS = PairContext(nearest=True, mutual=True, comparable=True, different_things=True)


def test_in_a_root_only_free_entries_of_one_day_are_merged_unattended() -> None:
    a = statement_of_text("The parser caches at most 512 notes.")
    b = statement_of_text("At most 512 notes are cached by the parser.")
    likely = Opinion(0.6, 0.05, 0.05, 0.2, 0.1)
    found = {
        context: judge(a, b, paraphrase_similarity, opinion=likely, context=context)
        for context in (FREE, BOUND, DAYS)
    }
    assert [found[context].action for context in (FREE, BOUND, DAYS)] == [
        Action.MERGE,
        Action.ASK,
        Action.ASK,
    ]


def test_lines_of_two_notes_are_merged_if_they_plainly_say_the_same() -> None:
    a = "Images are brought to 512 px (short side) before they are labelled."
    b = "Before anybody labels, each image is scaled so that its shorter side has 512 pixels."
    one, two = statement_of_text(a), statement_of_text(b)
    assert judge(one, two, paraphrase_similarity, opinion=SAME, context=BOUND).action is Action.MERGE
    assert judge(one, two, paraphrase_similarity, opinion=SAME, context=TOGETHER).action is not Action.MERGE
    assert judge(one, two, paraphrase_similarity, opinion=SAME, context=FAR).action is not Action.MERGE
    more = statement_of_text(f"{b} At most 40 in a batch.")
    assert judge(one, more, paraphrase_similarity, opinion=SAME, context=BOUND).action is not Action.MERGE


def test_two_lines_of_a_list_merge_only_if_no_other_line_is_like_them() -> None:
    a = statement_of_text("The parser caches at most 512 notes.")
    b = statement_of_text("At most 512 notes are cached by the parser.")
    alone = LONELY._replace(composed=True)
    acted = {
        context: judge(a, b, paraphrase_similarity, opinion=SAME, context=context).action
        for context in (alone, alone._replace(lonely=False), alone._replace(mutual=False), TOGETHER)
    }
    assert list(acted.values()) == [Action.MERGE, Action.NONE, Action.NONE, Action.NONE]
    assert judge(a, b, paraphrase_similarity, context=alone).action is not Action.MERGE  # no model


def test_values_of_two_days_are_no_conflict() -> None:
    a, b = (
        statement_of_text("The gateway listens on port 8080."),
        statement_of_text("The gateway listens on port 9090."),
    )
    assert judge(a, b, lambda *_: 0.9, context=FREE).action is Action.FLAG
    assert judge(a, b, lambda *_: 0.9, context=DAYS).action is Action.NONE


def test_the_evidence_says_that_nothing_else_is_nearly_as_near() -> None:
    a, b = (
        statement_of_text("The gateway listens on port 8080."),
        statement_of_text("The gateway listens on port 9090."),
    )
    assert (
        judge(a, b, lambda *_: 0.9, context=LONELY).evidence[-1].text
        == "no other entry comes close to either"
    )


def test_in_a_root_sides_that_say_about_as_much_are_the_same() -> None:
    a = statement_of_text("Subscribers get 10 % off with the code REEF10, once each.")
    b = statement_of_text("Discount for subscribers: code REEF10, 10 %, once per person.")
    for opinion in (Opinion(0.6, 0.05, 0.04, 0.2, 0.11), Opinion(0.6, 0.04, 0.05, 0.2, 0.11)):
        found = judge(a, b, paraphrase_similarity, opinion=opinion, context=LONELY)
        assert (found.relation, found.action) == (Relation.SAME, Action.MERGE)


def test_a_one_sided_negation_does_not_veto_a_rephrased_sentence() -> None:
    a = statement_of_text("Never post a picture before Maren has approved picture and caption")
    anew = statement_of_text("Picture and caption must have Maren's approval before a picture is posted")
    likely = Opinion(0.75, 0.05, 0.05, 0.05, 0.1)
    assert judge(a, anew, paraphrase_similarity, opinion=likely, context=LONELY).action is Action.MERGE
    turned = statement_of_text("Always post a picture before Maren has approved picture and caption")
    assert judge(a, turned, paraphrase_similarity, opinion=likely, context=LONELY).action is not Action.MERGE


def test_another_word_in_a_rephrased_sentence_may_be_a_conflict() -> None:
    a = statement_of_text("Use the purple theme in the dashboard of the museum")
    b = statement_of_text("In the dashboard of the museum the cyan theme is used")
    clash = Opinion(0.01, 0.01, 0.01, 0.96, 0.01)
    for context in (None, LONELY):
        assert judge(a, b, lambda *_: 0.9, opinion=clash, context=context).action is Action.FLAG


@pytest.mark.parametrize(
    ("chance", "context", "action"),
    [
        (0.01, {"mutual": True, "comparable": True}, Action.FLAG),
        (0.01, {"mutual": False, "comparable": True}, Action.NONE),
        (0.97, {"mutual": False, "comparable": True}, Action.FLAG),
        (0.97, {"mutual": False, "comparable": False}, Action.NONE),
        (0.97, {"mutual": False, "comparable": True, "different_things": True}, Action.NONE),
    ],
)
def test_a_conflict_with_an_entry_that_has_a_nearer_one_needs_a_surer_model(
    chance: float, context: dict[str, bool], action: Action
) -> None:
    found = judge(
        statement_of_text("The kiln is fired on Mondays."),
        statement_of_text("The kiln is fired on Thursdays."),
        lambda x, y: 1.0 if x == y else 0.75,
        opinion=Opinion(0.0, 0.0, 0.0, chance, 1 - chance),
        context=PairContext(nearest=True, **context),
    )
    assert found.action is action


@pytest.mark.parametrize(
    ("other", "action"),
    [
        ("Bread goes to the kiln when the oven is down, cakes wait.", Action.NONE),
        ("Bread goes to the kiln while the oven is down, cakes wait.", Action.FLAG),
    ],
)
def test_a_word_of_change_in_two_rules_is_no_sign_of_a_conflict(other: str, action: Action) -> None:
    rule = statement_of_text("If the oven is down, bread falls back to the kiln; cakes wait.")
    lonely = PairContext(nearest=True, mutual=True, comparable=True, lonely=True)
    unsure = Opinion(0.35, 0.05, 0.05, 0.45, 0.1)
    found = judge(
        rule,
        statement_of_text(other),
        lambda x, y: 1.0 if x == y else 0.85,
        opinion=unsure,
        context=lonely,
    )
    assert found.action is action
