"""Where notes come from: a survivor has the origin of all that it took in."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from kairos.core.root.provenance import KnownNote, Provenance
from kairos.store.provenance import join, known_notes, remember
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
def test_a_survivor_comes_from_where_all_comes_from_that_it_took_in(
    merged: tuple[tuple[str, str], ...],
) -> None:
    state = State.in_memory()
    remember(state, ROOT, Provenance({}, NOTES, (), ()), dream=1, today=date(2026, 3, 2))
    join(state, ROOT, merged)
    found = known_notes(state, ROOT)
    assert set(found["a.md"].sessions) == {"sa", "sb", "sc"}
    assert found["a.md"].outside
    assert found["d.md"] == NOTES[3]


def test_a_note_that_nobody_knows_gives_nothing() -> None:
    state = State.in_memory()
    remember(state, ROOT, Provenance({}, NOTES, (), ()), dream=1, today=date(2026, 3, 2))
    join(state, ROOT, [("a.md", "new.md"), ("new.md", "b.md")])
    assert list(known_notes(state, ROOT).values()) == list(NOTES)
