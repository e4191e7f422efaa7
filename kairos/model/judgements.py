"""What was found out about notes, entries and pairs of entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

Side = Literal["a", "b"]
PLACE_BOUND = "bound"
"""`Evidence.kind` for why two entries that say the same both stay: each belongs where it is."""
NOT_COMPARED = "unread"
"""`Evidence.kind` for why two entries were not compared: how they relate is unknown."""
NEAREST = "nearest"
"""`Evidence.kind` for that no other entry of the root is closer to either of two entries."""
MODEL_OPINION = "model"
"""`Evidence.kind` for the judge model's opinion of two entries, if it relates them: they say the same, or clash."""
MODEL_UNRELATED = "unrelated"
"""`Evidence.kind` for the judge model's opinion that two entries are about different things."""


class Relation(StrEnum):
    """How two entries relate."""

    SAME = "same"
    A_CONTAINS_B = "a_contains_b"
    B_CONTAINS_A = "b_contains_a"
    CONFLICT = "conflict"
    DISTINCT = "distinct"

    @property
    def merging(self) -> bool:
        """Whether one side says all that the other says, so that the two can be merged."""
        return self in _MERGING

    def mirrored(self) -> Relation:
        """Return the relation of the exchanged pair."""
        return _MIRROR.get(self, self)


_MERGING = frozenset({Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A})
_MIRROR = {Relation.A_CONTAINS_B: Relation.B_CONTAINS_A, Relation.B_CONTAINS_A: Relation.A_CONTAINS_B}


class Action(StrEnum):
    """What follows from a judgement: a merge (unattended), a proposal, a flagged conflict, or nothing."""

    MERGE = "merge"
    ASK = "ask"
    FLAG = "flag"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason, in words for a person.

    `kind` is a stable slug ("values", "similarity", "date", "expiry", …); `score` is the number behind it, if any.
    """

    kind: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on an ordered pair.

    `clash` holds the two contradicting sentences of a conflict. A `doubtful` verdict is the judge's best guess, which a
    language model may overrule, if one is configured. A `vetoed` pair is never merged unattended, whatever any model
    says, since values, negation or single words differ. `either_way` is a lower bound on the chance that a merge loses
    nothing whichever side goes, for pairs to be merged.
    """

    relation: Relation
    action: Action
    confidence: float
    evidence: tuple[Evidence, ...]
    newer: Side | None = None
    clash: tuple[str, str] | None = None
    doubtful: bool = False
    vetoed: bool = False
    either_way: float = 0.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """A model's opinion of an ordered pair, as probabilities 0…1.

    Those of the relations add up to one. `newer_a` and `newer_b`: given a conflict, the wording shows that side to be
    newer. `whole` is false if the model could not read both texts to the end.
    """

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
        """The probability that one side says everything that the other says."""
        return self.same + self.a_contains_b + self.b_contains_a

    def mirrored(self) -> Opinion:
        """Return the opinion of the pair with its sides exchanged."""
        return replace(
            self,
            a_contains_b=self.b_contains_a,
            b_contains_a=self.a_contains_b,
            newer_a=self.newer_b,
            newer_b=self.newer_a,
        )


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair of entry ids with its judgement."""

    a: str
    b: str
    judgement: Judgement

    @property
    def key(self) -> frozenset[str]:
        """The two ids, whatever their order."""
        return frozenset((self.a, self.b))


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry (or, with `entry_id` None, a whole note) that is stale; `successor` replaces it, if any.

    `waits` says why a person has to decide: what is missing for it to be certain. It is "" if nothing is.
    """

    path: str
    entry_id: str | None
    reason: str
    evidence: tuple[Evidence, ...]
    waits: str
    successor: str | None = None

    @property
    def unattended(self) -> bool:
        """Whether it may be removed without asking."""
        return not self.waits
