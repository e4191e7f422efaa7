"""The plan of one dream, and what else it found."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kairos.model.changes import Change, Place
from kairos.model.files import Skip
from kairos.model.judgements import Evidence, Side


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries that cannot both be right. `id` depends only on the two texts."""

    id: str
    a: Place
    b: Place
    newer: Side | None
    reason: str
    since: date
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Size of an index, without front matter and comments."""

    lines: int
    bytes: int


INDEX_BUDGET = IndexSize(lines=200, bytes=25_000)
"""How much of an index agents load, unless the configuration says otherwise."""

NO_BUDGET = IndexSize(lines=sys.maxsize, bytes=sys.maxsize)
"""The budget of an index that may have any size."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for a pair or an entry that was considered, as shown by `kairos explain`."""

    places: tuple[Place, ...]
    outcome: str
    evidence: tuple[Evidence, ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Considered:
    """All decisions of a dream in compact form, since there are as many as entries.

    Each place is stored once, as (file, line, text). Each of the `rows` is (numbers of places, outcome, evidence,
    confidence).
    """

    places: tuple[tuple[str, int, str], ...] = ()
    rows: tuple[tuple[tuple[int, ...], str, tuple[Evidence, ...], float], ...] = ()

    def decisions(self) -> Iterator[Decision]:
        """Yield the decisions one by one."""
        places = [Place(*place) for place in self.places]
        for numbers, outcome, evidence, confidence in self.rows:
            yield Decision(tuple([places[number] for number in numbers]), outcome, evidence, confidence)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one dream: a pure value made from a snapshot.

    `base` holds the sha256 of every file that an edit touches or that contains a witness. `changes` may be applied
    unattended; `proposals` wait for a person. `entries` is the number of entries in the root.
    """

    root: str
    layout: str
    today: date
    base: Mapping[str, str]
    changes: tuple[Change, ...]
    proposals: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[Skip, ...] = ()
    entries: int = 0
    index_before: IndexSize | None = None
    index_after: IndexSize | None = None
