from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher

import pytest

from kairos.core.judgement.judge import Thresholds, equal_words, judge, mirrored, texts
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text
from kairos.model import NOT_COMPARED, Action, Evidence, Judgement, Opinion, Relation

SAME = Opinion(0.997, 0.001, 0.001, 0.0005, 0.0005)
CLASH = Opinion(0.01, 0.005, 0.005, 0.97, 0.01)


def paraphrase_similarity(one: str, other: str) -> float:
    """Stand in for the embedding model: any two texts are as similar as paraphrases."""
    return 1.0 if one == other else 0.96


def letter_similarity(one: str, other: str) -> float:
    """Stand in for the embedding model where the degree of similarity matters."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def verdict(
    a: str,
    b: str,
    opinion: Opinion | None = SAME,
    days: tuple[date | None, date | None] = (None, None),
) -> Judgement:
    return judge(
        statement_of_text(a, days[0]), statement_of_text(b, days[1]), paraphrase_similarity, opinion=opinion
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Deploys go out on Fridays.", "Deploys go out on Fridays."),
        ("Deploys go out on Fridays.", "deploys  go out\non fridays"),
        ("**Deploys** go out on Fridays.", "Deploys go out on Fridays."),
    ],
)
def test_the_same_words_are_merged_with_certainty(a: str, b: str) -> None:
    found = verdict(a, b, opinion=None)
    assert (found.relation, found.action, found.confidence) == (Relation.SAME, Action.MERGE, 1.0)


def test_a_text_whose_sentences_are_all_in_the_other_is_contained() -> None:
    more = "Deploys go out on Fridays. The pipeline takes ten minutes."
    less = "The pipeline takes ten minutes."
    assert verdict(more, less, opinion=None).relation is Relation.A_CONTAINS_B
    assert verdict(less, more, opinion=None).relation is Relation.B_CONTAINS_A
    assert verdict(less, more, opinion=None).action is Action.MERGE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The API listens on port 8080.", "The API listens on port 9090."),
        ("Retries stop after 30 s.", "Retries stop after 30 min."),
        ("The offset is 5 K.", "The offset is -5 K."),
        ("We build with Node 20.11.0.", "We build with Node 20.12.0."),
        ("The lease ends on 2026-03-14.", "The lease ends on 2026-04-14."),
        ("Standup is on Monday.", "Standup is on Tuesday."),
        ("Config lives in `/etc/app/a.toml`.", "Config lives in `/etc/app/b.toml`."),
        ("Ship with the script `deploy`.", "Ship with the script `deploy_prod`."),
        ("The service reads /etc/app by default.", "The service reads /etc/app/prod.toml by default."),
        ("Format with `black`.", "Format with `ruff`."),
        ("Tickets go to OPS-41.", "Tickets go to OPS-42."),
        ("Push to the shared branch.", "Never push to the shared branch."),
        ("The flag is enabled by default.", "The flag is disabled by default."),
        ("The key is rotated on staging.", "The key is rotated on production."),
        ("The approval comes from Imogen.", "The approval comes from Rupert."),
        ("Tests run before the build.", "Tests run after the build."),
        ("Blue kiln (always): keep the lid shut.", "Red kiln per studio (always): keep the lid shut."),
        ("Branch: `feat/kiln` (rebased on main)", "Branch: `feat/kiln-v2` (on main, replaces `feat/kiln`)"),
        ("All steps: wedge → throw → dry", "All steps: wedge → throw → dry → fire"),
    ],
)
def test_differing_values_forbid_a_merge_however_similar_the_words(a: str, b: str) -> None:
    assert verdict(a, b).action is not Action.MERGE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The user's favourite colour is purple.", "The user's favourite colour is cyan."),
        ("We format the code with black.", "We format the code with ruff."),
        ("The user prefers coffee in the morning.", "The user prefers tea in the morning."),
        ("Frankfurt hosts the database.", "Dublin hosts the database."),
        ("Theo is the treasurer and Ilse is the chair.", "Ilse is the treasurer and Theo is the chair."),
        ("Jump is on space, dash on shift.", "Jump is on shift, dash on space."),
        ("The primary is in Oslo, the replica in Cork.", "The primary is in Cork, the replica in Oslo."),
    ],
)
def test_one_other_word_or_swapped_words_forbid_a_merge(a: str, b: str) -> None:
    assert verdict(a, b).action is not Action.MERGE


def test_paraphrases_with_the_same_values_merge_only_where_a_model_agrees() -> None:
    a = "Images are resized to 1024 px on the long side before tiling."
    b = "Prior to tiling, every picture gets scaled until its longer edge measures 1024 px."
    assert verdict(a, b).action is Action.MERGE
    assert verdict(a, b, opinion=None).action is not Action.MERGE
    assert verdict(a, b, replace(SAME, whole=False)).action is Action.ASK
    assert verdict(a, b, CLASH).action is not Action.MERGE


def test_a_side_with_its_own_value_is_never_dropped() -> None:
    found = verdict(
        "Backups run nightly at 01:00 on host keller-7.", "Backups run nightly at 01:00 on the host."
    )
    assert found.relation in (Relation.A_CONTAINS_B, Relation.CONFLICT, Relation.DISTINCT)


def test_texts_in_two_languages_are_never_merged_unattended() -> None:
    found = verdict(
        "The tests of the parser are in this folder.", "Die Tests des Parsers sind in diesem Ordner."
    )
    assert found.action is not Action.MERGE


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        (
            "前端使用 React 和 TypeScript，后端使用 FastAPI 和 PostgreSQL。",
            "前端采用 React、TypeScript,后端采用 FastAPI、PostgreSQL 数据库",
            False,
        ),
        ("Click 保存 to save the file.", "点击“保存”按钮来保存文件。", True),
    ],
)
def test_names_in_latin_letters_make_no_text_one_of_another_language(a: str, b: str, *, apart: bool) -> None:
    found = verdict(a, b)
    assert any("different languages" in item.text for item in found.evidence) is apart


def test_words_of_change_tell_the_newer_side_and_the_clashing_sentences() -> None:
    old = "Tickets are tracked in Jira. The API listens on port 8080."
    new = "The API listens on port 9090 now, no longer on 8080."
    found = judge(statement_of_text(old), statement_of_text(new), letter_similarity, opinion=CLASH)
    assert (found.relation, found.action, found.newer) == (Relation.CONFLICT, Action.FLAG, "b")
    assert found.clash == ("The API listens on port 8080.", new)


def test_without_words_of_change_the_later_date_is_newer() -> None:
    a, b = "The API listens on port 8080.", "The API listens on port 9090."
    found = verdict(a, b, CLASH, days=(date(2026, 5, 2), date(2026, 5, 1)))
    assert (found.relation, found.newer) == (Relation.CONFLICT, "a")
    assert verdict(a, b, CLASH).newer is None


def test_the_evidence_names_the_values() -> None:
    said = " / ".join(item.text for item in verdict("Listen on port 8080.", "Listen on port 9090.").evidence)
    assert "8080" in said
    assert "9090" in said


def test_thresholds_decide_between_merging_and_asking() -> None:
    a = statement_of_text("Images are resized to 1024 px on the long side before tiling.")
    b = statement_of_text(
        "Prior to tiling, every picture gets scaled until its longer edge measures 1024 px."
    )
    sure = Thresholds(merge=0.9999, merge_in_root=0.9999, merge_floor=0.9999)
    strict = judge(a, b, lambda x, y: 1.0 if x == y else 0.9, opinion=SAME, thresholds=sure)
    assert strict.action is Action.ASK


def test_mirroring_twice_changes_nothing() -> None:
    found = verdict("Listen on port 8080.", "Listen on port 9090 now.")
    assert mirrored(mirrored(found)) == found


def test_all_texts_that_are_compared_are_listed() -> None:
    a, b = statement_of_text("One fact. Two facts."), statement_of_text("A fact. Another one. A third one.")
    known = {*texts(a), *texts(b)}

    def listed(one: str, other: str) -> float:
        assert {one, other} <= known
        return 0.5

    judge(a, b, listed, opinion=SAME)


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


def test_swapped_names_are_not_merged_though_all_names_agree() -> None:
    a = "In the consortium Ghent leads WP2 and Tartu leads WP4."
    b = "Work packages in the consortium: WP2 is led by Tartu, WP4 is led by Ghent."
    fair = Opinion(0.75, 0.05, 0.05, 0.05, 0.1)
    found = judge(statement_of_text(a), statement_of_text(b), paraphrase_similarity, opinion=fair)
    assert found.action is not Action.MERGE


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


def test_a_task_that_is_ticked_off_is_never_merged_with_the_open_one() -> None:
    done, still_open = (statement_of_text(f"- [{box}] wire up tracing in the client") for box in "x ")
    assert equal_words(done, still_open) is None
    assert judge(done, still_open, letter_similarity).action is not Action.MERGE
    assert judge(done, done, letter_similarity).action is Action.MERGE


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


UNSURE = Opinion(0.45, 0.2, 0.2, 0.13, 0.02)


def test_a_superseded_line_conflicts_with_its_former_version() -> None:
    old = "Sweep for free hooks before hanging up a new apron"
    found = verdict(old, f"{old} (superseded by the numbered lockers since 3 May 2026)", opinion=UNSURE)
    assert (found.relation, found.action, found.newer) == (Relation.CONFLICT, Action.FLAG, "b")


@pytest.mark.parametrize(
    ("chance", "context", "action"),
    [
        (0.5, {"mutual": True, "comparable": True}, Action.FLAG),
        (0.5, {"mutual": False, "comparable": True}, Action.NONE),
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


def test_in_an_unsegmented_script_a_conflict_needs_something_concrete() -> None:
    a, b = "화분은 창가에 둔다. 물은 아침에 준다", "물은 아침마다 준다. 창가의 화분"
    clash = Opinion(0.1, 0.05, 0.05, 0.7, 0.1)
    assert verdict(a, b, opinion=clash).relation is not Relation.CONFLICT
    assert verdict("화분 물 3 리터", "화분 물 5 리터", opinion=clash).relation is Relation.CONFLICT


def test_nothing_is_merged_unattended_into_a_text_that_adds_much_and_contradicts() -> None:
    less = "The oven check fails if the tray is out. Move tray and rack together."
    more = (
        "No oven check reads the tray. `oven.py` scores `tray.csv` against `rack.csv`, never less than 80 % of 18 rows."
        " Move tray and rack together."
    )
    opinion = Opinion(0.1, 0.01, 0.78, 0.09, 0.02)
    found = verdict(less, more, opinion=opinion)
    assert (found.relation, found.action) == (Relation.B_CONTAINS_A, Action.ASK)


def test_both_sides_are_read_alike_if_one_has_few_words_of_its_script() -> None:
    a, b = "AutoKiln：已进入维护, Kiln Framework", "AutoKiln - 已进入维护, Kiln Framework…………"
    assert signals(statement_of_text(a), statement_of_text(b), paraphrase_similarity).words_ab > 0.8
