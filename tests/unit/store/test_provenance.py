"""The origins of notes: a survivor has the origins of everything merged into it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from kairos.core.root.provenance import KnownNote, Provenance
from kairos.store.journal import Intent, Journal
from kairos.store.provenance import join, known_notes, remember, written_by_kairos
from kairos.store.records import FileRecord, Reached, TransactionKind
from kairos.store.state import State

ROOT = "/notes"
NOTES = (
    KnownNote("a.md", "1", 1, sessions=("sa",)),
    KnownNote("b.md", "2", 1, sessions=("sb",), outside=True),
    KnownNote("c.md", "3", 1, sessions=("sc",)),
    KnownNote("d.md", "4", 1, sessions=("sd",)),
)


@pytest.mark.parametrize(
    "merged",
    [
        *permutations((("a.md", "b.md"), ("a.md", "c.md"))),
        *permutations((("a.md", "c.md"), ("c.md", "b.md"))),
    ],
)
def test_a_survivor_has_the_origins_of_all_notes_merged_into_it(
    merged: tuple[tuple[str, str], ...],
) -> None:
    state = State.in_memory()
    remember(state, ROOT, Provenance({}, NOTES, (), ()), dream=1, today=date(2026, 3, 2))
    join(state, ROOT, merged)
    found = known_notes(state, ROOT)
    assert set(found["a.md"].sessions) == {"sa", "sb", "sc"}
    assert found["a.md"].outside
    assert found["d.md"] == NOTES[3]


def test_an_unknown_note_contributes_no_origin() -> None:
    state = State.in_memory()
    remember(state, ROOT, Provenance({}, NOTES, (), ()), dream=1, today=date(2026, 3, 2))
    join(state, ROOT, [("a.md", "new.md"), ("new.md", "b.md")])
    assert list(known_notes(state, ROOT).values()) == list(NOTES)


@pytest.mark.parametrize(
    ("file", "reached", "left"),
    [
        (FileRecord("a.md", before="", after="new"), Reached.BEFORE, ""),
        (FileRecord("a.md", before="old", after="new"), Reached.BEFORE, "old"),
        (FileRecord("a.md", before="old", after="new", interim="both"), Reached.INTERIM, "both"),
        (FileRecord("a.md", before="old", after=""), Reached.AFTER, ""),
    ],
)
def test_a_transaction_left_the_version_that_it_reached(
    file: FileRecord, reached: Reached, left: str
) -> None:
    state = State.in_memory()
    journal = Journal(state)
    intent = Intent(TransactionKind.DREAM, datetime(2026, 3, 2, tzinfo=UTC), (file,))
    journal.commit(journal.begin(ROOT, intent), {"a.md": reached})
    assert written_by_kairos(state, ROOT, ["a.md", "other.md"]) == {"a.md": left}
