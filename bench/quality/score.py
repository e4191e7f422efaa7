"""Scores verdicts against gold labels: precision, recall and derived figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.quality.gold import GoldPair, Group, Label
from kairos.model import Action, Relation, Side

CONTAINING = frozenset({Relation.A_CONTAINS_B, Relation.B_CONTAINS_A})
MERGING = frozenset({Relation.SAME, *CONTAINING})


@dataclass(frozen=True, slots=True)
class Chances:
    """The chances, 0…1, that a pair belongs to each group; they sum to one."""

    merge: float
    conflict: float
    distinct: float

    def of(self, group: Group) -> float:
        """Return the chance of one group."""
        return {Group.MERGE: self.merge, Group.CONFLICT: self.conflict, Group.DISTINCT: self.distinct}[group]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A system's verdict on a pair, with `chances` if it weighs them."""

    relation: Relation
    action: Action
    newer: Side | None = None
    chances: Chances | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts behind precision and recall: `called` is how many a system predicted, of which `right` are right.

    `wanted` is how many it should have predicted.
    """

    right: int
    called: int
    wanted: int

    @property
    def precision(self) -> float | None:
        """The share of called pairs that are right; None if none were called."""
        return _ratio(self.right, self.called)

    @property
    def recall(self) -> float | None:
        """The share of wanted pairs that were called rightly; None if none are wanted."""
        return _ratio(self.right, self.wanted)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None if nothing was called and nothing is wanted."""
        return _ratio(2 * self.right, self.called + self.wanted)


@dataclass(frozen=True, slots=True)
class Figures:
    """The scores of a system's verdicts.

    `unattended`: merges without asking; they count as right only if the contained side is named rightly.
    `merge_or_ask`: pairs called the same or contained, in either direction. `newer`: updates that were called a
    conflict, right if the newer side is.
    """

    pairs: int
    unattended: Rates
    merge_or_ask: Rates
    conflict: Rates
    distinct: Rates
    same: Rates
    contains: Rates
    newer: Rates
    wrong_merges: tuple[str, ...]

    @property
    def left_alone(self) -> float | None:
        """The share of look-alikes and unrelated pairs that were left alone."""
        return self.distinct.recall


def score(pairs: Sequence[GoldPair], verdicts: Sequence[Verdict]) -> Figures:
    """Compare verdicts with the gold labels of their pairs."""
    rows = list(zip(pairs, verdicts, strict=True))

    def rates(called: _Test, wanted: _Test, right: _Test | None = None) -> Rates:
        hits = [row for row in rows if called(*row)]
        return Rates(
            right=sum((right or wanted)(*row) for row in hits),
            called=len(hits),
            wanted=sum(wanted(*row) for row in rows),
        )

    return Figures(
        pairs=len(rows),
        unattended=rates(_is_merged, _is(Group.MERGE), _is_rightly_merged),
        merge_or_ask=rates(lambda _, v: v.relation in MERGING, _is(Group.MERGE)),
        conflict=rates(_is_flagged, _is(Group.CONFLICT)),
        distinct=rates(lambda _, v: v.relation is Relation.DISTINCT, _is(Group.DISTINCT)),
        same=rates(lambda _, v: v.relation is Relation.SAME, lambda p, _: p.label is Label.DUPLICATE),
        contains=rates(
            lambda _, v: v.relation in CONTAINING,
            lambda p, _: p.label is Label.CONTAINS,
            lambda p, v: p.label is Label.CONTAINS and v.relation is Relation.A_CONTAINS_B,
        ),
        newer=rates(_is_flagged_update, _is_flagged_update, lambda _, v: v.newer == "b"),
        wrong_merges=tuple(p.id for p, v in rows if _is_merged(p, v) and not _is_rightly_merged(p, v)),
    )


def is_right(pair: GoldPair, verdict: Verdict) -> bool:
    """Whether a verdict names the group of its pair."""
    return group_of(verdict.relation) is pair.label.group


def group_of(relation: Relation) -> Group:
    """Return the group that a relation belongs to."""
    if relation in MERGING:
        return Group.MERGE
    return Group.CONFLICT if relation is Relation.CONFLICT else Group.DISTINCT


_Test = Callable[[GoldPair, Verdict], bool]


def _is(group: Group) -> _Test:
    return lambda pair, _: pair.label.group is group


def _is_merged(_: GoldPair, verdict: Verdict) -> bool:
    return verdict.action is Action.MERGE


def _is_rightly_merged(pair: GoldPair, verdict: Verdict) -> bool:
    if pair.label is Label.CONTAINS:
        return verdict.relation is Relation.A_CONTAINS_B
    return pair.label is Label.DUPLICATE and verdict.relation in MERGING


def _is_flagged(_: GoldPair, verdict: Verdict) -> bool:
    return verdict.relation is Relation.CONFLICT


def _is_flagged_update(pair: GoldPair, verdict: Verdict) -> bool:
    return pair.label is Label.UPDATE and verdict.relation is Relation.CONFLICT


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
