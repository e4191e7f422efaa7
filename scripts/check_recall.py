"""Search copies of memory directories before and after a dream: nothing may become harder to find.

    python scripts/check_recall.py FOLDER... [--now DATE] [--cache DIR]

The questions are the hooks of an index's pointers and the descriptions of notes, by which an agent would choose notes,
and every claim that a merge drops. The right answer is the note that each belonged to, or after a merge the note of the
witness. Questions about what was removed for other reasons are left out. Exits with 1 if, in any directory, fewer right
notes come first or among the first five than before.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from kairos.config import Config
from kairos.core.change.probes import Probe
from kairos.core.index.linker import Linker
from kairos.core.markdown.claims import claims_of
from kairos.core.root.figures import RECALL_AT
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading
from kairos.dream import Kairos, Mode
from kairos.dream.answers import ClaimIndex, ranks
from kairos.model import Change, ChangeKind, Plan
from kairos.store.files import read_snapshot

Question = tuple[str, str]
"""A text to search for, and the path of the note that should be found."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many of `asked` questions find the right note first, and how many among the first five."""

    asked: int
    first: int
    among: int

    @classmethod
    def of(cls, ranks: Sequence[int]) -> Found:
        """Count ranks; rank 0 is the first place."""
        return cls(len(ranks), sum(rank == 0 for rank in ranks), sum(rank < RECALL_AT for rank in ranks))


def check(root: Path, kairos: Kairos) -> tuple[Found, Found]:
    """Return what is found in a directory before and after a dream over it."""
    before = _reading(root, kairos)
    plan = kairos.dream(root, Mode.UNATTENDED).plan
    after = _reading(root, kairos)
    moved = _moved(plan, after)
    # What a merge took out of a note that stays may be found in that note or in the witness's.
    heirs: dict[str, set[str]] = {}
    for change in _merges(plan):
        heirs.setdefault(change.subject.file, set()).update(
            {change.witness.place.file} if change.witness else ()
        )
    # A note that lost all its entries for other reasons has no answer any more.
    answered = {*heirs, *(entry.path for entry in after.entries.values())}
    questions = [(text, to) for text, to in _questions(before, plan) if moved.get(to, to) in answered]
    probes = [
        Probe("", text, frozenset((to,)), frozenset((to, *heirs.get(to, ()))), by_note=True)
        for text, to in questions
    ]
    found = tuple(ranks(kairos.vectors(), probes, ClaimIndex(before), ClaimIndex(after)))
    return Found.of([now for now, _ in found]), Found.of([later for _, later in found])


def _questions(reading: Reading, plan: Plan) -> Iterator[Question]:
    pointed = (p for found in Linker(reading).pointers.values() for p in found if p.is_single)
    for pointer in pointed:
        if pointer.target in reading.notes:
            yield pointer.entry.text, pointer.target or ""
    for path, note in reading.notes.items():
        if note.role in JUDGED_ROLES and note.description:
            yield note.description, path
    dropped = {(change.subject.file, change.subject.line) for change in _merges(plan)}
    for entry in reading.entries.values():
        if (entry.path, entry.line) in dropped:
            yield from ((claim.embedded, entry.path) for claim in claims_of(entry, reading.note_of(entry)))


def _merges(plan: Plan) -> list[Change]:
    return [change for change in plan.changes if change.kind is ChangeKind.MERGE]


def _moved(plan: Plan, after: Reading) -> Mapping[str, str]:
    """Map each note that was merged away to the note of its witness."""
    return {
        change.subject.file: change.witness.place.file
        for change in _merges(plan)
        if change.witness and change.subject.file not in after.notes
    }


def _reading(root: Path, kairos: Kairos) -> Reading:
    layout = kairos.layout_of(root)
    return Reading.of(read_snapshot(root, layout=layout.name, role_of=layout.role_of))


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--now", default="2026-11-24", show_default=True, help="The day of the dreams.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep vectors and opinions here.")
def main(folders: tuple[Path, ...], now: str, cache: Path | None) -> None:
    """Check every directory in the FOLDERS."""
    worse = 0
    total_before, total_after = Found(0, 0, 0), Found(0, 0, 0)
    print(f"{'directory':<28}{'questions':>10}{'first before → after':>24}{'first five before → after':>28}")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        config = Config(state_dir=str(scratch / "state"), cache_dir=str(cache or scratch / "cache"))
        kairos = Kairos(config, env={"HOME": name}, now=datetime.fromisoformat(now).replace(tzinfo=UTC))
        inside = (path for folder in folders for path in sorted(folder.iterdir()))
        for directory in (path for path in inside if path.is_dir()):
            root = scratch / "roots" / directory.parent.name / directory.name
            shutil.copytree(directory, root, symlinks=True)
            before, after = check(root, kairos)
            worse += after.first < before.first or after.among < before.among
            total_before, total_after = _sum(total_before, before), _sum(total_after, after)
            _print(directory.name, before, after)
    _print("all", total_before, total_after)
    sys.stdout.flush()
    sys.exit(os.EX_OK if not worse else 1)


def _sum(one: Found, other: Found) -> Found:
    return Found(one.asked + other.asked, one.first + other.first, one.among + other.among)


def _print(name: str, before: Found, after: Found) -> None:
    first = f"{before.first:,} → {after.first:,}"
    among = f"{before.among:,} → {after.among:,}"
    print(f"{name[:27]:<28}{before.asked:>10,}{first:>24}{among:>28}", flush=True)


if __name__ == "__main__":
    main()
