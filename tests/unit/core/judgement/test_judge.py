"""The judge on two texts that stand alone."""

from dataclasses import replace
from datetime import date

import pytest

from kairos.core.judgement.judge import Thresholds, equal_words, judge, mirrored, texts
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Action, Judgement, Opinion, Relation
from tests.unit.core.judgement.stand_ins import CLASH, SAME, letter_similarity, paraphrase_similarity


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


def test_swapped_names_are_not_merged_though_all_names_agree() -> None:
    a = "In the consortium Ghent leads WP2 and Tartu leads WP4."
    b = "Work packages in the consortium: WP2 is led by Tartu, WP4 is led by Ghent."
    fair = Opinion(0.75, 0.05, 0.05, 0.05, 0.1)
    found = judge(statement_of_text(a), statement_of_text(b), paraphrase_similarity, opinion=fair)
    assert found.action is not Action.MERGE


def test_a_task_that_is_ticked_off_is_never_merged_with_the_open_one() -> None:
    done, still_open = (statement_of_text(f"- [{box}] wire up tracing in the client") for box in "x ")
    assert equal_words(done, still_open) is None
    assert judge(done, still_open, letter_similarity).action is not Action.MERGE
    assert judge(done, done, letter_similarity).action is Action.MERGE


UNSURE = Opinion(0.45, 0.2, 0.2, 0.13, 0.02)


def test_a_superseded_line_conflicts_with_its_former_version() -> None:
    old = "Sweep for free hooks before hanging up a new apron"
    found = verdict(old, f"{old} (superseded by the numbered lockers since 3 May 2026)", opinion=UNSURE)
    assert (found.relation, found.action, found.newer) == (Relation.CONFLICT, Action.FLAG, "b")


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


def test_a_note_that_grew_does_not_contradict_what_it_was() -> None:
    short = "Never fire on Sundays. Sweep the kiln each evening."
    grown = (
        "Never fire on Sundays. Sweep the kiln each evening, shelves included. It can't wait until morning."
    )
    assert verdict(short, grown, CLASH).relation is not Relation.CONFLICT
    other = grown.replace("Sweep the kiln each evening", "Sweep the kiln at dawn")
    assert verdict(short, other, CLASH).relation is Relation.CONFLICT


@pytest.mark.parametrize(
    ("remark", "action"),
    [
        ("(NOTE: the broom hangs behind the bar)", Action.MERGE),
        ("(NOTE: superseded by the cleaning plan once the new floor is in)", Action.FLAG),
    ],
)
def test_a_remark_that_one_of_two_texts_no_longer_holds_forbids_their_merge(
    remark: str, action: Action
) -> None:
    sweep = "Hall sweep before fairs: begin at the stage door, take the side aisles next and end at the bar"
    found = judge(
        statement_of_text(sweep),
        statement_of_text(f"{sweep} {remark}"),
        lambda x, y: 1.0 if x == y else 0.95,
        opinion=Opinion(0.05, 0.005, 0.94, 0.003, 0.002),
    )
    assert found.action is action
