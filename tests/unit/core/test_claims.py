from datetime import date

from kairos.core.claims import LONGEST, claims, statement, statement_of_text
from kairos.core.parse import parse
from kairos.model import Note, Role, Source


def note(text: str, path: str = "kiln.md") -> Note:
    return parse(Source(path, text.encode(), "", 0, 0o644, Role.NOTE))


def test_every_sentence_of_every_part_is_a_claim() -> None:
    found = claims(
        note("# Kiln\n\nThings to know:\n\n- It heats slowly. It cools overnight.\n  - not in winter\n")
    )
    assert [(claim.ordinal, claim.text) for claim in found] == [
        (0, "It heats slowly."),
        (1, "It cools overnight."),
        (2, "not in winter"),
    ]
    assert found[0].context == "Kiln > Things to know:"
    assert found[2].context == "Kiln > Things to know: > It heats slowly. It cools overnight."


def test_only_short_sentences_need_their_context_to_be_understood() -> None:
    short, long, chinese = claims(
        note("# Kiln\n\n- Cone 6\n- It never heats above cone 6\n- 窑炉温度不超过一千度\n")
    )
    assert short.embedded == "Kiln: Cone 6"
    assert long.embedded == "It never heats above cone 6"
    assert chinese.embedded == "窑炉温度不超过一千度"


def test_supporting_parts_are_not_core() -> None:
    head = "---\nname: kiln\n---\n"
    found = claims(note(f"{head}It heats up slowly.\n\n**Why:** the bricks are thick.\n"))
    assert [claim.core for claim in found] == [True, False]


def test_very_long_texts_are_cut_for_the_encoder_only() -> None:
    (claim,) = claims(note("word " * 5000))
    assert len(claim.embedded) == LONGEST
    assert len(claim.text) > LONGEST


def test_a_statement_is_all_of_an_entry() -> None:
    parsed = note(f"{'The kiln is old. ' * 500}Since 2026-03-03 it runs `at_night`.\n")
    told = statement(parsed.entries[0], parsed)
    assert told.text == parsed.entries[0].text
    assert told.sentences[-1] == "Since 2026-03-03 it runs at_night."
    assert (told.day, told.code) == (date(2026, 3, 3), ("at_night",))


def test_the_mtime_is_no_evidence_for_the_judge() -> None:
    parsed = note("The kiln is old.\n")
    assert statement(parsed.entries[0], parsed).day is None


def test_a_text_can_stand_alone() -> None:
    told = statement_of_text("It is **hot**. Wait.", date(2026, 1, 1))
    assert (told.text, told.sentences, told.day) == (
        "It is hot. Wait.",
        ("It is hot.", "Wait."),
        date(2026, 1, 1),
    )
