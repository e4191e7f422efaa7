"""The figures of a dream that `kairos status` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from tests.unit.dream.notes import FILLER, NEW, OLD

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model


def entries(bed: Bed) -> int:
    with bed.state() as state:
        found = state.dreams(bed.root, limit=1)[0].stats["entries"]
    assert isinstance(found, int)
    return found


def test_the_entries_of_a_removed_note_are_no_longer_counted(bed: MakeBed) -> None:
    made = bed({"list.md": f"# List\n\n{FILLER}", "list-copy.md": f"# List\n\n{FILLER}"})
    assert made.dream().plan.entries == 12
    assert "list-copy.md" not in made.files()
    assert entries(made) == 6
    assert made.dream().plan.entries == 6


def test_the_conflicts_note_counts_no_entries(bed: MakeBed) -> None:
    made = bed(
        {"api.md": f"# API\n\n- {OLD}\n{FILLER}", "port.md": f"# API\n\n- {NEW}\n- Roses like lime.\n"}
    )
    assert made.dream().plan.conflicts
    assert "kairos-conflicts.md" in made.files()
    assert entries(made) == made.dream().plan.entries == 9
