"""What a dream finds out besides its plan: plain values for the report and the state, cheap to import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Recall:
    """How many probes the root answered before the plan, and how many of them it still answers after the accepted plan.

    Probes that failed for an earlier version of the plan count as well.
    """

    probes: int = 0
    passed: int = 0


NO_RECALL = Recall()
RECALL_AT = 5
"""A result counts as found if it is among this many best answers."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A credential in a note: where it is, and of which kind. The value itself is not repeated."""

    file: str
    line: int
    kind: str


class AlertKind(StrEnum):
    """The kinds of alert. Each is something that no agent has a reason to do to a note."""

    BACKDATED = "backdated"
    PINNED = "pinned"
    EMPTIED = "emptied"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that was done to a note between dreams by no known agent."""

    path: str
    kind: AlertKind
    words: str
