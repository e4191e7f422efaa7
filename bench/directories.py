"""`python -m bench.directories DIRECTORY.json…`: what a dream does to labelled memory directories.

Each is dreamt over in a scratch home. Duplicates, conflicts and stale texts that were planted should be removed,
flagged and removed; traps and all other facts should stay.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import click

from bench.families import print_result
from bench.labelled import Labelled, Planted, bare_words, read_labelled
from bench.tables import Table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Score:
    """What one dream did. The last four figures should be 0."""

    duplicates_removed: int
    duplicates: int
    conflicts_found: int
    conflicts: int
    flags_right: int
    flags: int
    stale_removed: int
    stale: int
    traps_merged: int
    traps_flagged: int
    facts_lost: int
    groups_lost: int

    def __add__(self, other: Score) -> Score:
        """Return the sum of both."""
        return Score(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@click.command()
@click.option("--markdown", "form", flag_value="markdown", help="Print a table for the documentation.")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.argument("files", metavar="DIRECTORY.json…", type=_FILE, nargs=-1, required=True)
def main(*, files: Sequence[Path], form: str | None) -> None:
    """Dream over labelled memory directories, and score what the dreams do."""
    found = {one.name: score(one) for one in read_labelled(files)}
    first, *others = found.values()
    found["all"] = sum(others, start=first)
    print_result(form, {name: asdict(one) for name, one in found.items()}, table(found))


def score(directory: Labelled) -> Score:
    """Dream over a copy of a directory and score the result."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "memory"
        directory.write_to(root)
        before = _texts(root)
        _kairos(place, "dream", str(root), "--yes", "--now", directory.today.isoformat(), "--json")
        flagged = json.loads(_kairos(place, "conflicts", str(root), "--json"))
        after = _texts(root)
    return _score(directory, before, after, [(flag["a"]["text"], flag["b"]["text"]) for flag in flagged])


def _score(
    directory: Labelled,
    before: Mapping[str, str],
    after: Mapping[str, str],
    flags: Sequence[tuple[str, str]],
) -> Score:
    pairs = [(str(a["text"]), str(b["text"])) for a, b in directory.conflicts]
    traps = [(str(a["text"]), str(b["text"])) for a, b in directory.traps]
    left = [sum(_is_in(text, after) for text in group) for group in directory.duplicates]
    return Score(
        duplicates_removed=sum(
            len(group) - max(count, 1) for group, count in zip(directory.duplicates, left, strict=True)
        ),
        duplicates=sum(len(group) - 1 for group in directory.duplicates),
        conflicts_found=sum(any(_are_same(pair, flag) for flag in flags) for pair in pairs),
        conflicts=len(pairs),
        flags_right=sum(any(_are_same(pair, flag) for pair in pairs) for flag in flags),
        flags=len(flags),
        stale_removed=sum(not _is_in(text, after) for text in directory.stale),
        stale=len(directory.stale),
        traps_merged=sum(not all(_is_anywhere(text, after) for text in trap) for trap in traps),
        traps_flagged=sum(any(_are_same(trap, flag) for flag in flags) for trap in traps),
        facts_lost=sum(
            _is_anywhere(fact, before) and not _is_anywhere(fact, after) for fact in directory.facts
        ),
        groups_lost=sum(
            not any(_is_anywhere(str(text["text"]), after) for text in group)
            for group in directory.duplicates
        ),
    )


def _texts(root: Path) -> dict[str, str]:
    """Return the words of every note below a root, without the note that lists the conflicts."""
    return {
        file.relative_to(root).as_posix(): bare_words(file.read_text("utf-8"))
        for file in sorted(root.rglob("*.md"))
        if file.name != "kairos-conflicts.md"
    }


def _is_in(planted: Planted, texts: Mapping[str, str]) -> bool:
    """Whether a planted text is still in its file; for a whole file, whether that is there."""
    file, text = str(planted["file"]), planted["text"]
    return file in texts and (text is None or bare_words(text) in texts[file])


def _is_anywhere(text: str, texts: Mapping[str, str]) -> bool:
    words = bare_words(text)
    return any(words in held for held in texts.values())


def _are_same(pair: tuple[str, str], flag: tuple[str, str]) -> bool:
    """Whether a flag is about a pair: each side contains the other one's words, in either order."""
    (a, b), (x, y) = map(bare_words, pair), map(bare_words, flag)
    return (_overlap(a, x) and _overlap(b, y)) or (_overlap(a, y) and _overlap(b, x))


def _overlap(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def _kairos(home: str, *arguments: str) -> str:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    done = subprocess.run(
        [sys.executable, "-m", "kairos", *arguments],
        env={**surroundings, "HOME": home, "XDG_CACHE_HOME": cache},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 3}:
        raise click.ClickException(f"kairos {arguments[0]} ended with exit code {done.returncode}.")
    return done.stdout


def table(found: Mapping[str, Score]) -> Table:
    """Return the scores as a table."""
    rows = tuple(
        (
            name,
            f"{one.duplicates_removed} / {one.duplicates}",
            f"{one.conflicts_found} / {one.conflicts}",
            f"{one.flags_right} / {one.flags}",
            f"{one.stale_removed} / {one.stale}",
            f"{one.traps_merged} / {one.traps_flagged}",
            f"{one.facts_lost + one.groups_lost}",
        )
        for name, one in found.items()
    )
    columns = (
        "directory",
        "duplicates removed",
        "conflicts found",
        "flags right",
        "stale removed",
        "traps merged / flagged",
        "lost",
    )
    return Table("Dreams over labelled directories", columns, rows)


if __name__ == "__main__":
    main()
