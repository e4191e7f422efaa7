from datetime import date

from kairos.core.markdown.claims import (
    LONGEST_EMBEDDED_TEXT,
    claims,
    sentences_of,
    statement,
    statement_of_text,
)
from kairos.core.markdown.parse import parse
from kairos.model import Note, Role, Source


def note(text: str, path: str = "kiln.md") -> Note:
    return parse(Source(path, text.encode(), "", 0, 0o644, Role.NOTE))


def test_every_sentence_of_every_part_is_a_claim_with_its_context() -> None:
    parsed = note("# Kiln\n\nThings to know:\n\n- It heats slowly. It cools overnight.\n  - not in winter\n")
    (entry,) = parsed.entries
    assert sentences_of(entry) == ["It heats slowly.", "It cools overnight.", "not in winter"]
    assert claims(parsed) == (
        (entry.id, "Kiln > Things to know:: It heats slowly."),
        (entry.id, "Kiln > Things to know:: It cools overnight."),
        (entry.id, "Kiln > Things to know: > It heats slowly. It cools overnight.: not in winter"),
    )


def test_only_short_sentences_are_embedded_with_their_context() -> None:
    short, long, chinese = claims(
        note("# Kiln\n\n- Cone 6\n- It never heats above cone 6\n- 窑炉温度不超过一千度\n")
    )
    assert short.embedded == "Kiln: Cone 6"
    assert long.embedded == "It never heats above cone 6"
    assert chinese.embedded == "窑炉温度不超过一千度"


def test_very_long_texts_are_cut_only_for_the_encoder() -> None:
    parsed = note("word " * 5000)
    (claim,), (sentence,) = claims(parsed), sentences_of(parsed.entries[0])
    assert len(claim.embedded) == LONGEST_EMBEDDED_TEXT
    assert len(sentence) > LONGEST_EMBEDDED_TEXT


def test_a_statement_holds_the_whole_entry() -> None:
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
