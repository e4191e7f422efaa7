"""A dream over the memory of Codex reads it, changes nothing, and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode, Status

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model

FILES = {
    "MEMORY.md": "# Memory\n\n- Tea is in the attic.\n- Tea is in the attic.\n- [Gone](gone.md)\n",
    "memory_summary.md": "v1\n\n- The API listens on port 8410.\n- The API listens on port 8460.\n",
    "raw_memories.md": "- Until 2026-01-31 the heating is set by hand.\n",
    "rollout_summaries/2026-02-01T10-00-00-a.md": "- [x] Renew the domain by 2026-01-02.\n",
}


def told(made: Bed, mode: Mode | None = None) -> list[str]:
    return [notice for notice in made.dream(mode).notices if "Codex" in notice]


def test_nothing_is_changed_or_proposed(bed: MakeBed) -> None:
    made = bed(FILES)
    before = made.files()
    outcome = made.dream()
    assert outcome.plan.layout == "codex"
    assert outcome.status is Status.NOTHING
    assert outcome.plan.changes == outcome.plan.proposals == ()
    assert outcome.plan.conflicts == ()
    assert made.files() == before


def test_each_dream_says_why(bed: MakeBed) -> None:
    made = bed(FILES)
    (notice,) = told(made, Mode.PREVIEW)
    assert "the memory of Codex, which only Codex itself edits: Kairos changes nothing there." in notice
    assert "`layout: plain`" in notice
    assert [told(made) for _ in range(3)] == [[notice]] * 3


def test_a_configured_layout_is_told_without_advice(bed: MakeBed) -> None:
    made = bed(FILES)
    made.configure(f"roots: [{{path: {made.root}, layout: codex}}]\n")
    (notice,) = told(made)
    assert notice.endswith(
        "is the memory of Codex, which only Codex itself edits: Kairos changes nothing there."
    )
