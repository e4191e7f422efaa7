"""What a person decides between dreams: conflicts settled, proposals approved or rejected."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kairos.core.change.taken_back import answers
from kairos.core.index.linker import Linker
from kairos.core.planning.conflicts import settle
from kairos.core.root.reading import Reading, place
from kairos.dream.analysis import Analysis
from kairos.dream.applier import Applier
from kairos.dream.outcome import Outcome, Status
from kairos.errors import ChangedError, UsageError
from kairos.model import Plan, RemoveFile, Skip
from kairos.store.interruption import INTERRUPTION
from kairos.store.records import ProposalStatus, Settlement, TransactionKind
from kairos.store.state import State
from kairos.store.transaction import Store

Keep = Literal["a", "b", "both"]
SKIPPED_PROPOSAL_PREFIX = "proposal "
"""How `Skip.what` begins for a proposal that was not applied."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Carries out decisions. `applier_for` returns the applier for a root, `analyse` analyses a root as it is now."""

    store: Store
    applier_for: Callable[[Path], Applier]
    analyse: Callable[[Path], Analysis]

    def resolve(self, conflict_id: str, keep: Keep, root: Path | None = None) -> Outcome:
        """Settle a conflict by keeping one side, or both. Raises UsageError if no such conflict is open."""
        record = next((r for r in self.store.state.conflicts(root) if r.conflict.id == conflict_id), None)
        if record is None:
            raise UsageError(f"There is no open conflict {conflict_id}.", "See `kairos conflicts`.")
        root = Path(record.root)
        found = self.analyse(root)
        analysis = (
            _keeping_both(found, conflict_id) if keep == "both" else _removing_loser(found, conflict_id, keep)
        )
        kept = "both are kept" if keep == "both" else f"{keep} is kept"
        settles = Settlement(conflict_id, None if keep == "both" else keep)
        return self.applier_for(root).carry_out(
            analysis, TransactionKind.RESOLVE, f"{conflict_id}: {kept}", settles
        )

    def approve(self, keys: Collection[str], root: Path | None = None) -> Outcome:
        """Apply proposals of one root, all in one transaction.

        Those that no longer hold, or cannot be combined with the others, are reported as skipped. Raises UsageError for
        an unknown or ambiguous key and for keys of several roots, ChangedError if none of them can be applied.
        """
        state = self.store.state
        name, known = _of_one_root(state, keys, root)
        root = Path(name)
        analysis = self.analyse(root)
        plan, done = _combined(analysis, known)
        if not done:
            proposals = (
                f"The proposal {next(iter(known))} is out of date"
                if len(known) == 1
                else "All of these proposals are out of date"
            )
            raise ChangedError(f"{proposals}: its notes have changed.", (), "Dream again.")
        with INTERRUPTION.held_back():  # what was carried out is also remembered
            outcome = self.applier_for(root).carry_out(replace(analysis, plan=plan), TransactionKind.APPROVE)
            for full in done:
                state.forget_decision(name, full)  # only now: a refusal stands if the change was not applied
                state.set_proposal(name, full, ProposalStatus.APPROVED)
        return _with_skips(outcome, sorted(known - done))


def _of_one_root(state: State, keys: Collection[str], root: Path | None) -> tuple[str, frozenset[str]]:
    """Return the root of some proposals, and their full keys. Raises UsageError if they are of several roots."""
    found = {proposal(state, key, root) for key in keys}
    roots = {name for name, _ in found}
    if len(roots) != 1:
        raise UsageError(
            "These proposals belong to more than one memory directory.", "Decide one directory at a time."
        )
    return roots.pop(), frozenset(full for _, full in found)


def _combined(analysis: Analysis, keys: frozenset[str]) -> tuple[Plan, frozenset[str]]:
    """Return a plan that applies as many of some proposals as possible, and the keys of those.

    An entry and its witness never go together: a merge whose witness another proposal removes is left out.
    """
    left = keys
    while True:
        plan = analysis.planner.plan(only=left)
        again = [change for change in analysis.planner.history.upkeep if change.key in left]
        done = frozenset(change.key for change in plan.changes if change.key in left).union(
            one.key for one in again if any(answers(change, one) for change in plan.changes)
        )
        unwitnessed = left & _losing_witness(plan, analysis.reading)
        if not unwitnessed:
            return plan, done
        left -= unwitnessed


def _losing_witness(plan: Plan, reading: Reading) -> frozenset[str]:
    """Return the keys of changes whose witness is removed by the same plan."""
    gone = {change.subject for change in plan.changes if not change.derived}
    files = {
        edit.path
        for change in plan.changes
        for edit in change.edits
        if isinstance(edit, RemoveFile) and not edit.if_empty
    }
    return frozenset(
        change.key
        for change in plan.changes
        if change.witness is not None
        and (kept := reading.entries.get(change.witness.entry_id)) is not None
        and (kept.path in files or place(kept) in gone)
    )


def _with_skips(outcome: Outcome, keys: Sequence[str]) -> Outcome:
    """Return the outcome with a skip for each proposal that was not applied."""
    why = "its notes have changed, or what would replace it is removed as well"
    left = tuple(Skip(f"{SKIPPED_PROPOSAL_PREFIX}{key}", why, "Dream again.") for key in keys)
    status = Status.PARTIAL if left else outcome.status
    return replace(outcome, status=status, skipped=(*outcome.skipped, *left))


def _keeping_both(analysis: Analysis, conflict_id: str) -> Analysis:
    """Return a plan under which a conflict is no longer open.

    It rewrites at most the managed note. Even without a managed note it makes a transaction, so that it can be undone.
    """
    history = analysis.planner.history
    settled = replace(history, settled=history.settled | {conflict_id})
    planner = replace(analysis.planner, history=settled)
    return replace(analysis, planner=planner, plan=planner.plan(only=frozenset()))


def _removing_loser(analysis: Analysis, conflict_id: str, keep: Literal["a", "b"]) -> Analysis:
    """Return the plan that removes the losing side of a conflict. Raises ChangedError if it is no longer a conflict."""
    sides = analysis.planner.sides(conflict_id)
    conflict = next((c for c in analysis.planner.open_conflicts() if c.id == conflict_id), None)
    if sides is None or conflict is None:
        raise ChangedError(
            f"The conflict {conflict_id} is out of date: its notes have changed.", (), "Dream again."
        )
    winner, loser = sides if keep == "a" else sides[::-1]
    reason = f"you kept {winner.path}:{winner.line}"
    change = settle(
        conflict, loser, winner, analysis.reading, Linker(analysis.reading).edits_for_removed, reason=reason
    )
    return replace(analysis, plan=analysis.planner.resolution(change))


def matching_proposals(state: State, key: str, root: Path | None = None) -> frozenset[tuple[str, str]]:
    """Return (root, full key) of all proposals, or failing those refused changes, whose key starts with `key`."""
    waiting = {(p.root, p.change.key) for p in state.proposals(root) if p.change.key.startswith(key)}
    roots = state.roots() if root is None else (os.path.realpath(root),)
    return frozenset(
        waiting or {(name, full) for name in roots for full in state.decisions(name) if full.startswith(key)}
    )


def proposal(state: State, key: str, root: Path | None = None) -> tuple[str, str]:
    """Return (root, full key) of the one proposal or refused change whose key starts with `key`.

    Looks in all roots, or only in `root`. Raises UsageError if there is none or more than one.
    """
    found = matching_proposals(state, key, root)
    if len(found) != 1:
        problem = "There is no proposal" if not found else "More than one proposal matches"
        raise UsageError(f"{problem} {key}.", "See `kairos proposals`.")
    return next(iter(found))
