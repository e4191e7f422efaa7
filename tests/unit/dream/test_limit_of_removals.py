"""What waits because it would be too much at once waits in the next dream, too, whatever a dream adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.model import ChangeKind
from tests.conftest import Bed

pytestmark = pytest.mark.model

MakeBed = Callable[[Mapping[str, str]], Bed]
EXPIRED = "---\nname: n\ndescription: it ends\nexpires: 2026-01-31\n---\n\nThe guest login was closed.\n"
LIST = "# List\n\n- We do not deploy on Fridays.\n- Invoices are written in Spanish.\n"


@pytest.mark.parametrize("text", [LIST, "# List\n\n" + 2 * "- We do not deploy on Fridays.\n"])
def test_new_pointers_do_not_let_the_next_dream_prune(bed: MakeBed, text: str) -> None:
    root = bed({"a.md": EXPIRED, "b.md": text, "MEMORY.md": "# Memory\n"})
    first = root.dream().plan
    assert "1 of 3 entries would be removed" in first.skipped[-1].reason
    assert "](a.md)" in root.text("MEMORY.md")
    after, again = root.files(), root.dream().plan
    assert (again.changes, root.files()) == ((), after)
    assert [change.kind for change in again.proposals] == [ChangeKind.PRUNE]


def test_a_pointer_whose_words_stay_without_it_counts_before_and_after(bed: MakeBed) -> None:
    index = "# Memory\n\n- [a](a.md)\n- [b](b.md)\n- [b](b.md) — Mister Pebble moved to Lisbon in 2019.\n"
    root = bed({"a.md": EXPIRED, "b.md": LIST, "MEMORY.md": index})
    first = root.dream().plan
    assert [change.kind for change in first.changes] == [ChangeKind.PRUNE, ChangeKind.INDEX]
    assert "its words are nowhere else, so they stay" in first.changes[1].reason
    assert root.dream().plan.changes == ()


def test_broken_pointers_that_wait_block_nothing_else(bed: MakeBed) -> None:
    said = "".join(f"- {word} is on the list.\n" for word in ("Tea", "Rice", "Salt", "Soap", "Wool"))
    index = "# Memory\n\n" + "".join(f"- [Plan {number}](gone{number}.md)\n" for number in range(3))
    root = bed({"b.md": f"# List\n\n{said}", "c.md": "One.\n", "d.md": "Two.\n", "MEMORY.md": index})
    first = root.dream().plan
    assert [skip.reason for skip in first.skipped] == [
        "3 of its 3 pointers lead nowhere, too many to remove unattended"
    ]
    assert all(f"]({name}.md)" in root.text("MEMORY.md") for name in ("b", "c", "d", "gone0"))
    assert root.dream().plan.changes == ()
