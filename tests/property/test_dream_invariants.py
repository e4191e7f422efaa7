"""Real dreams over generated roots: nothing is lost, a second dream changes nothing, and undo is exact."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.markdown.parse import parse
from kairos.core.markdown.plain_text import plain
from kairos.dream import Mode, kept_file
from kairos.errors import KairosError
from kairos.model import ChangeKind, Plan, Role, Source

if TYPE_CHECKING:
    from kairos.dream import Outcome
    from tests.conftest import Bed, MakeBedIn

pytestmark = pytest.mark.model

SENTENCES = (
    "Releases are cut from the main branch every Thursday.",
    "Every Thursday releases are cut from the main branch.",
    "The API listens on port 8080.",
    "The API listens on port 9090.",
    "The API now listens on port 9090, no longer 8080.",
    "Never call the billing service directly.",
    "Invoices are written in Spanish.",
    "All invoices are written in Spanish, also those for Portugal.",
    "We do not deploy on Fridays.",
    "We deploy on Fridays.",
    "Run the checks with `make lint`.",
    "Die Rechnungen werden auf Spanisch geschrieben.",
    "发票用西班牙语写。",
    "The guest login was closed until 2026-01-31.",
    "Moved yesterday to the new office.",
    "[ ] Ask Marta about the budget.",
    "[x] Renew the certificate on 2026-01-10.",
    "~~The wiki runs on port 80.~~",
)
sentences = st.sampled_from(SENTENCES)
heads = st.sampled_from(
    (
        "",
        "---\nname: n\ndescription: something\ntype: project\n---\n\n",
        "---\nname: n\ntype: feedback\nexpires: 2026-01-31\n---\n\n",
        "---\nname: Kiel 2\ndescription: what Kiel and Berlin pay\n---\n\n",
        "---\nname: Berlin\ndescription: terms\n---\n\n",
        "---\nname: n\ndescription: it ends\nexpires: 2026-01-31\n---\n\n",
        "---\nname: n: broken\nmodified: 2026-02-01\n---\n\n",
    )
)


@st.composite
def notes(draw: st.DrawFn) -> str:
    said = draw(st.lists(sentences, min_size=1, max_size=5))
    form = draw(st.sampled_from(("bullets", "paragraphs", "fact", "sections")))
    if form == "bullets":
        body = "# List\n\n" + "".join(f"- {text}\n" for text in said)
    elif form == "paragraphs":
        body = "\n\n".join(said) + "\n"
    elif form == "fact":
        body = f"{said[0]}\n\n**Why:** {said[-1]}\n"
    else:
        body = "\n".join(f"## Part {n}\n\n- {text}\n" for n, text in enumerate(said))
    text = draw(heads) + body
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text if draw(st.booleans()) else text.rstrip("\r\n")


NAMES = ("a.md", "b.md", "sub/c.md", "2026-02-03.md", "d e.md")
roots = st.dictionaries(st.sampled_from(NAMES), notes(), min_size=1)
Pointed = list[tuple[str, str]]
"""The lines of an index: the note that each leads to, and what it says about it."""
hooks = st.just("about it") | sentences
indexes = st.lists(st.tuples(st.sampled_from((*NAMES, "gone.md")), hooks), max_size=4)


def index(named: Pointed) -> str:
    return "# Memory\n\n" + "".join(f"- [{name}](<{name}>) — {hook}\n" for name, hook in named)


def said_in(files: dict[str, bytes]) -> set[str]:
    """The text of every entry in the notes, without the index and the conflicts note, which Kairos maintains."""
    return {
        entry.text
        for path, data in files.items()
        if path not in {"MEMORY.md", "kairos-conflicts.md"}
        for entry in parse(Source(path, data, "", 0, 0, Role.NOTE)).entries
    }


def check_nothing_lost(before: dict[str, bytes], bed: Bed) -> Plan:
    """Dream, and check that a change names every text that is gone and that the file of every witness still exists."""
    outcome = bed.dream()
    after = bed.files()
    for change in outcome.plan.changes:
        if change.witness is not None:
            assert change.witness.covers or change.kind is ChangeKind.RESOLVE
            assert change.witness.place.file in after
    named = {said(change.subject.text) for change in outcome.plan.changes for said in (str, plain)}
    lost = said_in(before) - said_in(after)
    for text in lost:
        assert any(text[:20] in subject for subject in named), text
    return outcome.plan


configs = st.sampled_from(
    (
        "",
        "limits: {max_removed_fraction: 1.0}",
        "limits: {max_removed_fraction: 1.0}\nconflicts: keep-newer",
        "conflicts: keep-newer",
        "conflicts_note: false\nindex: {add_missing: false, lines: 10}",
        "prune: {enabled: false}\ndates: {absolute: false}",
        "limits: {max_removed_fraction: 1.0}\nindex: {lines: 10, bytes: 1000}",
    )
)


@settings(max_examples=15, deadline=None)
@given(files=roots, named=indexes, config=configs, has_index=st.booleans())
def test_a_dream_loses_nothing_and_is_undone_exactly(
    bed_in: MakeBedIn, files: dict[str, str], named: Pointed, config: str, *, has_index: bool
) -> None:
    made = {**files, **({"MEMORY.md": index(named)} if has_index else {})}
    with tempfile.TemporaryDirectory() as directory:
        bed = bed_in(Path(directory), made)
        bed.configure(config)
        before = bed.files()
        preview = bed.dream(Mode.PREVIEW)
        assert bed.files() == before
        done = check_nothing_lost(before, bed)
        after = bed.files()
        assert {**before, **(preview.after or {})}.items() >= after.items()
        again = bed.dream()
        assert (again.plan.changes, bed.files()) == ((), after)
        assert again.plan.conflicts == done.conflicts
        if after != before:
            bed.kairos.undo(bed.root, everything=True)
        assert bed.files() == before


renames = st.sampled_from(NAMES).map(Path)
touches = st.integers(-400, 400)
"""Days by which the mtime of a file is moved."""
edits = st.lists(
    st.tuples(st.sampled_from(NAMES), st.none() | notes() | renames | touches), min_size=1, max_size=3
)


acts = (
    st.none()
    | st.sampled_from(("approve", "reject", "resolve", "undo"))
    | configs.map(lambda text: {"": text})
)


def act(bed: Bed, what: str | dict[str, str] | None) -> None:
    """Do what a person may do between two dreams, if there is anything to do."""
    with closing(bed.state()) as state:
        proposals, conflicts = state.proposals(bed.root), state.conflicts(bed.root)
    with suppress(KairosError):  # what is no longer possible is skipped
        if isinstance(what, dict):
            bed.configure(what[""])
        elif what == "undo":
            bed.kairos.undo(bed.root)
        elif what == "resolve" and conflicts:
            bed.kairos.resolve(conflicts[0].conflict.id, "b")
        elif what == "approve" and proposals:
            bed.kairos.approve(proposals[0].change.key)
        elif what == "reject" and proposals:
            bed.kairos.reject(proposals[0].change.key)


growths = st.sampled_from((kept_file._MAX_GROWTH, math.inf))
"""How far the kept file may grow before it is rewritten. At the real limit, roots this small hardly ever append."""


@settings(max_examples=12, deadline=None)
@given(
    files=roots,
    rounds=st.lists(st.tuples(acts, edits), min_size=1, max_size=3),
    named=indexes,
    growth=growths,
)
def test_what_is_kept_between_dreams_changes_no_plan_and_no_result(
    bed_in: MakeBedIn,
    files: dict[str, str],
    rounds: list[tuple[str | dict[str, str] | None, list[tuple[str, str | Path | int | None]]]],
    named: Pointed,
    growth: float,
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_file, "_MAX_GROWTH", growth)
        bed = bed_in(Path(directory), {**files, "MEMORY.md": index(named)})
        for what, round_ in rounds:
            bed.dream()
            act(bed, what)
            for name, text in round_:
                edit(bed, name, text)
            warm = bed.dream(Mode.PREVIEW)
            assert dreamt_without_what_is_kept(bed, Mode.PREVIEW)[0] == warm.plan
            unkept = dreamt_without_what_is_kept(bed, Mode.UNATTENDED)
            assert result(bed, bed.dream()) == unkept


def edit(bed: Bed, name: str, how: str | Path | int | None) -> None:
    """Write a note, or remove, rename or touch it if it exists."""
    file = bed.root / name
    if isinstance(how, str):
        bed.write(name, how)
    elif how is None:
        file.unlink(missing_ok=True)
    elif file.exists() and isinstance(how, Path):
        (bed.root / how).parent.mkdir(exist_ok=True)
        file.rename(bed.root / how)
    elif file.exists() and isinstance(how, int):
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime + how * 24 * 60 * 60))


def dreamt_without_what_is_kept(bed: Bed, mode: Mode) -> tuple[object, ...]:
    """Dream without the files that earlier dreams kept, then put everything back as it was."""
    places = [bed.root, bed.kairos.state_dir, bed.kairos.cache_dir]
    with tempfile.TemporaryDirectory() as aside:
        for number, place in enumerate(places):
            shutil.copytree(place, Path(aside) / str(number), symlinks=True)
        shutil.rmtree(bed.kairos.cache_dir / "indexes")
        found = result(bed, bed.dream(mode))
        for number, place in enumerate(places):
            shutil.rmtree(place)
            shutil.copytree(Path(aside) / str(number), place, symlinks=True)
    return found


def result(bed: Bed, outcome: Outcome) -> tuple[object, ...]:
    """Everything that a dream found and did, for a comparison."""
    said = (outcome.status, outcome.skipped, outcome.before, outcome.after, outcome.recall, outcome.alerts)
    return (outcome.plan, *said, bed.decisions(outcome), bed.files())
