"""How a change is shown: removed and added lines have different signs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from kairos.core.root.conflicts_note import CONFLICTS_NOTE
from kairos.model import Change, ChangeKind, CreateFile, Edit, Place, RemoveFile, Span, Splice, Witness
from kairos.report.page import Page
from kairos.report.sections import change_block

LINE = "- [Tea](tea.md) — tea"
SIZE = len(LINE.encode())


def signs(change: Change) -> list[str]:
    out = io.StringIO()
    change_block(Page(Console(file=out, width=100)), change)
    return [line.strip() for line in out.getvalue().splitlines()[1:]]


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        (Splice("MEMORY.md", Span(9, 9), f"{LINE}\n".encode()), ["+ [Tea](tea.md) — tea"]),
        (Splice("MEMORY.md", Span(9, 10 + SIZE), b""), ["− [Tea](tea.md) — tea"]),
        (
            Splice("MEMORY.md", Span(9, 9 + SIZE), b"- [Tea](tea.md) \xe2\x80\x94 green"),
            ["− [Tea](tea.md) — tea", "+ [Tea](tea.md) — green"],
        ),
    ],
)
def test_edits_of_an_index_line_are_shown_with_signs(edit: Edit, shown: list[str]) -> None:
    change = Change("k", ChangeKind.INDEX, "why", (edit,), Place("MEMORY.md", 3, LINE), derived=True)
    assert signs(change) == shown


@pytest.mark.parametrize("edit", [CreateFile(CONFLICTS_NOTE, b"x"), RemoveFile(CONFLICTS_NOTE)])
def test_for_the_conflicts_note_only_the_reason_is_shown(edit: Edit) -> None:
    place = Place(CONFLICTS_NOTE, 1, "")
    assert signs(Change("k", ChangeKind.CONFLICTS, "why", (edit,), place, derived=True)) == []


def test_a_removed_empty_note_is_shown_as_empty() -> None:
    change = Change("k", ChangeKind.PRUNE, "it is empty", (RemoveFile("a.md"),), Place("a.md", 1, ""))
    assert signs(change) == ["− (empty)"]


@pytest.mark.parametrize(("other", "signs_shown"), [("Tea is green.", ["−"]), ("tea is green", ["−", "="])])
def test_a_witness_is_quoted_unless_its_words_are_the_same(other: str, signs_shown: list[str]) -> None:
    witness = Witness("id", Place("b.md", 1, other), ())
    edit = Splice("a.md", Span(0, 15), b"")
    change = Change(
        "k", ChangeKind.MERGE, "says", (edit,), Place("a.md", 1, "- Tea is green."), witness=witness
    )
    assert [line[0] for line in signs(change)] == signs_shown


def test_a_note_without_text_is_shown_by_its_front_matter() -> None:
    place = Place("a.md", 1, "---\ndescription: the pump is blue\n---\n\n")
    change = Change("k", ChangeKind.PRUNE, "it has no text", (RemoveFile("a.md"),), place)
    assert signs(change) == ["− description: the pump is blue"]


def test_a_heading_is_not_joined_with_the_text_below_it() -> None:
    place = Place("a.md", 1, "# Login\n\nThe login page\ntimes out.\n")
    change = Change("k", ChangeKind.PRUNE, "it is over", (RemoveFile("a.md"),), place)
    assert signs(change) == ["− # Login", "The login page", "times out."]
