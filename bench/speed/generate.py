"""Generate a random memory directory of any size from a seed, or edit a share of its entries in place.

usage: python -m bench.speed.generate DIR --entries N [--seed S] [--profile short|long] [--change SHARE]

The same arguments give the same bytes. Every entry is on one line of a note; the index holds only pointers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

import click

from bench.speed.facts import Fact, Topic, day, fact, topic

DUPLICATES = 0.10
CONFLICTS = 0.01
STALE = 0.005
_INDEX_LINES = 190  # the budget is 200 lines and 25,000 bytes
_INDEX_BYTES = 24_000
_KINDS = ("project", "reference", "feedback", "user")
_KIND_SHARES = (55, 25, 15, 5)
_REWORDED, _CONTAINED = 0.45, 0.75  # upper bounds for reworded and contained duplicates; the rest are exact
_ONE_FACT = 0.25
_HEADED = 0.5
_BULLETS = 0.8
_BODY_LINE = re.compile(r"(?:- )?(?![-#*])\S")


class Profile(StrEnum):
    """How long the notes are: about 4 entries each (short), or a median of 2.7 KB (long)."""

    SHORT = "short"
    LONG = "long"


class Kind(StrEnum):
    """What an entry was generated as."""

    NEW = "new"
    EXACT = "exact"
    REWORDED = "reworded"
    CONTAINED = "contained"
    CONFLICT = "conflict"
    STALE = "stale"

    @property
    def is_duplicate(self) -> bool:
        """Whether it repeats what another entry says."""
        return self in {Kind.EXACT, Kind.REWORDED, Kind.CONTAINED}


@dataclass(frozen=True, slots=True)
class Made:
    """One generated entry: its kind and its text, on one line."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class MadeNote:
    """One generated note."""

    path: str
    about: Topic
    description: str
    entries: tuple[Made, ...]
    data: bytes


def generate(
    root: Path, entries: int, *, seed: int = 0, profile: Profile = Profile.SHORT
) -> tuple[MadeNote, ...]:
    """Write a memory directory whose notes hold exactly `entries` entries, and return the notes."""
    made = tuple(notes(entries, seed=seed, profile=profile))
    root.mkdir(parents=True, exist_ok=True)
    for note in made:
        (root / note.path).write_bytes(note.data)
    (root / "MEMORY.md").write_bytes(_index(made))
    return made


def notes(entries: int, *, seed: int = 0, profile: Profile = Profile.SHORT) -> Iterator[MadeNote]:
    """Yield the notes of a generated directory."""
    rng = Random(f"{seed} {profile}")  # noqa: S311 - chance with a seed
    known_facts: list[Fact] = []
    left, number = entries, 0
    while left:
        size = min(left, _size(rng, profile))
        about = topic(rng)
        yield _note(rng, number, about, [_entry(rng, about, known_facts) for _ in range(size)])
        left -= size
        number += 1


def change(root: Path, *, share: float = 0.01, seed: int = 0) -> int:
    """Edit a share of the entries below `root` in place, at least one, and return how many were edited.

    The total number of entries does not change.
    """
    lines = {path: path.read_text(encoding="utf-8").split("\n") for path in sorted(root.glob("n*.md"))}
    places = [(path, row) for path, page in lines.items() for row in _entry_rows(page)]
    rng = Random(f"change {seed}")  # noqa: S311
    chosen = rng.sample(places, max(1, round(share * len(places))))
    for path, row in chosen:
        mark = "- " if lines[path][row].startswith("- ") else ""
        news = fact(rng, topic(rng))
        lines[path][row] = mark + news.text() if rng.random() < 0.5 else f"{lines[path][row]} {news.core()}"
    for path in {path: None for path, _ in chosen}:
        path.write_text("\n".join(lines[path]), encoding="utf-8")
    return len(chosen)


def _size(rng: Random, profile: Profile) -> int:
    if profile is Profile.LONG:
        return min(300, max(1, round(rng.lognormvariate(math.log(20), 0.95))))
    return 1 if rng.random() < _ONE_FACT else rng.randint(2, 8)


def _entry(rng: Random, about: Topic, known_facts: list[Fact]) -> Made:
    """Generate one entry: usually a new fact, sometimes a repeated, conflicting or stale one."""
    luck = rng.random()
    if known_facts and luck < DUPLICATES:
        return _repeated(rng, known_facts)
    if known_facts and luck < DUPLICATES + CONFLICTS:
        clash = rng.choice(known_facts).clashing(rng)
        if clash is not None:
            return Made(Kind.CONFLICT, clash.text())
    if luck > 1 - STALE:
        return Made(Kind.STALE, f"Valid until {day(rng, year=2025)}: {fact(rng, about).core()}")
    known_facts.append(fact(rng, about))
    return Made(Kind.NEW, known_facts[-1].text())


def _repeated(rng: Random, known_facts: Sequence[Fact]) -> Made:
    old, luck = rng.choice(known_facts), rng.random()
    if luck < _REWORDED:
        return Made(Kind.REWORDED, old.text(rng.randint(1, 2)))
    if luck < _CONTAINED and old.remarks:
        return Made(Kind.CONTAINED, old.core())
    return Made(Kind.EXACT, old.text())


def _note(rng: Random, number: int, about: Topic, entries: Sequence[Made]) -> MadeNote:
    path = f"n{number:06}-{about.name.lower()}-{about.parts[0]}.md"
    title = f"{about.name} {about.parts[0]}"
    description = f"{about.things[0]} and {about.things[1]} in {about.name}"
    kind = rng.choices(_KINDS, _KIND_SHARES)[0]
    head = _front(rng, title, path.removesuffix(".md"), description, kind)
    body = _one_fact(about, entries[0]) if len(entries) == 1 else _list(rng, about, entries)
    return MadeNote(path, about, description, tuple(entries), f"{head}\n{body}\n".encode())


def _front(rng: Random, title: str, slug: str, description: str, kind: str) -> str:
    """Return front matter in one of the two generations of its format."""
    session = f"{rng.getrandbits(32):08x}-0000-4000-8000-{rng.getrandbits(48):012x}"
    written = day(rng)
    if rng.random() < 0.5:
        return (
            f"---\nname: {title}\ndescription: {description}\ntype: {kind}\noriginSessionId: {session}\n---\n"
        )
    return (
        f'---\nname: {slug}\ndescription: "{description}"\nmetadata: \n  node_type: memory\n  type: {kind}\n'
        f"  originSessionId: {session}\n  modified: {written}T08:15:00.000Z\n---\n"
    )


def _one_fact(about: Topic, entry: Made) -> str:
    return f"{entry.text}\n\n**Why:** it came up with {about.things[2]}.\n\n**How to apply:** in {about.name} alone."


def _list(rng: Random, about: Topic, entries: Sequence[Made]) -> str:
    """Return the entries as bullets and paragraphs, under up to two headings."""
    out: list[str] = []
    above = ""
    for number, entry in enumerate(entries):
        if number in {0, len(entries) // 2} and rng.random() < _HEADED:
            out += [f"## {about.things[number % 4].capitalize()}", ""]
            above = ""
        mark = "- " if rng.random() < _BULLETS else ""
        if mark and above == "- ":
            out.pop()  # no blank line between two bullets
        out += [mark + entry.text, ""]
        above = mark
    return "\n".join(out).rstrip("\n")


def _index(made: Sequence[MadeNote]) -> bytes:
    """Return an index with pointers to the notes, as many as its budget holds."""
    lines = ["# Memory", ""]
    size = sum(len(line) + 1 for line in lines)
    for note in made:
        line = f"- [{note.about.name} {note.about.parts[0]}]({note.path}) — {note.description}"
        size += len(line.encode()) + 1
        if len(lines) == _INDEX_LINES or size > _INDEX_BYTES:
            break
        lines.append(line)
    return "\n".join([*lines, ""]).encode()


def _entry_rows(page: Sequence[str]) -> list[int]:
    """Return the numbers of the lines of a generated note that hold an entry."""
    start = page.index("---", 1) + 1
    return [row for row in range(start, len(page)) if _BODY_LINE.match(page[row])]


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--entries", default=2000, show_default=True, help="How many entries.")
@click.option("--seed", default=0, show_default=True, help="Equal seeds give equal bytes.")
@click.option(
    "--profile", type=click.Choice([kind.value for kind in Profile]), default="short", show_default=True
)
@click.option("--change", "share", type=float, help="Edit this share of the existing entries instead.")
def main(directory: Path, entries: int, seed: int, profile: str, share: float | None) -> None:
    """Generate a memory directory, or edit a generated one."""
    if share is not None:
        print(f"{change(directory, share=share, seed=seed)} entries edited in {directory}")
        return
    made = generate(directory, entries, seed=seed, profile=Profile(profile))
    print(f"{sum(len(note.entries) for note in made)} entries in {len(made)} notes in {directory}")


if __name__ == "__main__":
    main()
