"""Gold files: pairs of notes whose relation a person labelled, and the ways to slice them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from kairos.errors import UsageError

_LENGTHS = ("long", "xlong")
_FEWEST = 4
"""Kinds with fewer pairs than this share one line per label: a rate over two pairs says nothing."""


class Group(StrEnum):
    """What should become of a pair."""

    MERGE = "merge"
    CONFLICT = "conflict"
    DISTINCT = "distinct"


class Label(StrEnum):
    """A person's label for a pair. CONTAINS: a says everything that b says, and more."""

    DUPLICATE = "duplicate"
    CONTAINS = "contains"
    CONTRADICTION = "contradiction"
    UPDATE = "update"
    RELATED = "related"
    UNRELATED = "unrelated"

    @property
    def group(self) -> Group:
        """What should become of a pair with this label."""
        return _GROUPS[self]


_GROUPS = {
    Label.DUPLICATE: Group.MERGE,
    Label.CONTAINS: Group.MERGE,
    Label.CONTRADICTION: Group.CONFLICT,
    Label.UPDATE: Group.CONFLICT,
    Label.RELATED: Group.DISTINCT,
    Label.UNRELATED: Group.DISTINCT,
}


@dataclass(frozen=True, slots=True)
class GoldPair:
    """One pair of a gold file; in an update, b is the newer side."""

    id: str
    a: str
    b: str
    label: Label
    kind: str = ""
    lang: str = ""
    a_date: date | None = None
    b_date: date | None = None

    @property
    def language(self) -> str:
        """The language of both sides, or "mixed" if they differ; English by default."""
        for step in self.kind.split("/"):
            if step.startswith("mixed-"):
                return "mixed"
            if step.startswith("lang-"):
                return step.removeprefix("lang-")
        return self.lang or "en"

    @property
    def length(self) -> str:
        """How long the texts are, according to the first step of the kind."""
        first = self.kind.split("/")[0]
        return first if first in _LENGTHS else "short"

    @property
    def topic(self) -> str:
        """What makes the pair alike or different: the kind without its steps for length, difficulty and language."""
        steps = [step for step in self.kind.split("/") if step not in {*_LENGTHS, "hard"}]
        return next((step for step in steps if not step.startswith(("lang-", "mixed-"))), "")

    @property
    def hard(self) -> bool:
        """Whether the kind marks the pair as hard."""
        return "hard" in self.kind.split("/")


@dataclass(frozen=True, slots=True)
class Gold:
    """The pairs of one file; `aside` counts, by label, the lines whose label is not a relation."""

    name: str
    pairs: tuple[GoldPair, ...]
    aside: Mapping[str, int]


def read_gold(path: Path) -> Gold:
    """Read a gold file; raises UsageError naming the first bad line."""
    pairs: list[GoldPair] = []
    aside: Counter[str] = Counter()
    known = {label.value for label in Label}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if value["label"] in known:
                pairs.append(_pair(value))
            else:
                aside[str(value["label"])] += 1
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{path.name}, line {number} is no gold pair: {error!r}.",
                'Expected an object with "id", "a", "b" and "label".',
            ) from None
    if not pairs:
        raise UsageError(f"{path.name} holds no gold pairs.", "Each line is one pair; see docs/quality.md.")
    return Gold(path.name, tuple(pairs), dict(sorted(aside.items())))


def _pair(value: Mapping[str, Any]) -> GoldPair:
    texts = (value["id"], value["a"], value["b"])
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("id, a and b are strings")
    return GoldPair(
        *texts,
        Label(value["label"]),
        value.get("kind") or "",
        value.get("lang") or "",
        _day(value.get("a_date")),
        _day(value.get("b_date")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def slices(pairs: Sequence[GoldPair]) -> dict[str, dict[str, list[int]]]:
    """Return the row numbers of pairs by dimension and value, largest first, omitting dimensions with one value."""
    topics = Counter(pair.topic for pair in pairs)
    named = {
        "language": [pair.language for pair in pairs],
        "length": [pair.length for pair in pairs],
        "difficulty": ["hard" if pair.hard else "plain" for pair in pairs],
        "kind": [pair.topic if topics[pair.topic] >= _FEWEST else f"other {pair.label}" for pair in pairs],
    }
    found: dict[str, dict[str, list[int]]] = {}
    for dimension, names in named.items():
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            rows.setdefault(name or "no kind given", []).append(row)
        if len(rows) > 1:
            found[dimension] = dict(sorted(rows.items(), key=lambda item: (-len(item[1]), item[0])))
    return found
