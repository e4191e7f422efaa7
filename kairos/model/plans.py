"""What one dream is going to do, and what else it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kairos.model.changes import Change, Place
from kairos.model.files import Skip
from kairos.model.judgements import Evidence, Side


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries that cannot both be right. `id` depends on the two texts alone."""

    id: str
    a: Place
    b: Place
    newer: Side | None
    reason: str
    since: date
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Size of the always-loaded file, front matter and comments not counted."""

    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair or an entry that was looked at, with the outcome: what `kairos explain` shows."""

    places: tuple[Place, ...]
    outcome: str
    evidence: tuple[Evidence, ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Considered:
    """All decisions of a dream, of which there are as many as entries: each place, as file, line and text, stands there
    once, and in the `rows` are the numbers of places, the outcome, the evidence and the confidence."""

    places: tuple[tuple[str, int, str], ...] = ()
    rows: tuple[tuple[tuple[int, ...], str, tuple[Evidence, ...], float], ...] = ()

    def decisions(self) -> Iterator[Decision]:
        """Yield them one by one."""
        places = [Place(*place) for place in self.places]
        for numbers, outcome, evidence, confidence in self.rows:
            yield Decision(tuple([places[number] for number in numbers]), outcome, evidence, confidence)


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one dream: a pure value made from a snapshot. `base` holds the sha256 of every
    file that an edit touches or a witness stands in. `changes` may be applied unattended; `proposals` wait
    for a person."""

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
