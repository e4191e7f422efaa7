"""The editor of a soak: a process that changes notes as agents do, and records what it wrote.

Every bullet that it writes carries a unique marker in a comment, so that a loss is noticed. Its text is one of a few
sentences, so that dreams find duplicates and the model has seen them all before.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MARKER = re.compile(rb"<!-- (w\d+) -->")
HEADING = "# Notes\n\n"
SENTENCES = (
    "Releases are cut from the main branch every Thursday.",
    "Tea is free in the kitchen on the second floor.",
    "Meeting rooms are booked by mail to the front desk.",
    "The staging database is restored from a backup each night.",
    "Invoices go to the accountant before the end of the month.",
    "The parking lot closes when the last train has left.",
    "Pull requests want a review by somebody from another team.",
    "The printer jams whenever somebody feeds it glossy paper.",
    "Customers from Norway pay in their own currency.",
    "New laptops come with the disk encrypted already.",
    "The garden is watered by whoever comes first in the morning.",
    "Unit tests must not talk to the network.",
)
_MOST_NOTES = 12
_BURST = 3
_REST_SECONDS = 15.0
"""Roughly how long a root is left alone between two bursts."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change by the editor: the markers that it wrote, and those that it destroyed."""

    wrote: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()


@dataclass(slots=True)
class Editor:
    """Changes notes in the roots `home/projects/*/memory`; `prefix` keeps its markers distinct from other editors'."""

    home: Path
    prefix: str
    rng: random.Random
    _count: int = field(default=0)

    def bullet(self) -> tuple[str, str]:
        """Return a new marker and the line that contains it."""
        self._count += 1
        marker = f"w{self.prefix}{self._count:07}"
        return marker, f"- {self.rng.choice(SENTENCES)} <!-- {marker} -->\n"

    def edit(self, root: Path) -> Change:
        """Make one change in a root, or none if something else interfered."""
        notes = sorted(root.glob("*.md"))
        kinds = [self._append, self._rewrite, self._rename]
        kinds.append(self._delete if len(notes) > _MOST_NOTES else self._append)
        if len(notes) < _MOST_NOTES and (not notes or self.rng.random() < 0.3):
            return self.add(root)
        try:
            return self.rng.choice(kinds)(self.rng.choice(notes)) if notes else Change()
        except FileNotFoundError:  # the root, or this note, has just vanished
            return Change()

    def add(self, root: Path) -> Change:
        """Write a new note."""
        markers, lines = zip(*(self.bullet() for _ in range(3)), strict=True)
        with suppress(FileNotFoundError):
            _replace(root / f"note-{self.prefix}{self._count}.md", (HEADING + "".join(lines)).encode())
            return Change(wrote=markers)
        return Change()

    def _append(self, note: Path) -> Change:
        marker, line = self.bullet()
        with open(os.open(note, os.O_WRONLY | os.O_APPEND), "ab") as file:  # noqa: PTH123 - must not create it
            file.write(line.encode())
            file.flush()
            is_there = os.path.samestat(os.fstat(file.fileno()), note.stat())
        # If the note was replaced between our opening and our writing, the line went to the old file: write it again.
        return Change(wrote=(marker,)) if is_there else self._append(note)

    def _rewrite(self, note: Path) -> Change:
        before = note.read_bytes()
        lines = before.splitlines(keepends=True)
        bullets = [number for number, line in enumerate(lines) if MARKER.search(line)]
        if len(bullets) > 1:
            del lines[self.rng.choice(bullets)]
        marker, line = self.bullet()
        after = b"".join([*lines, line.encode()])
        _replace(note, after)
        gone = markers_in(before) - markers_in(after)
        return Change((marker,), tuple(sorted(gone)))

    @staticmethod
    def _delete(note: Path) -> Change:
        gone = markers_in(note.read_bytes())
        note.unlink()
        return Change(erased=tuple(sorted(gone)))

    def _rename(self, note: Path) -> Change:
        self._count += 1
        note.rename(note.with_name(f"moved-{self.prefix}{self._count}.md"))
        return Change()


def markers_in(data: bytes) -> set[str]:
    """Return the markers found in `data`."""
    return {found.decode() for found in MARKER.findall(data)}


def _replace(note: Path, data: bytes) -> None:
    """Write a note atomically, as careful editors do: in full under another name, then renamed."""
    new = note.with_name(f".{note.name}.new")
    new.write_bytes(data)
    new.rename(note)


def _changes(editor: Editor) -> Iterator[Change]:
    """Make changes for ever and yield them; they come in bursts, so that each root rests in between."""
    while True:
        roots = sorted(editor.home.glob("projects/*/memory"))
        root = editor.rng.choice(roots)
        for _ in range(editor.rng.randint(1, _BURST)):
            yield editor.edit(root)
        time.sleep(_REST_SECONDS / len(roots))


def main() -> None:
    """Edit until told to stop, printing one line of JSON for each change that succeeded."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    home, prefix = Path(sys.argv[1]), sys.argv[2]
    for change in _changes(Editor(home, prefix, random.Random(int(prefix)))):
        if change != Change():
            print(json.dumps({"wrote": change.wrote, "erased": change.erased}), flush=True)
        if stopped:
            return


if __name__ == "__main__":
    main()
