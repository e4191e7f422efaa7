"""Index lines whose hook Kairos took from an entry: when the entry goes, the note's next entry replaces it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from kairos.model import Change, ChangeKind
from tests.unit.dream.notes import FILLER, NEW, OLD

if TYPE_CHECKING:
    from kairos.dream import Outcome
    from tests.conftest import Bed

    MakeBed = Callable[[Mapping[str, str | bytes]], Bed]

pytestmark = pytest.mark.model

ENDS = "Until 2026-01-31 the search index is served from the old host halcyon-2."
TWICE = "Tea is brewed for four minutes in the blue pot."
WRITTEN = "- [Search](search.md) — {}\n"


def memory(*lines: str) -> str:
    return "# Memory\n\n- [More](more.md) — the rest\n" + "".join(lines)


def search(entry: str) -> str:
    return f"# Search\n\n- {entry}\n- Start it by hand.\n"


def renewals(outcome: Outcome) -> list[Change]:
    return [change for change in outcome.plan.changes if "no longer says" in change.reason]


def root(bed: MakeBed, entry: str, hook: str, more: str = "") -> Bed:
    return bed(
        {
            "MEMORY.md": memory(WRITTEN.format(hook)),
            "search.md": search(entry),
            "more.md": f"# More\n\n{more}{FILLER}",
        }
    )


def test_a_hook_from_a_pruned_entry_is_renewed(bed: MakeBed) -> None:
    made = root(bed, ENDS, ENDS)
    before = made.files()
    done = made.dream()
    assert made.text("search.md") == "# Search\n\n- Start it by hand.\n"
    assert made.text("MEMORY.md") == memory(WRITTEN.format("Start it by hand."))
    (change,) = renewals(done)
    assert change.kind is ChangeKind.INDEX
    assert change.reason == "search.md no longer says what this line quoted from it"
    assert made.dream().plan.changes == ()
    made.kairos.undo(made.root, change=change.key)
    assert made.text("MEMORY.md").encode() == before["MEMORY.md"]
    assert made.dream().plan.changes == ()
    made.kairos.undo(made.root, everything=True)
    assert made.files() == before


def test_a_hook_from_a_merged_entry_is_renewed(bed: MakeBed) -> None:
    made = root(bed, TWICE, TWICE, f"- {TWICE}\n")
    made.write("MEMORY.md", memory(WRITTEN.format(TWICE)).replace("the rest", TWICE))
    (proposal,) = made.dream().plan.proposals
    made.kairos.approve(proposal.key)
    assert made.text("more.md") == f"# More\n\n{FILLER}"
    first = FILLER.splitlines()[0].removeprefix("- ")
    assert made.text("MEMORY.md") == memory(WRITTEN.format(TWICE)).replace("the rest", first)
    assert made.dream().plan.changes == ()


def test_a_hook_from_the_losing_side_of_a_conflict_is_renewed(bed: MakeBed) -> None:
    made = root(bed, OLD, OLD, f"- {NEW}\n")
    (conflict,) = made.dream().plan.conflicts
    assert WRITTEN.format(OLD) in made.text("MEMORY.md")
    made.kairos.resolve(conflict.id, "b" if conflict.b.file == "more.md" else "a")
    assert OLD not in made.text("search.md")
    assert made.text("MEMORY.md") == memory(WRITTEN.format("Start it by hand."))
    assert made.dream().plan.changes == ()


def test_a_new_hook_quotes_neither_side_of_an_open_conflict(bed: MakeBed) -> None:
    made = bed({"MEMORY.md": memory(), "search.md": search(OLD), "more.md": f"# More\n\n- {NEW}\n{FILLER}"})
    (conflict,) = made.dream().plan.conflicts
    assert "search.md" in {conflict.a.file, conflict.b.file}
    assert WRITTEN.format("Start it by hand.") in made.text("MEMORY.md")


def test_a_hook_in_other_words_is_left_alone(bed: MakeBed) -> None:
    made = root(bed, ENDS, "served from halcyon-2 for now")
    assert renewals(made.dream()) == []
    assert ENDS not in made.text("search.md")
    assert WRITTEN.format("served from halcyon-2 for now") in made.text("MEMORY.md")


def test_in_a_full_index_the_pointer_keeps_only_its_title(bed: MakeBed) -> None:
    made = root(bed, ENDS, ENDS)
    made.write("search.md", search(ENDS).replace("by hand", f"by hand {'and wait ' * 8}first"))
    prose = "What we know, in many words. " * 40
    made.write("MEMORY.md", made.text("MEMORY.md").replace("# Memory\n", f"# Memory\n\n{prose.strip()}\n"))
    made.configure(f"index: {{bytes: {len(made.text('MEMORY.md').encode())}}}")
    made.dream()
    assert made.text("MEMORY.md").endswith("- [Search](search.md)\n")


def test_a_hook_in_a_sub_index_is_renewed_too(bed: MakeBed) -> None:
    made = root(bed, OLD, "kept elsewhere", f"- {NEW}\n")
    head = "# More notes\n\nOlder pointers that do not fit into MEMORY.md; kept by Kairos.\n\n"
    made.write("MEMORY.md", memory("- [More notes](MEMORY-notes.md) — older notes\n"))
    made.write("MEMORY-notes.md", head + WRITTEN.format(OLD))
    (conflict,) = made.dream().plan.conflicts
    made.kairos.resolve(conflict.id, "b" if conflict.b.file == "more.md" else "a")
    assert made.text("MEMORY-notes.md") == head + WRITTEN.format("Start it by hand.")
    assert made.dream().plan.changes == ()
