"""Plans that leave nothing to do: the root as it would be is read and planned for before anything is written.

A plan is accepted when the dream after it would change nothing. Until then, what that dream would find is told to the
planner, and it plans anew; what does not come to rest is held back, in the last resort everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kairos.core.aftermath import Aftermath, RoleOf, aftermath
from kairos.core.facts import FileFacts
from kairos.core.foresight import Findings, Foresight, foresee
from kairos.core.permission import HELD, not_refused
from kairos.core.plan import Planner, Remembered
from kairos.core.reading import Reading
from kairos.model import Change, Plan, Skip

_PASSES = 6
"""How often a plan is made anew with what the last one would have left to do."""
_HOLDINGS = 4
"""How often more and more is held back, before everything is."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A plan after which nothing is left to do, its planner, and the keys of the changes that were held back for it.

    `past` is the root after the plan; None where it changes nothing. `proposals` are those that are left then: what is
    rewritten beside an entry can take a proposal away, or give it another key.
    """

    plan: Plan
    planner: Planner
    past: Aftermath | None = None
    held: frozenset[str] = frozenset()
    proposals: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A plan, and the changes that the dream after it would make."""

    plan: Plan
    planner: Planner
    left: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Settling:
    """Looks ahead. `find` returns what is found in another reading, `now` is the time of writing."""

    find: Callable[[Reading], Findings]
    role_of: RoleOf
    now: datetime
    _facts: dict[str, FileFacts] = field(default_factory=dict)  # of the files as the last plan left them

    def settle(self, planner: Planner) -> Settled:
        """Return the planner's plan, or the most of it after which the next dream has nothing to do."""
        held: dict[str, Change] = {}
        for _ in range(_HOLDINGS):
            found = self._planned(_without(planner, held))
            if isinstance(found, Settled):
                return _saying_so(found, held)
            culprits = _culprits(found)
            held |= culprits if culprits.keys() - held.keys() else _by_key(found.plan.changes)
        return _at_rest(planner, planner.plan())

    def _planned(self, planner: Planner) -> Settled | _Unsettled:
        """Plan until the plan takes care of all that comes of it, at most a few times."""
        for _ in range(_PASSES):
            sketch = planner.sketch()
            plan = sketch.plan
            if not plan.changes:
                return Settled(planner.explained(sketch), planner)
            past = self._aftermath(plan.changes, planner.reading)
            following = self._following(planner, plan, past)
            rest = following.sketch().plan
            if not rest.changes:
                plan = replace(planner.explained(sketch), conflicts=rest.conflicts)
                return Settled(plan, planner, past, proposals=rest.proposals)
            foreseen = foresee(
                planner.foreseen,
                pairs=planner.pairs,
                later=replace(following.findings, pairs=following.pairs, twins=following.sure_twins),
                conflicts=rest.conflicts,
                past=past,
                reading=planner.reading,
            )
            planner = replace(planner, foreseen=foreseen)
        return _Unsettled(plan, planner, rest.changes)

    def _aftermath(self, changes: Sequence[Change], reading: Reading) -> Aftermath:
        """Return the root as some changes leave it now."""
        past = aftermath(changes, reading, self.role_of, int(self.now.timestamp() * 1e9), self._facts)
        self._facts.update(past.reading.facts)
        return past

    def _following(self, planner: Planner, plan: Plan, past: Aftermath) -> Planner:
        """Return the planner of the dream after a plan."""
        return replace(
            planner,
            reading=past.reading,
            findings=self.find(past.reading),
            remembered=_remembering(planner.remembered, plan),
            foreseen=Foresight(),
        )


def _culprits(found: _Unsettled) -> dict[str, Change]:
    """Return, by key, what is left, and all that touches, or relies on, a file that would be changed again."""
    again = set().union(*map(_files, found.left))
    mixed_up = [change for change in found.plan.changes if _files(change) & again]
    return _by_key((*found.left, *mixed_up))


def _by_key(changes: Iterable[Change]) -> dict[str, Change]:
    return {change.key: change for change in changes if not change.derived}


def _files(change: Change) -> set[str]:
    witness = {change.witness.place.file} if change.witness else set()
    return {edit.path for edit in change.edits if not change.derived} | witness


def _without(planner: Planner, held: Iterable[str]) -> Planner:
    refused = {**planner.remembered.refused, **dict.fromkeys(held, HELD)}
    return replace(planner, remembered=replace(planner.remembered, refused=refused))


def _saying_so(found: Settled, held: Mapping[str, Change]) -> Settled:
    """Return a plan that names all that was held back, also what would only have come up after it."""
    told = {skip.advice for skip in found.plan.skipped}
    _, skips = not_refused(tuple(held.values()), dict.fromkeys(held, HELD))
    more = tuple(skip for skip in skips if skip.advice not in told)
    plan = replace(found.plan, skipped=(*found.plan.skipped, *more))
    return replace(found, plan=plan, held=frozenset(held))


def _remembering(remembered: Remembered, plan: Plan) -> Remembered:
    """Return what the next dream remembers of a plan that is carried out."""
    witnesses = {(c.witness.place.file, c.witness.place.text) for c in plan.changes if c.witness}
    return replace(
        remembered,
        since={**remembered.since, **{conflict.id: conflict.since for conflict in plan.conflicts}},
        witnesses=remembered.witnesses | witnesses,
    )


def _at_rest(planner: Planner, plan: Plan) -> Settled:
    """Leave everything to a person: no part of the plan comes to rest."""
    reason = "whatever is done leaves the next dream more to do"
    skip = Skip("the whole plan", reason, "Look at the proposals and approve them one by one.")
    waiting = tuple(change for change in plan.changes if not change.derived)
    still = replace(
        plan,
        base={},
        changes=(),
        proposals=(*waiting, *plan.proposals),
        conflicts=planner.open_conflicts(),
        skipped=(*plan.skipped, skip),
        index_after=plan.index_before,
    )
    return Settled(still, planner)
