"""Finds a settled plan: one after which the next dream changes nothing.

Before anything is written, the root is read and planned for as it would be after the plan. What the next dream would
still change is fed back to the planner, which plans again. Changes that never settle are held back, in the last resort
all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from kairos.core.change.aftermath import Aftermath, RoleOf, aftermath
from kairos.core.change.foresight import Findings, Foresight, foresee
from kairos.core.change.permission import HELD, UNSOUND, split_refused
from kairos.core.planning.plan import History, Planner, Sketch
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.core.verification.verify import violations
from kairos.model import Change, Conflict, Plan, Skip

_MAX_PASSES = 6
"""How often a plan is revised with what the previous one would have left to do."""
_MAX_HOLD_ROUNDS = 4
"""How often further changes are held back before everything is."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A plan after which the next dream changes nothing, and the planner that made it.

    `aftermath` is the root after the plan; None if the plan changes nothing. `held` has the keys of the changes held
    back. `proposals` are those that remain after the plan: rewriting text next to an entry can remove a proposal or
    change its key. `remarks` say what became of some pairs.
    """

    plan: Plan
    planner: Planner
    aftermath: Aftermath | None = None
    held: frozenset[str] = frozenset()
    proposals: tuple[Change, ...] = ()
    remarks: Mapping[frozenset[str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Unsettled:
    """A plan that did not settle, its planner, and the changes that the dream after it would make."""

    plan: Plan
    planner: Planner
    left: tuple[Change, ...]


class _Leftover(NamedTuple):
    """The changes that the dream after a plan would make, and the foresight for the next attempt."""

    foreseen: Foresight
    changes: tuple[Change, ...]


class _Held(NamedTuple):
    """A change that is held back, and why: a value for `History.refused`."""

    change: Change
    why: str


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles plans by looking ahead.

    `find` returns the findings of a look at another reading. `now` is the time at which files would be written.
    """

    find: Callable[[Reading], Findings]
    role_of: RoleOf
    now: datetime
    _facts: dict[str, FileFacts] = field(default_factory=dict)  # of files as an earlier plan would leave them
    _held: dict[str, _Held] = field(default_factory=dict)

    def settle(self, planner: Planner) -> Settled:
        """Return the planner's plan, or as much of it as settles.

        A change that was held back once stays so for the rest of this dream, since finding that out again costs as much
        as everything else. Changes that verification would refuse are held back too, so that they do not block the
        others.
        """
        held, conflicts = self._held, planner.foreseen.conflicts
        for _ in range(_MAX_HOLD_ROUNDS):
            found = self._plan_until_settled(_holding_back(planner, held, conflicts))
            if isinstance(found, Settled):
                culprits = _violating(found.plan, planner)
                if not culprits:
                    return _reporting_held(found, held)
            else:
                culprits = _as_held(_culprits(found))
            held |= culprits if culprits.keys() - held.keys() else _as_held(_by_key(found.plan.changes))
            conflicts = found.planner.foreseen.conflicts
        return _all_proposed(planner, planner.sketch())

    def _plan_until_settled(self, planner: Planner) -> Settled | _Unsettled:
        """Plan until one plan settles, at most `_MAX_PASSES` times, each with the foresight gained from the last."""
        for _ in range(_MAX_PASSES):
            sketch = planner.sketch()
            if _is_excessive(sketch, planner.foreseen):
                planner = _without_removals(planner, sketch.excess)
                sketch = planner.sketch()
            plan = sketch.plan
            if not plan.changes and planner.foreseen.conflicts is None:
                return Settled(plan, planner, remarks=sketch.remarks)
            found = self._look_ahead(planner, sketch)
            if isinstance(found, Settled):
                return found
            left = found.changes
            if found.foreseen == planner.foreseen:  # nothing new, so the next plan would be the same
                break
            planner = replace(planner, foreseen=found.foreseen)
        return _Unsettled(plan, planner, left)

    def _look_ahead(self, planner: Planner, sketch: Sketch) -> Settled | _Leftover:
        """Look at the root as a plan would leave it.

        That reading is as large as the root: of it, only what is returned stays in memory until the next look.
        """
        plan = sketch.plan
        aftermath = self._aftermath(plan.changes, planner.reading)
        next_planner = self._planner_after(planner, plan, aftermath)
        next_plan = next_planner.sketch().plan
        if not next_plan.changes:
            plan = replace(plan, conflicts=next_plan.conflicts)
            return Settled(plan, planner, aftermath, proposals=next_plan.proposals, remarks=sketch.remarks)
        foreseen = foresee(
            planner.foreseen,
            pairs=planner.pairs,
            later=replace(next_planner.findings, pairs=next_planner.pairs, twins=next_planner.sure_twins),
            conflicts=next_plan.conflicts,
            aftermath=aftermath,
            reading=planner.reading,
        )
        return _Leftover(foreseen, next_plan.changes)

    def _aftermath(self, changes: Sequence[Change], reading: Reading) -> Aftermath:
        """Return the root as it would be after some changes, and keep the facts of the files that they change."""
        found = aftermath(changes, reading, self.role_of, int(self.now.timestamp() * 1e9), self._facts)
        self._facts.update(found.reading.facts)
        return found

    def _planner_after(self, planner: Planner, plan: Plan, aftermath: Aftermath) -> Planner:
        """Return the planner that the dream after a plan would have.

        If the plan changes nothing, that dream foresees as much as this one did, and so finds as much to be too much.
        """
        return replace(
            planner,
            reading=aftermath.reading,
            findings=self.find(aftermath.reading),
            history=_history_after(planner.history, plan),
            foreseen=Foresight(excess=None if plan.changes else planner.foreseen.excess),
        )


def _is_excessive(sketch: Sketch, foreseen: Foresight) -> bool:
    """Whether a plan would remove too much, counting the removals that were foreseen."""
    return sketch.excess is not None and foreseen.excess is None and bool(foreseen.pairs or foreseen.stale)


def _without_removals(planner: Planner, excess: Skip | None) -> Planner:
    """Return a planner that leaves all removals to a person, and so foresees nothing that follows from them."""
    return replace(planner, foreseen=Foresight(conflicts=planner.foreseen.conflicts, excess=excess))


def _culprits(found: _Unsettled) -> dict[str, Change]:
    """Return, by key, the changes left to do, and those of the plan that share a file with one of them."""
    changed_again = set().union(*map(_files, found.left))
    related = [change for change in found.plan.changes if _files(change) & changed_again]
    return _by_key((*found.left, *related))


def _violating(plan: Plan, planner: Planner) -> dict[str, _Held]:
    """Return the changes that violate an invariant, by key.

    They are those at the place of the violation, else those with one of its files, else all.
    """
    broken = violations(plan, planner.reading, planner.settings.budget) if plan.changes else ()
    found: dict[str, _Held] = {}
    for one in broken:
        placed = {c.key: c for c in plan.changes if (c.subject.file, c.subject.line) == one.place}
        filed = [c for c in plan.changes if not {c.subject.file, *_files(c)}.isdisjoint(one.files)]
        changes = placed or _by_key(filed) or _by_key(plan.changes)
        found = {key: _Held(change, f"{UNSOUND} {one.sentence}") for key, change in changes.items()} | found
    return found


def _as_held(changes: Mapping[str, Change]) -> dict[str, _Held]:
    return {key: _Held(change, HELD) for key, change in changes.items()}


def _by_key(changes: Iterable[Change]) -> dict[str, Change]:
    return {change.key: change for change in changes if not change.derived}


def _files(change: Change) -> set[str]:
    witness = {change.witness.place.file} if change.witness else set()
    return {edit.path for edit in change.edits if not change.derived} | witness


def _holding_back(
    planner: Planner, held: Mapping[str, _Held], conflicts: tuple[Conflict, ...] | None = None
) -> Planner:
    """Return a planner that holds some changes back, and starts from `conflicts` as those that will be open.

    That is a guess from an earlier plan: looking ahead corrects it.
    """
    refused = {**planner.history.refused, **_reasons(held)}
    upkeep = (*planner.history.upkeep, *(one.change for one in held.values() if one.change.derived))
    foreseen = replace(planner.foreseen, conflicts=conflicts)
    history = replace(planner.history, refused=refused, upkeep=upkeep)
    return replace(planner, history=history, foreseen=foreseen)


def _reasons(held: Mapping[str, _Held]) -> dict[str, str]:
    return {key: one.why for key, one in held.items()}


def _reporting_held(found: Settled, held: Mapping[str, _Held]) -> Settled:
    """Return the plan with a skip for every change held back, including those that only a later dream would have made.

    The result's `held`, which later dreams remember, leaves out what verification would refuse: they try it again.
    """
    known = {(skip.what, skip.advice) for skip in found.plan.skipped}
    _, skips = split_refused(
        tuple(one.change for one in held.values() if not one.change.derived), _reasons(held)
    )
    more = tuple(skip for skip in skips if (skip.what, skip.advice) not in known)
    plan = replace(found.plan, skipped=(*found.plan.skipped, *more))
    return replace(found, plan=plan, held=frozenset(key for key, one in held.items() if one.why == HELD))


def _history_after(history: History, plan: Plan) -> History:
    """Return what the next dream would remember once a plan is applied."""
    witnesses = {(c.witness.place.file, c.witness.place.text) for c in plan.changes if c.witness}
    return replace(
        history,
        first_seen={**history.first_seen, **{conflict.id: conflict.since for conflict in plan.conflicts}},
        witnesses=history.witnesses | witnesses,
    )


def _all_proposed(planner: Planner, sketch: Sketch) -> Settled:
    """Return a plan that changes nothing and leaves everything to a person, since no part of it settles."""
    plan = sketch.plan
    reason = "every part of it would leave the next dream more to do"
    skip = Skip("the whole plan", reason, "Review the proposals and approve them one by one.")
    waiting = tuple(change for change in plan.changes if not change.derived)
    unchanged = replace(
        plan,
        base={},
        changes=(),
        proposals=(*waiting, *plan.proposals),
        conflicts=planner.open_conflicts(),
        skipped=(*plan.skipped, skip),
        index_after=plan.index_before,
    )
    return Settled(unchanged, planner, remarks=sketch.remarks)
