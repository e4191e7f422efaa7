"""Undone changes of the index and the conflicts note stay undone until the reason for them changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.root.conflicts_note import CONFLICTS_NOTE
from kairos.errors import ChangedError
from kairos.model import ChangeKind
from tests.unit.dream.notes import FILLER, NEW, OLD, one

if TYPE_CHECKING:
    from kairos.dream import Outcome
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

TEA = "# Tea\n\n- Tea is brewed for four minutes.\n"
ROSES = "# Roses\n\n- Roses like lime.\n"


def memory(*lines: str) -> str:
    return "# Memory\n\n" + "".join(f"{line}\n" for line in lines)


def undo_index(bed: Bed, done: Outcome) -> str:
    """Undo the one change of the index; returns its key."""
    key = one(done.plan, ChangeKind.INDEX)
    bed.kairos.undo(bed.root, change=key)
    return key


def assert_left_undone(bed: Bed, key: str) -> str:
    """Dream, and check that nothing changes and that the report says why and how to approve it. Returns the reason."""
    before = bed.files()
    outcome = bed.dream()
    assert (outcome.plan.changes, bed.files()) == ((), before)
    (skip,) = [
        skip for skip in outcome.skipped if skip.advice == f"To apply it anyway: `kairos approve {key}`."
    ]
    return f"{skip.what}: {skip.reason}"


def test_an_added_pointer_that_was_undone_is_not_added_until_the_note_has_another_title(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": memory("- [Tea](tea.md) — tea"), "tea.md": TEA, "roses.md": ROSES})
    key = undo_index(made, made.dream())
    assert (
        assert_left_undone(made, key)
        == "MEMORY.md: nothing leads to roses.md; a pointer to it was undone before"
    )
    made.write("roses.md", ROSES + "- They are cut in March.\n")
    assert_left_undone(made, key)
    made.write("roses.md", "# Roses\n\n- Roses like chalk.\n")
    assert_left_undone(made, key)
    made.write("roses.md", "# Old roses\n\n- Roses like chalk.\n")
    made.dream()
    assert "- [Old roses](roses.md) — Roses like chalk.\n" in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()


def test_an_undone_pointer_stays_away_even_if_its_note_was_restored_too(bed: MakeBed) -> None:
    line = "Tea is brewed for four minutes in the blue pot.\n"
    notes = {"tea.md": f"# Tea\n\n- {line}", "roses.md": f"# Roses\n\n- {line}- Roses like lime.\n"}
    made = bed({"MEMORY.md": memory("- [Tea](tea.md) — tea"), **notes})
    before = made.files()
    done = made.dream()
    assert "Roses like lime" in made.text("MEMORY.md")
    made.kairos.undo(made.root, everything=True)
    assert made.files() == before
    assert_left_undone(made, one(done.plan, ChangeKind.INDEX))


def test_redo_and_approval_lift_an_undo(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": memory("- [Tea](tea.md) — tea"), "tea.md": TEA, "roses.md": ROSES})
    key = one(made.dream().plan, ChangeKind.INDEX)
    after = made.files()
    undone = made.kairos.undo(made.root, everything=True)
    assert_left_undone(made, key)
    made.kairos.undo(made.root, transaction=undone.transaction)
    assert (made.files(), made.dream().plan.changes) == (after, ())
    made.kairos.undo(made.root, change=key)
    assert_left_undone(made, key)
    made.kairos.approve(key)
    assert (made.files(), made.dream().plan.changes) == (after, ())
    made.kairos.undo(made.root)
    assert_left_undone(made, key)


def test_an_approval_of_what_no_longer_holds_is_refused(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": memory("- [Tea](tea.md) — tea"), "tea.md": TEA, "roses.md": ROSES})
    key = undo_index(made, made.dream())
    made.write("MEMORY.md", memory("- [Tea](tea.md) — tea", "- [Roses](roses.md) — lime"))
    with pytest.raises(ChangedError, match="is out of date"):
        made.kairos.approve(key)


@pytest.mark.parametrize(
    ("line", "files", "said"),
    [
        ("- [Gone](gone.md) — gone", {}, "gone.md does not exist; removing it was undone before"),
        ("- [Tea](tea.md) — tea", {}, "a second pointer to tea.md; removing it was undone before"),
        (
            "- [Roses](old/roses.md) — lime",
            {"new/roses.md": ROSES},
            "old/roses.md is now new/roses.md; fixing it was undone before",
        ),
    ],
)
def test_an_index_line_restored_by_undo_stays(
    bed: MakeBed, line: str, files: dict[str, str], said: str
) -> None:
    index = memory("- [Tea](tea.md) — tea", line)
    made = bed({"MEMORY.md": index, "tea.md": TEA, **files})
    key = undo_index(made, made.dream())
    assert made.text("MEMORY.md") == index
    assert assert_left_undone(made, key) == f"MEMORY.md:4: {said}"
    made.write("MEMORY.md", index.replace("# Memory\n", "# Memory\n\nWhat we know.\n"))
    assert_left_undone(made, key)
    made.kairos.approve(key)
    assert f"{line}\n" not in made.text("MEMORY.md").replace("- [Tea](tea.md) — tea\n", "", 1)
    assert made.dream().plan.changes == ()


def test_a_restored_pointer_is_removed_with_its_note(bed: MakeBed) -> None:
    """The person wants the same pointer twice, but not two pointers that lead nowhere."""
    index = memory("- [Tea](tea.md) — tea", "- [Tea](tea.md) — tea", "- [Roses](roses.md) — roses")
    made = bed({"MEMORY.md": index, "tea.md": TEA, "roses.md": ROSES, "more.md": f"# More\n\n{FILLER}"})
    done = made.dream()
    (key,) = [c.key for c in done.plan.changes if "second pointer" in c.reason]
    made.kairos.undo(made.root, change=key)
    assert_left_undone(made, key)
    made.write("tea.md", "---\nexpires: 2026-01-31\n---\n\n" + TEA)
    made.dream()
    assert not (made.root / "tea.md").exists()
    assert "tea.md" not in made.text("MEMORY.md")


# --- the sub-index ---


def crowded(bed: MakeBed) -> Bed:
    """Make a root whose index is two lines over its budget."""
    names = [f"n{number:02}" for number in range(10)]
    made = bed(
        {
            "MEMORY.md": memory(*(f"- [{name}]({name}.md) — about {name}" for name in names)),
            **{
                f"{name}.md": f"---\nname: {name}\ntype: project\n---\n\n{line[2:]}\n"
                for name, line in zip(names, (FILLER + LIST).splitlines(), strict=True)
            },
        }
    )
    made.configure("index: {lines: 10}")
    return made


LIST = "- Roses like lime.\n- Tea is brewed for four minutes.\n- The lift has a new rope.\n- The shop closes at six.\n"


def test_pointers_restored_from_a_sub_index_stay_and_newer_ones_move(bed: MakeBed) -> None:
    made = crowded(bed)
    before = made.files()
    done = made.dream()
    (moved,) = [path for path in made.files() if path not in before]
    assert done.plan.index_after
    assert done.plan.index_after.lines <= 10
    key = undo_index(made, done)
    assert made.files() == before
    said = assert_left_undone(made, key)
    assert said.startswith("MEMORY.md: it is over its budget, and ")
    lines = "".join(f"- [z{number}](z{number}.md) — about z{number}\n" for number in range(4))
    for number, line in enumerate(("Ships sail.", "Cats purr.", "Rain falls.", "Wheat grows.")):
        made.write(f"z{number}.md", f"---\nname: z{number}\ntype: project\n---\n\n{line}\n")
    made.write("MEMORY.md", made.text("MEMORY.md") + lines)
    made.dream()
    index, archive = made.text("MEMORY.md"), made.text(moved)
    assert all(f"](n{number:02}.md)" in index for number in range(4))
    assert "](n0" in archive
    assert "](z" not in archive
    assert made.dream().plan.changes == ()
    made.kairos.approve(key)
    assert "](n00.md)" in made.text(moved)


def test_an_undone_pointer_in_a_sub_index_stays_away(bed: MakeBed) -> None:
    made = crowded(bed)
    index = made.text("MEMORY.md").splitlines(keepends=True)
    made.write("MEMORY.md", "".join(index[:2] + index[3:]))
    key = undo_index(made, made.dream())
    before = made.files()
    outcome = made.dream()
    assert (outcome.plan.changes, made.files()) == ((), before)
    told = [skip.reason for skip in outcome.skipped if key in skip.advice]
    assert "nothing leads to n00.md; a pointer to it was undone before" in told


# --- the managed note ---


def in_conflict(bed: MakeBed) -> Bed:
    return bed(
        {
            "MEMORY.md": memory("- [Api](api.md) — the port", "- [Port](port.md) — the new port"),
            "api.md": f"# API\n\n- {OLD}\n{FILLER}",
            "port.md": f"# API\n\n- {NEW}\n- Roses like lime.\n",
        }
    )


def test_conflicts_whose_note_was_undone_are_not_shown_but_a_new_one_is(bed: MakeBed) -> None:
    made = in_conflict(bed)
    before = made.files()
    done = made.dream()
    key = one(done.plan, ChangeKind.CONFLICTS)
    (conflict,) = done.plan.conflicts
    made.kairos.undo(made.root)
    assert made.files() == before
    said = assert_left_undone(made, key)
    assert said.startswith(
        f"{CONFLICTS_NOTE}: the open conflict {conflict.id} is left out: showing it to the agent was undone before"
    )
    assert made.dream().plan.conflicts == (conflict,)
    made.write("ship.md", "# Ship\n\n- We deploy on Fridays.\n")
    made.write("dock.md", "# Ship\n\n- We do not deploy on Fridays.\n- The dock is wet.\n")
    later = made.dream()
    assert len(later.plan.conflicts) == 2
    (other,) = [one for one in later.plan.conflicts if one.id != conflict.id]
    note = made.text(CONFLICTS_NOTE)
    assert other.id in note
    assert conflict.id not in note
    assert f"]({CONFLICTS_NOTE})" in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()
    made.kairos.approve(key)
    assert {conflict.id, other.id} <= set(made.text(CONFLICTS_NOTE).split())
    assert made.dream().plan.changes == ()


def test_a_conflicts_note_whose_pointer_was_undone_stays_without_one(bed: MakeBed) -> None:
    made = in_conflict(bed)
    key = undo_index(made, made.dream())
    assert (made.root / CONFLICTS_NOTE).exists()
    assert assert_left_undone(made, key) == (
        f"MEMORY.md: nothing leads to {CONFLICTS_NOTE}; a pointer to it was undone before"
    )
    made.kairos.approve(key)
    assert f"]({CONFLICTS_NOTE})" in made.text("MEMORY.md")


def test_the_conflicts_note_goes_with_the_last_conflict_whatever_was_undone(bed: MakeBed) -> None:
    """The note itself announces this; what it shows would no longer be true."""
    made = in_conflict(bed)
    made.dream()
    text = made.text("port.md")
    made.write("port.md", "# API\n\n- Roses like lime.\n")
    settled = made.dream()
    assert not (made.root / CONFLICTS_NOTE).exists()
    made.kairos.undo(made.root, change=one(settled.plan, ChangeKind.CONFLICTS))
    assert (made.root / CONFLICTS_NOTE).exists()
    made.dream()
    assert not (made.root / CONFLICTS_NOTE).exists()
    made.write("port.md", text)
    made.dream()
    assert (made.root / CONFLICTS_NOTE).exists()


def test_a_new_decision_overrides_an_undone_one(bed: MakeBed) -> None:
    made = in_conflict(bed)
    (conflict,) = made.dream().plan.conflicts
    made.kairos.resolve(conflict.id, "a")
    made.kairos.undo(made.root)
    assert conflict.id in made.text(CONFLICTS_NOTE)
    made.kairos.resolve(conflict.id, "b")
    assert not (made.root / CONFLICTS_NOTE).exists()
    assert made.dream().plan.changes == ()


def test_a_conflict_that_two_changes_showed_is_shown_again_when_either_is_approved(bed: MakeBed) -> None:
    made = in_conflict(bed)
    made.write("ship.md", "# Ship\n\n- We deploy on Fridays.\n")
    made.write("dock.md", "# Ship\n\n- We do not deploy on Fridays.\n- The dock is wet.\n")
    first, second = made.dream().plan.conflicts
    made.kairos.resolve(first.id, "a")
    made.kairos.undo(made.root, everything=True)
    told = [skip for skip in made.dream().skipped if skip.what == CONFLICTS_NOTE]
    keys = {
        one.id: skip.advice.removesuffix("`.").split()[-1]
        for skip in told
        for one in (first, second)
        if one.id in skip.reason
    }
    assert len(set(keys.values())) == 2
    made.kairos.approve(keys[second.id])
    assert second.id in made.text(CONFLICTS_NOTE)
    assert first.id not in made.text(CONFLICTS_NOTE)
    made.kairos.approve(keys[first.id])
    assert {first.id, second.id} <= set(made.text(CONFLICTS_NOTE).split())
    assert [skip for skip in made.dream().skipped if skip.what == CONFLICTS_NOTE] == []
    assert made.dream().plan.changes == ()
