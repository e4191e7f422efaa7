"""Real dreams over generated memories of Hermes: whatever is done or undone, Hermes reads and writes the files on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.markdown.sections import length, round_trips
from tests.property.test_dream_invariants import SENTENCES

if TYPE_CHECKING:
    from tests.conftest import Bed, MakeBedIn

pytestmark = pytest.mark.model

LIMITS = {"MEMORY.md": 2_200, "USER.md": 1_375}
ENTRIES = st.sampled_from(
    (
        *SENTENCES,
        *(f"- {text}" for text in SENTENCES if text.startswith("[")),
        "2026-02-09 – Mia repairs the import tomorrow.",
        "# Build\n\n- with make\n- twice",
        "Run it like this:\n\n```\nmake test\n```",
        "§ 5 applies.",
    )
)
memories = st.tuples(st.lists(ENTRIES, min_size=1, max_size=9), st.sampled_from(("", "", "\n")))
roots = st.dictionaries(st.sampled_from(sorted(LIMITS)), memories, min_size=1)
settings_text = st.sampled_from(("", "limits: {max_removed_fraction: 1.0}", "conflicts: keep-newer"))


def notes(bed: Bed) -> dict[str, bytes]:
    return {path: data for path, data in bed.files().items() if not path.endswith(".lock")}


def check_form(bed: Bed, before: dict[str, bytes]) -> None:
    """Check that Hermes reads every file as it would write it, within its limit, and that there is no other file."""
    found = notes(bed)
    assert found.keys() == before.keys()
    for path, data in found.items():
        assert round_trips(data)
        assert length(data) <= max(LIMITS[path], length(before[path]))


@settings(max_examples=20, deadline=None)
@given(files=roots, text=settings_text, data=st.data())
def test_a_dream_and_each_of_its_undos_leave_files_of_hermes(
    bed_in: MakeBedIn, files: dict[str, tuple[list[str], str]], text: str, data: st.DataObject
) -> None:
    made = {path: "\n§\n".join(entries) + end for path, (entries, end) in files.items()}
    with tempfile.TemporaryDirectory() as directory:
        bed = bed_in(Path(directory), made)
        bed.configure(f"roots: [{{path: {bed.root}, layout: hermes}}]\n{text}\n")
        before = bed.files()
        done = bed.dream()
        check_form(bed, before)
        written = done.receipt.written if done.receipt else ()
        assert bed.files().keys() - before.keys() == {f"{path}.lock" for path in written}
        keys = sorted({change.key for change in done.plan.changes})
        for key in data.draw(st.permutations(keys)):
            bed.kairos.undo(bed.root, change=key)
            check_form(bed, before)
        assert notes(bed) == before
