"""What `kairos check` advises: it recommends a dream only for what a dream repairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.root.provenance import Provenance
from kairos.dream.checkup import root_flaws
from kairos.dream.history import history_of

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

NOTES = {"tea.md": "- Tea is green.\n", "roses.md": "- Roses like lime.\n"}


def advice(made: Bed) -> dict[str, str]:
    """Return the advice for each flaw, by the flaw's description."""
    kairos = made.kairos
    with made.state() as state:
        conflicts = [record.conflict for record in state.conflicts(made.root)]
        known = history_of(state, str(made.root), Provenance())
    flaws = root_flaws(made.root, kairos.layout_of(made.root), kairos.config, known, conflicts)
    return {flaw.what: flaw.mend for flaw in flaws}


def test_flaws_that_a_dream_repairs_are_left_to_it(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": "- [Tea](tea.md)\n- [Gone](gone.md)\n", **NOTES})
    assert set(advice(made).values()) == {f"kairos dream {made.root}"}
    made.dream()
    assert advice(made) == {}


def test_undone_repairs_need_an_approval(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": "- [Tea](Tea.md)\n- [Gone](gone.md)\n", **NOTES})
    done = made.dream()
    made.kairos.undo(made.root)
    keys = {change.reason.partition(" ")[0]: change.key for change in done.plan.changes}
    found = advice(made)
    assert found["MEMORY.md:2 leads to gone.md, which does not exist."].endswith(
        f"approve {keys['gone.md']}`."
    )
    assert found["Nothing leads to roses.md."] == (
        "MEMORY.md: nothing leads to roses.md; a pointer to it was undone before. "
        f"To apply it anyway: `kairos approve {keys['now']}`."
    )
    mended = f"approve {keys['Tea.md']}`."
    assert found["MEMORY.md:1 leads to Tea.md, which does not exist."].endswith(mended)
    assert found["Nothing leads to tea.md."].endswith(mended)
    for change in done.plan.changes:
        made.kairos.approve(change.key)
    assert advice(made) == {}


def test_flaws_that_no_dream_can_repair_are_left_to_the_user(bed: MakeBed) -> None:
    prose = "".join(f"Line {number}.\n\n" for number in range(201))
    index = f"{prose}- [Tea](tea.md) — not [this](gone.md)\n"
    made = bed({"MEMORY.md": index, **NOTES})
    first, second, third = advice(made).values()
    assert first.startswith("Move parts of it to separate notes")
    assert second == "Fix it by hand: the line has other links."
    assert third.startswith("MEMORY.md: everything besides pointers exceeds the 200 lines")


def test_a_missing_pointer_names_the_setting_that_keeps_it_from_being_added(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": "- [Tea](tea.md)\n", **NOTES})
    made.configure("index:\n  add_missing: false\n")
    assert advice(made) == {
        "Nothing leads to roses.md.": "Add a pointer to it, or set `index.add_missing`, which is off."
    }


def test_pointers_too_many_to_take_out_may_be_to_notes_on_their_way(bed: MakeBed) -> None:
    gone = "".join(f"- [Gone](gone{number}.md)\n" for number in range(4))
    made = bed({"MEMORY.md": f"- [Tea](tea.md)\n- [Roses](roses.md)\n{gone}", **NOTES})
    (mend,) = set(advice(made).values())
    assert mend.startswith("Check whether the notes are yet to be written")


def test_a_code_block_that_is_open_at_the_end_is_to_be_closed(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": "# Notes\n\n```\nmake tea\n", "tea.md": NOTES["tea.md"]})
    mend = advice(made)["Nothing leads to tea.md."]
    assert mend.endswith("no pointer, but the file ends inside a code block. Close the code block.")


def test_an_index_over_its_budget_since_an_undo_is_to_be_approved(bed: MakeBed) -> None:
    notes = {f"n{number}.md": f"- Note number {number} is about n{number}.\n" for number in range(12)}
    index = "".join(f"- [n{number}](n{number}.md) — about n{number}\n" for number in range(12))
    made = bed({"MEMORY.md": index, **notes})
    made.configure("index:\n  lines: 10\n")
    done = made.dream()
    made.kairos.undo(made.root)
    (moved,) = [change.key for change in done.plan.changes if "over its budget" in change.reason]
    (mend,) = advice(made).values()
    assert mend.endswith(f"approve {moved}`.")
