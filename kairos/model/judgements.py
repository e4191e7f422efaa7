"""What was found out about notes and entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

Side = Literal["a", "b"]
BOUND = "bound"
"""The kind of evidence for why two entries that say the same both stay: each belongs where it stands."""
UNREAD = "unread"
"""The kind of evidence for why two entries were not compared: nobody knows how they relate."""


class Relation(StrEnum):
    """How two entries relate."""

    SAME = "same"
    A_CONTAINS_B = "a_contains_b"
    B_CONTAINS_A = "b_contains_a"
    CONFLICT = "conflict"
    DISTINCT = "distinct"


class Action(StrEnum):
    """What follows from a judgement: done unattended, proposed, flagged, or nothing."""

    MERGE = "merge"
    ASK = "ask"
    FLAG = "flag"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason in words a person understands. `kind` is a stable slug ("values", "similarity",
    "date", "expiry", …); `score` is the number behind it, where there is one."""

    kind: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on an ordered pair. `clash` holds the two sentences that clash, for a conflict; a `doubtful`
    one is the judge's best guess, which a language model may still overrule, if the user configured one.
    `vetoed`: values, negation or single words differ: nothing is merged unattended, whoever says otherwise."""

    relation: Relation
    action: Action
    confidence: float
    evidence: tuple[Evidence, ...]
    newer: Side | None = None
    clash: tuple[str, str] | None = None
    doubtful: bool = False
    vetoed: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of an ordered pair: chances, 0…1, of each relation (they add up to one), and, should the
    two conflict, that the wording shows the first or the second to be newer. `whole`: it read both to the end."""

    same: float
    a_contains_b: float
    b_contains_a: float
    conflict: float
    distinct: float
    newer_a: float = 0.0
    newer_b: float = 0.0
    whole: bool = True

    @property
    def merging(self) -> float:
        """The chance that one side says all that the other says."""
        return self.same + self.a_contains_b + self.b_contains_a

    def mirrored(self) -> Opinion:
        """Return the opinion of the exchanged pair."""
        return replace(
            self,
            a_contains_b=self.b_contains_a,
            b_contains_a=self.a_contains_b,
            newer_a=self.newer_b,
            newer_b=self.newer_a,
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries worth comparing, and their best similarity (cosine, −1…1)."""

    a: str
    b: str
    similarity: float


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair of entry ids with its judgement."""

    a: str
    b: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry (or, with `entry_id` None, a whole note) that is provably stale; `successor` takes its place."""

    path: str
    entry_id: str | None
    reason: str
    evidence: tuple[Evidence, ...]
    unattended: bool
    successor: str | None = None
