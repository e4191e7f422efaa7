"""Credentials of a root: reported by place and kind, and redacted wherever note text is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kairos.core.index.pointer_lines import Style, line_for
from kairos.core.root.conflicts_note import conflicts_note
from kairos.core.root.exposure import Redactor, exposed
from kairos.core.root.figures import Exposure
from kairos.core.root.past import past_witnesses
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Conflict, Considered, Evidence, Place, Plan, Skip, Witness
from kairos.report.diff import unified_diffs

Read = Callable[[Mapping[str, str]], Reading]

MADE_UP = "hunter22"
LINE = f"The staging password is {MADE_UP}."


def test_credentials_are_reported_by_file_line_and_kind(read: Read) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nMIIEvQIBADANBgkqhkiG9w0BAQ\n"
    reading = read({"a.md": f"# A\n\n- {LINE}\n- {LINE}\n", "b.md": f"# B\n\n{key}", "c.md": "- Nothing.\n"})
    found = exposed(reading)
    assert found.exposures == (
        Exposure("a.md", 3, "password"),
        Exposure("a.md", 4, "password"),
        Exposure("b.md", 3, "private key"),
    )
    assert MADE_UP not in repr(found)


def test_nothing_reported_or_stored_quotes_a_credential() -> None:
    place = Place("a.md", 3, f"- {LINE}")
    evidence = (Evidence("values", f"only the first names {MADE_UP}"),)
    witness = Witness("a.md:9", place, ((LINE, LINE),))
    change = Change("k", ChangeKind.MERGE, f"as {MADE_UP}", (), place, evidence, witness=witness)
    conflict = Conflict("c", place, place, None, f"{MADE_UP} ≠ x", date(2026, 3, 2))
    plan = Plan(
        root="/r", layout="plain", today=date(2026, 3, 2), base={}, changes=(change,), proposals=(change,),
        conflicts=(conflict,), skipped=(Skip("a", f"{MADE_UP} stays"),),
    )  # fmt: skip
    considered = Considered((("a.md", 3, f"- {LINE}"),), (((0,), "same", evidence, 1.0),))
    shown = Redactor.of((LINE,)).plan(plan)
    assert MADE_UP not in repr(shown)
    assert MADE_UP not in repr(Redactor.of((LINE,)).considered(considered))
    assert "[password: not shown]" in shown.changes[0].subject.text
    assert Redactor.of(("Nothing.",)).plan(plan) is plan


def test_credentials_in_another_spelling_are_redacted() -> None:
    redactor = Redactor.of(("The admin password is Straße-７7-kite!.",))
    for written in ("Straße-７7-kite!", "straße-77-kite ≠ x", "STRASSE-77-KITE", "Straße-77-kite."):
        assert "77" not in redactor.text(written).replace("７", "7")
        assert "[password: not shown]" in redactor.text(written)


def test_the_kind_is_right_however_a_credential_is_written() -> None:
    texts = ("JWT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "The admin password is ＫITE-７７-low.")
    redactor = Redactor.of(texts)
    for written in ("ＫITE-７７-low", "ｋite-７７-low", "ＫITE-７７-LOW", "kite-77-low"):
        assert redactor.text(written) == "[password: not shown]"
    assert redactor.text("KıTE-77-low") == "[credential: not shown]"


def test_the_conflicts_note_and_the_index_quote_no_credential(read: Read) -> None:
    place = Place("a.md", 3, f"- {LINE}")
    conflict = Conflict("c", place, place, None, "they differ", date(2026, 3, 2))
    assert MADE_UP.encode() not in conflicts_note((conflict,))
    note = read({"a.md": f"---\nname: Access\ndescription: {LINE}\n---\n\nText.\n"}).notes["a.md"]
    assert line_for(note, Style()) == "- [Access](a.md)"


def test_diffs_quote_no_credential() -> None:
    lines = [line for line, _ in unified_diffs({"a.md": f"- {LINE}\n- X\n".encode()}, {"a.md": b"- X\n"})]
    assert "-- The staging password is [password: not shown]." in lines
    assert not any(MADE_UP in line for line in lines)


def test_a_witness_is_recognised_by_its_redacted_text(read: Read) -> None:
    reading = read({"a.md": f"- {LINE}\n- X\n"})
    ids = frozenset({reading.notes["a.md"].entries[0].id})
    for text in (f"- {LINE}", Redactor.of((LINE,)).text(f"- {LINE}")):
        assert past_witnesses([("a.md", text)], reading) == ids
