"""Labelled memory directories: with planted problems, and the truth about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

Planted = Mapping[str, str | None]
"""One planted text: its "file" and its "text", which is None for the whole file."""
Kind = Literal["duplicate", "conflict"]

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A directory as path → text, as of `today`, and the texts planted in it.

    `duplicates` are groups of texts of which any one is enough, `conflicts` pairs that cannot both hold, `stale` texts
    that are provably over, and `traps` pairs that look alike but must both stay. `facts` are strings that must survive.
    """

    name: str
    today: date
    files: Mapping[str, str]
    duplicates: Sequence[Sequence[Planted]]
    conflicts: Sequence[tuple[Planted, Planted]]
    stale: Sequence[Planted]
    traps: Sequence[Sequence[Planted]]
    facts: Sequence[str]

    def write_to(self, root: Path) -> None:
        """Write the files below a directory."""
        for path, text in self.files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")

    def pairs(self) -> Iterator[tuple[Kind, Planted, Planted]]:
        """Yield every pair of planted texts that say the same or contradict each other."""
        for group in self.duplicates:
            yield from (("duplicate", a, b) for a, b in combinations(group, 2))
        yield from (("conflict", a, b) for a, b in self.conflicts)


def read_labelled(files: Sequence[Path]) -> list[Labelled]:
    """Return the labelled directories of JSON files; see training/README.md for what one holds."""
    return [_labelled(json.loads(file.read_text("utf-8"))) for file in files]


def _labelled(record: Mapping[str, Any]) -> Labelled:
    return Labelled(
        name=record["name"],
        today=date.fromisoformat(record["today"]),
        files=record["files"],
        duplicates=record["duplicate_groups"],
        conflicts=[(one["a"], one["b"]) for one in record["contradictions"]],
        stale=record["stale"],
        traps=record["traps"],
        facts=[fact for kept in record["must_keep"] for fact in kept["facts"]],
    )


def bare_words(text: str) -> str:
    """Return the words of a text in lower case, one blank between them: what is left whatever its markup."""
    return _NO_WORD.sub(" ", text).casefold().strip()
