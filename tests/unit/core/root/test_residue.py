"""Text besides the last entry of a note: it has no witness, so the note stays unless that text says nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from kairos.core.index.linker import Linker
from kairos.core.planning.conflicts import settle
from kairos.core.planning.guard import needed_in_place
from kairos.core.planning.select import Selection, select_stale
from kairos.core.root.reading import Reading, place
from kairos.core.root.residue import removal, would_form_heading
from kairos.core.root.trust import Trust
from kairos.core.verification.verify import violations
from kairos.core.verification.violation import Violation
from kairos.model import (
    Change,
    ChangeKind,
    Conflict,
    Evidence,
    Finding,
    IndexSize,
    Plan,
    RemoveFile,
    Splice,
    Witness,
)

Read = Callable[[Mapping[str, str]], Reading]
HOST = "The deploy host is eu-3."
RESIDUE = {
    "html": f"# Deploy\n\n<details>The backup host is eu-4; ask Mara</details>\n\n- {HOST}\n",
    "comment": f"# Deploy\n\n- {HOST}\n\n<!-- TODO: move it to eu-5 -->\n",
    "reference": f"- {HOST}\n\n[deploy]: https://wiki.local/deploy/42\n",
    "table": f"| stage | address |\n| --- | --- |\n\n- {HOST}\n",
    "lead": f"Only after a call to Mara:\n\n- {HOST}\n",
    "heading": f"# Never deploy on a Friday\n\n- {HOST}\n",
    "statement": f"# The spare key is in the blue safe\n\n- {HOST}\n",
    "description": f'---\nname: deploy\ndescription: "on port 5433, the admin is Jana"\n---\n\n- {HOST}\n',
    "a name": f"---\ndescription: deploy host of Jana\n---\n\n- {HOST}\n",
    "a key of its own": f"---\nname: deploy\nowner: jana\n---\n\n- {HOST}\n",
}
NO_RESIDUE = {
    "its title": f"# Deploy\n\n- {HOST}\n",
    "a stock heading": f"# Deploy\n\n## Details\n\n- {HOST}\n",
    "a label": f"---\nname: deploy-host\ndescription: Where we deploy\ntype: reference\n---\n\n{HOST}\n",
    "a rule": f"---\n\n- {HOST}\n\n***\n",
}


@pytest.mark.parametrize("name", [*RESIDUE, *NO_RESIDUE])
def test_a_note_is_removed_with_its_last_entry_only_without_residue(read: Read, name: str) -> None:
    text = {**RESIDUE, **NO_RESIDUE}[name]
    reading = read({"deploy.md": text, "hosts.md": f"# Hosts\n\n- {HOST}\n- The web host is eu-1.\n"})
    (dropped,), kept = reading.notes["deploy.md"].entries, reading.notes["hosts.md"].entries[0]
    edit = removal(dropped, reading, kept)
    assert edit == (RemoveFile("deploy.md") if name in NO_RESIDUE else Splice("deploy.md", dropped.span, b""))
    witness = Witness(kept.id, place(kept), ((dropped.text, kept.text),))
    change = Change("m", ChangeKind.MERGE, "", (RemoveFile("deploy.md"),), place(dropped), witness=witness)
    found = violations(Plan("/r", "plain", date(2026, 3, 2), {}, (change,)), reading, IndexSize(200, 25_000))
    refused = Violation("deploy.md would be removed although it holds more than its entries", ("deploy.md",))
    assert found == (() if name in NO_RESIDUE else (refused,))


def test_a_finished_list_is_removed_with_its_heading_and_lead(read: Read) -> None:
    reading = read({"todo.md": "# Move to juniper-1\n\nBefore 12 May:\n\n- [x] Order it.\n\nAll done.\n"})
    selection = Selection()
    found = Finding("todo.md", None, "finished", (Evidence("done", "finished"),), waits="")
    select_stale(selection, [found], reading, Linker(reading).edits_for_superseded, Trust())
    assert [change.edits for change in selection.changes] == [(RemoveFile("todo.md"),)]


def test_resolved_and_struck_entries_leave_the_text_around_them(read: Read) -> None:
    table = "<table><tr><td>prod</td><td>10.0.0.7</td></tr></table>"
    reading = read({"a.md": f"{table}\n\n- ~~{HOST}~~\n", "b.md": "- The deploy host is eu-9.\n- X.\n"})
    (loser,), winner = reading.notes["a.md"].entries, reading.notes["b.md"].entries[0]
    gone = Splice("a.md", loser.span, b"")
    conflict = Conflict("c", place(loser), place(winner), "b", "", date(2026, 3, 2), 0.9)
    assert settle(conflict, loser, winner, reading, Linker(reading).edits_for_removed, reason="").edits == (
        gone,
    )
    selection = Selection()
    struck = Finding("a.md", loser.id, "struck out", (), waits="")
    select_stale(selection, [struck], reading, Linker(reading).edits_for_superseded, Trust())
    assert [change.edits for change in selection.changes] == [(gone,)]


@pytest.mark.parametrize("more", ["", "<table><tr><td>10.0.0.7</td></tr></table>\n"])
def test_a_template_with_residue_waits(read: Read, more: str) -> None:
    reading = read({"a.md": f"# A\n\n- TODO\n\n{more}"})
    selection = Selection()
    found = Finding("a.md", None, "a template", (Evidence("empty", "a template"),), waits="")
    select_stale(selection, [found], reading, Linker(reading).edits_for_superseded, Trust())
    assert (len(selection.changes), len(selection.proposals)) == ((0, 1) if more else (1, 0))


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("The key is with Mara.\n- ~~{}~~\n---\n", True),
        ("The key is with Mara.\r\n- ~~{}~~\r\n---\r\n", True),
        ("The key is with Mara.\n\n- ~~{}~~\n---\n", False),
        ("The key is with Mara.\n- ~~{}~~\n\n---\n", False),
        ("- The key is with Mara.\n- ~~{}~~\n- X.\n", False),
        ("- The key is with Mara.\n- ~~{}~~\n---\n", False),
        ("# Keys\n- ~~{}~~\n---\n\n- X.\n", False),
    ],
)
def test_an_entry_that_keeps_a_line_from_becoming_a_heading_waits(
    read: Read, text: str, *, waits: bool
) -> None:
    reading = read({"a.md": text.format(HOST), "b.md": f"- {HOST}\n- X.\n"})
    dropped = next(entry for entry in reading.notes["a.md"].entries if HOST in entry.raw)
    assert would_form_heading(dropped, reading) is waits
    assert bool(needed_in_place(dropped, reading.notes["b.md"].entries[0], reading)) is waits
    selection = Selection()
    struck = Finding("a.md", dropped.id, "struck out", (), waits="")
    select_stale(selection, [struck], reading, Linker(reading).edits_for_superseded, Trust())
    assert (len(selection.changes), len(selection.proposals)) == ((0, 1) if waits else (1, 0))
