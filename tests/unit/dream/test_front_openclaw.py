"""A dream over a workspace of OpenClaw edits the memory, and nothing else that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.dream import Mode
from tests.unit.dream.notes import FILLER

if TYPE_CHECKING:
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]


pytestmark = pytest.mark.model

TWICE = "The router in the cellar is restarted every Sunday at noon."
PROMOTED = (
    "## Promoted From Short-Term Memory (2026-02-10)\n\n"
    "<!-- openclaw-memory-promotion:memory:memory/2026-02-09.md:3:3 -->\n"
    "- Mia lives in Graz. [score=0.878 recalls=0 avg=0.620 source=memory/2026-02-09.md:3-3]\n"
    "<!-- openclaw-memory-promotion:memory:memory/2026-02-10.md:3:3 -->\n"
    "- Mia lives in Graz. [score=0.834 recalls=1 avg=0.700 source=memory/2026-02-10.md:3-3]\n"
)
UNTOUCHED = {
    "AGENTS.md": "# Rules\n\n- Read memory/ first.\n- Read memory/ first.\n",
    "SOUL.md": "# Soul\n\n- Be brief.\n- Be brief.\n",
    "USER.md": "# User\n\n- Tea is in the attic.\n",
    "HEARTBEAT.md": "- [x] Renew the domain by 2026-01-02.\n",
    "skills/mail/SKILL.md": "---\nname: mail\nexpires: 2026-01-01\n---\n\n- Send it.\n- Send it.\n",
    "projects/site/README.md": "# Site\n\n- Until 2026-01-01 it is served from halcyon.\n",
    "memory/2026-02-09.md": f"# 2026-02-09\n\n- Mia moved to Graz yesterday.\n- {TWICE}\n"
    "- Tea is in the attic.\n- Tea is in the attic.\n",
    "memory/2026-02-10-evening.md": "- [x] Call Mia by 2026-02-10.\n",
    "memory/dreaming/deep/2026-02-10.md": f"- {TWICE}\n",
}
MEMORY = {
    "MEMORY.md": f"# Memory\n\n- Jonas wants answers in German.\n- {TWICE}\n\n{PROMOTED}",
    "memory/home.md": f"# Home\n\n- {TWICE}\n- Until 2026-01-31 the heating is set by hand.\n{FILLER}",
}


def test_only_memory_is_edited(bed: MakeBed) -> None:
    made = bed({**UNTOUCHED, **MEMORY})
    before = made.files()
    done = made.dream()
    assert done.plan.layout == "openclaw"
    assert done.receipt is not None
    changed = {path for path, data in made.files().items() if before[path] != data}
    assert changed == MEMORY.keys()
    texts = made.text("MEMORY.md") + made.text("memory/home.md")
    assert texts.count(TWICE) == 1
    assert "heating" not in texts
    made.kairos.undo(made.root, transaction=done.receipt.transaction)
    assert made.files() == before


def test_what_openclaw_promoted_stays_with_its_markers(bed: MakeBed) -> None:
    made = bed({**UNTOUCHED, **MEMORY})
    plan = made.dream().plan
    assert PROMOTED in made.text("MEMORY.md")
    assert plan.conflicts == ()


def test_no_note_gets_a_pointer_since_the_index_is_no_list_of_notes(bed: MakeBed) -> None:
    made = bed({**UNTOUCHED, **MEMORY})
    made.dream()
    assert "home.md" not in made.text("MEMORY.md")
    assert made.dream().plan.changes == ()


def test_a_directory_that_is_taken_for_a_workspace_is_told_once(bed: MakeBed) -> None:
    made = bed({"AGENTS.md": "# Rules\n", "tea.md": "# Tea\n\n- Tea is in the attic.\n"})
    assert told(made) == []
    made.write("SOUL.md", "# Soul\n")
    (notice,) = told(made, Mode.PREVIEW)
    assert "`MEMORY.md`" in notice
    assert "`layout: plain`" in notice
    assert told(made) == [notice]
    assert told(made) == []


def test_a_configured_layout_is_not_explained(bed: MakeBed) -> None:
    made = bed({**UNTOUCHED, **MEMORY})
    made.configure(f"roots: [{{path: {made.root}, layout: openclaw}}]\n")
    assert told(made) == []


def told(made: Bed, mode: Mode | None = None) -> list[str]:
    return [notice for notice in made.dream(mode).notices if "OpenClaw" in notice]


def test_no_line_leaves_a_memory_of_any_length(bed: MakeBed) -> None:
    topics = {f"memory/topic-{n}.md": f"# Topic {n}\n\n- It began in room {n}.\n" for n in range(30)}
    pointers = [f"- [Topic {n}](memory/topic-{n}.md), the {n}th of them" for n in range(30)]
    facts = [f"- Customer {n} pays on day {n % 28 + 1}." for n in range(190)]
    made = bed({**UNTOUCHED, **topics, "MEMORY.md": "# Memory\n\n" + "\n".join((*pointers, *facts)) + "\n"})
    outcome = made.dream()
    assert not [path for path in made.files() if path.startswith("MEMORY-")]
    assert made.text("MEMORY.md").splitlines()[2:32] == pointers
    assert not [skip for skip in outcome.skipped if skip.what == "MEMORY.md"]


def test_an_archive_next_to_the_memory_is_no_part_of_it(bed: MakeBed) -> None:
    made = bed({**UNTOUCHED, **MEMORY, "MEMORY-archive.md": f"# Archive\n\n- {TWICE}\n- {TWICE}\n"})
    made.dream()
    assert "archive" not in made.text("MEMORY.md").casefold()
