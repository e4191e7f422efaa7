"""The pointer to the conflicts note: Kairos manages it, even after somebody has deleted the note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.core.root.conflicts_note import CONFLICTS_NOTE, POINTER_HOOK, TITLE
from tests.unit.dream.notes import FILLER, NEW, OLD

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

INDEX = "# Memory\n\n- [Api](api.md) — the port\n- [Port](port.md) — the new port\n"
POINTER = f"- [{TITLE}]({CONFLICTS_NOTE}) — {POINTER_HOOK}\n"


@pytest.fixture
def made(bed: MakeBed) -> Bed:
    """A root with an open conflict; its conflicts note was deleted after a dream had written it."""
    made = bed(
        {
            "MEMORY.md": INDEX,
            "api.md": f"# API\n\n- {OLD}\n{FILLER}",
            "port.md": f"# API\n\n- {NEW}\n- Roses like lime.\n",
        }
    )
    made.dream()
    assert made.text("MEMORY.md") == INDEX + POINTER
    (made.root / CONFLICTS_NOTE).unlink()
    return made


def test_the_pointer_is_kept_when_the_note_is_written_again(made: Bed) -> None:
    made.dream()
    assert (made.root / CONFLICTS_NOTE).exists()
    assert made.text("MEMORY.md") == INDEX + POINTER
    assert made.dream().plan.changes == ()


def test_a_second_pointer_is_removed(made: Bed) -> None:
    made.write("MEMORY.md", INDEX + POINTER + POINTER)
    made.dream()
    assert made.text("MEMORY.md") == INDEX + POINTER
    assert made.dream().plan.changes == ()


def test_the_pointer_is_removed_when_no_conflict_is_open(made: Bed) -> None:
    made.write("port.md", "# API\n\n- Roses like lime.\n")
    made.dream()
    assert made.text("MEMORY.md") == INDEX
    assert made.dream().plan.changes == ()


@pytest.mark.parametrize("separator", [" — ", " - ", ": "])
def test_pointer_text_left_by_an_earlier_version_is_removed(made: Bed, separator: str) -> None:
    words = f"- {TITLE}{separator}{POINTER_HOOK}\n"
    made.write("MEMORY.md", f"{INDEX}{words}{POINTER}")
    left = made.text("MEMORY.md")
    done = made.dream()
    assert made.text("MEMORY.md") == INDEX + POINTER
    assert made.dream().plan.changes == ()
    assert done.receipt is not None
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    assert made.text("MEMORY.md") == left
    made.dream()
    assert words in made.text("MEMORY.md")  # an undone change is not made again


def test_every_repetition_of_leftover_pointer_text_is_removed(made: Bed) -> None:
    words = f"- {TITLE} — {POINTER_HOOK}\n"
    made.write("MEMORY.md", f"{words}{INDEX}{words}{words}{POINTER}")
    done = made.dream()
    assert (done.skipped, made.text("MEMORY.md")) == ((), INDEX + POINTER)
    assert made.dream().plan.changes == ()


def test_leftover_pointer_text_that_somebody_changed_stays(made: Bed) -> None:
    words = f"- {TITLE} — {POINTER_HOOK}, says Ana\n"
    made.write("MEMORY.md", INDEX + words + POINTER)
    made.dream()
    assert made.text("MEMORY.md") == INDEX + words + POINTER


def test_text_that_somebody_added_to_the_pointer_stays(made: Bed) -> None:
    made.write("port.md", "# API\n\n- Roses like lime.\n")
    made.write("MEMORY.md", INDEX + POINTER.replace("\n", "; Ana knows which of the ports is right\n"))
    made.dream()
    assert "Ana knows which of the ports is right" in made.text("MEMORY.md")
    assert CONFLICTS_NOTE not in made.text("MEMORY.md")


def test_the_dream_can_be_undone_after_its_last_conflict_was_settled(bed: MakeBed) -> None:
    made = bed(
        {"MEMORY.md": "# Memory\n", "api.md": f"- {OLD}\n", "port.md": f"- {NEW}\n- Roses like lime.\n"}
    )
    before = made.files()
    done = made.dream()
    assert done.receipt is not None
    assert made.text("MEMORY.md").count("\n- [") > 1  # the pointers are adjacent
    made.kairos.resolve(done.plan.conflicts[0].id, "both")
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    assert made.files() == before


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_list_at_the_end_is_set_off_by_one_blank_line(bed: MakeBed, end: str, newline: str) -> None:
    made = bed({"MEMORY.md": f"Tea matters.\n{end}".replace("\n", newline), "tea.md": "- Tea is green.\n"})
    made.dream()
    text = (made.root / "MEMORY.md").read_bytes().decode().replace(newline, "\n")
    assert text.startswith("Tea matters.\n\n- [")
