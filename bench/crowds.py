"""`python -m bench.crowds FAMILIES.jsonl…`: what a dream merges in a root where every note resembles another.

Each root holds the notes of many families, one file per note: notes that say the same thing, look-alikes, and notes
that contradict them. A dream over it (a dry run in a scratch home) should merge the first kind and leave the others.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import click

from bench.families import Family, family_options, print_result, read_families
from bench.tables import Table

TODAY = "2026-06-01"
_MERGEABLE = frozenset(("base", "same"))


class Mix(NamedTuple):
    """How many notes of each kind a family contributes, besides its base note."""

    same: int
    distinct: int
    conflict: int


MIXES = (Mix(2, 0, 0), Mix(1, 1, 0), Mix(2, 1, 1), Mix(1, 0, 1), Mix(0, 1, 1))


class Member(NamedTuple):
    """One note: its family, its kind relative to the family's base note, and its title, which is the family's topic."""

    family: str
    kind: str
    text: str
    title: str

    @property
    def page(self) -> str:
        """The note as a file with front matter, which ends in line 5."""
        return (
            f"---\nname: {json.dumps(self.title)}\ndescription: A fact\ntype: project\n---\n\n{self.text}\n"
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What a dream did to a root: right and wrong merges, right and wrong conflict flags, and proposals."""

    mix: Mix
    notes: int
    merged: int
    merged_wrongly: int
    proposed: int
    flagged: int
    flagged_wrongly: int


@click.command()
@click.option("--families", default=200, show_default=True, help="How many families to take notes from.")
@click.option(
    "--seed", default=1, show_default=True, help="Chooses the families, and the order of the notes."
)
@family_options
def main(*, files: Sequence[Path], families: int, seed: int, held_out: bool, form: str | None) -> None:
    """Dream over roots full of look-alikes, and count what is merged and flagged."""
    known = read_families(files, held_out=held_out)
    rng = random.Random(seed)  # noqa: S311 - no secret
    chosen = rng.sample(known, min(families, len(known)))
    found = [tally(mix, list(members(chosen, mix, rng))) for mix in MIXES]
    print_result(form, [asdict(one) for one in found], table(found))


def members(families: Sequence[Family], mix: Mix, rng: random.Random) -> Iterator[Member]:
    """Yield the notes of a root in random order."""
    found = [
        Member(family["id"], kind, text, family["topic"])
        for family in families
        for kind, texts in (
            ("base", [family["base"]]),
            ("same", family["same"][: mix.same]),
            ("distinct", family["distinct"][: mix.distinct]),
            ("conflict", family["conflict"][: mix.conflict]),
        )
        for text in texts
    ]
    yield from rng.sample(found, len(found))


def tally(mix: Mix, notes: Sequence[Member]) -> Tally:
    """Dream over a root of these notes, and count what the dream would do."""
    with tempfile.TemporaryDirectory() as place:
        home, root = Path(place), Path(place) / "memory"
        root.mkdir()
        for number, note in enumerate(notes):
            (root / f"note_{number:04}.md").write_text(note.page, "utf-8")
        report = _dream(home, root)
    owner = {f"note_{number:04}.md": note for number, note in enumerate(notes)}
    merges = [
        (owner[c["file"]], owner[c["witness"]["file"]]) for c in report["changes"] if c["kind"] == "merge"
    ]
    flags = [(owner[c["a"]["file"]], owner[c["b"]["file"]]) for c in report["conflicts"]]
    merged, flagged = sum(map(_is_same, merges)), sum(map(_is_conflict, flags))
    return Tally(
        mix, len(notes), merged, len(merges) - merged, len(report["proposals"]), flagged, len(flags) - flagged
    )


def _is_same(pair: tuple[Member, Member]) -> bool:
    return pair[0].family == pair[1].family and {pair[0].kind, pair[1].kind} <= _MERGEABLE


def _is_conflict(pair: tuple[Member, Member]) -> bool:
    kinds = {pair[0].kind, pair[1].kind}
    return pair[0].family == pair[1].family and "conflict" in kinds and bool(kinds & _MERGEABLE)


def _dream(home: Path, root: Path) -> dict[str, Any]:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    config = home / "config.yaml"
    config.write_text("limits: {max_removed_fraction: 1}\n", "utf-8")  # two thirds of some roots say the same
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "kairos",
            "dream",
            str(root),
            "--dry-run",
            "--now",
            TODAY,
            "--json",
            "--config",
            str(config),
        ],
        env={**surroundings, "HOME": str(home), "XDG_CACHE_HOME": cache},
        stdout=subprocess.PIPE,
        check=True,
    )
    (report,) = json.loads(done.stdout)
    return dict(report)


def table(found: Sequence[Tally]) -> Table:
    """Return the tallies as a table."""
    rows = tuple(
        (
            f"{1 + one.mix.same} the same, {one.mix.distinct} alike, {one.mix.conflict} in conflict",
            str(one.notes),
            f"{one.merged} / {one.merged_wrongly}",
            str(one.proposed),
            f"{one.flagged} / {one.flagged_wrongly}",
        )
        for one in found
    )
    columns = ("of each family", "notes", "merged, right / wrong", "proposed", "flagged, right / wrong")
    return Table("Dreams over roots full of look-alikes", columns, rows)


if __name__ == "__main__":
    main()
