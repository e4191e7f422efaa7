"""A new pointer line quotes nothing that an open conflict or a date will soon make untrue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from kairos.core.index.pointer_lines import Style, disputed, line_for
from kairos.core.root.reading import Reading, place
from kairos.model import Conflict

Read = Callable[[Mapping[str, str]], Reading]


@pytest.mark.parametrize(
    "passing",
    [
        "Until 2026-09-01 the index is served from halcyon-2.",
        "Until 1 September the index is served from halcyon-2.",
        "The freeze lasts. It holds until 2026-09-01.",
        "Gilt bis 1. September 2026: nichts ausliefern.",
        "~~The index is served from halcyon-2.~~",
        "[x] Move the index by 2026-09-01.",
        "Yesterday the index was moved.",
        "Nächste Woche kommt die neue Platte.",
    ],
)
def test_a_hook_quotes_nothing_that_a_day_makes_untrue(read: Read, passing: str) -> None:
    note = read({"a.md": f"# Search\n\n- {passing}\n- Start it by hand.\n"}).notes["a.md"]
    assert line_for(note, Style()) == "- [Search](a.md) — Start it by hand."
    alone = read({"a.md": f"# Search\n\n- {passing}\n"}).notes["a.md"]
    assert line_for(alone, Style()) == "- [Search](a.md)"


def test_a_hook_quotes_nothing_in_dispute_unless_the_description_says_it(read: Read) -> None:
    text = "# API\n\n- It listens on port 80.\n- It speaks JSON.\n"
    head = "---\ndescription: It listens on port 80\n---\n\n"
    notes = read({"a.md": text, "b.md": text, "c.md": head + text}).notes
    one, other = (place(notes[path].entries[0]) for path in ("a.md", "c.md"))
    conflict = Conflict("c", one, other, None, "they differ", date(2026, 3, 2))
    lines = [line_for(notes[path], Style(), disputed((conflict,))) for path in ("a.md", "b.md", "c.md")]
    assert lines == [
        "- [API](a.md) — It speaks JSON.",
        "- [API](b.md) — It listens on port 80.",
        "- [API](c.md) — It listens on port 80",
    ]
