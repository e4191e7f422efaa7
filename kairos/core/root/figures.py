"""What a dream found out beside its plan: values for the report and the state, which load nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Recall:
    """How many probes were asked about a plan as it was made first and after, and how many found what they had to."""

    probes: int = 0
    passed: int = 0


NO_RECALL = Recall()
FIRST = 5
"""Among so many of the best answers something has to be to count as found."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A credential that stands in a note: where, and of which kind. What it is stays where it is."""

    file: str
    line: int
    kind: str


class AlertKind(StrEnum):
    """What was done to a note that no agent does."""

    BACKDATED = "backdated"
    PINNED = "pinned"
    EMPTIED = "emptied"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that was done to a note behind our back and that no known agent does."""

    path: str
    kind: AlertKind
    words: str
