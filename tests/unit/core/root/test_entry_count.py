"""What counts as an entry for the limits: everything but pointers and what Kairos writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.root.conflicts_note import conflicts_note
from kairos.core.root.entry_count import count_of_entries
from kairos.core.root.reading import Reading

Read = Callable[[Mapping[str, str]], Reading]
NOTES = {"a.md": "# A\n\n- One.\n- Two.\n", "b.md": "Three.\n"}


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("", 3),
        ("- [A](a.md) — about it\n- [B](b.md)\n", 3),
        ("[A](a.md) — about it\n", 3),
        ("| [A](a.md) | about it |\n|---|---|\n| [B](b.md) | about it |\n", 3),
        ("- [A](a.md), [B](b.md)\n", 3),
        ("- The port is 8080, see [A](a.md).\n", 4),
        ("- [A](a.md)\n- [Gone](gone.md) — its words may stay\n", 4),
        ("- [A](a.md)\n- [Again](a.md) — its words may stay\n", 4),
        ("- [A](a.md)\n- [Elsewhere](../other/c.md)\n", 4),
        ("[A](a.md) — several lines\n[B](b.md) — of one paragraph\n", 4),
    ],
)
def test_a_pointer_is_no_entry_as_long_as_it_leads_to_a_note_of_its_own(
    read: Read, lines: str, count: int
) -> None:
    assert count_of_entries(read({**NOTES, "MEMORY.md": f"# Memory\n\n{lines}"})) == count


def test_what_kairos_writes_is_not_counted_and_what_only_has_its_name_is(read: Read) -> None:
    older = "# More notes\n\nOlder pointers; kept by Kairos.\n\n- [A](a.md)\n- [Gone](gone.md)\n"
    own = {"kairos-conflicts.md": conflicts_note(()).decode(), "MEMORY-notes.md": older}
    assert count_of_entries(read({**NOTES, **own})) == 3
    of_a_person = {"kairos-conflicts.md": "Mine.\n", "MEMORY-notes.md": "- [A](a.md)\n- Mine.\n"}
    assert count_of_entries(read({**NOTES, **of_a_person})) == 5
