"""The acting side of a dream: verifies a plan, applies it to the root, and records the dream in the state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote

from kairos.core.markdown.render import file_changes
from kairos.core.root.provenance import merged_notes
from kairos.core.verification.verify import violations
from kairos.dream.analysis import Analysis
from kairos.dream.outcome import Outcome, Progress, Status, statistics
from kairos.errors import KairosError, PlanRefusedError
from kairos.layouts import Layout
from kairos.model import Change, Receipt, Skip
from kairos.store.interruption import INTERRUPTION
from kairos.store.packing import packed
from kairos.store.provenance import join, remember
from kairos.store.records import Settlement, TransactionKind, Verdict
from kairos.store.transaction import Store


@dataclass(frozen=True, slots=True)
class Applier:
    """Acts on one root. `now` is the time of everything it records, `left` what recovery left alone beforehand."""

    store: Store
    root: Path
    layout: Layout
    now: datetime
    progress: Progress
    left: tuple[Skip, ...] = ()

    @property
    def foreign_lock(self) -> Path | None:
        """The lock file of the agent that owns this root, if its layout has one."""
        return self.root / self.layout.foreign_lock if self.layout.foreign_lock else None

    def recover(self) -> tuple[Skip, ...]:
        """Finish or roll back what a crash interrupted; returns what had to be left alone."""
        return self.store.recover(self.root, foreign_lock=self.foreign_lock, flocked=self.layout.flocked)

    def apply(
        self,
        analysis: Analysis,
        kind: TransactionKind,
        note: str = "",
        settles: Settlement | None = None,
    ) -> Receipt:
        """Apply a verified plan as one transaction, recorded with `note`. Raises what `Store.apply` raises."""
        plan, reading = analysis.plan, analysis.reading
        before = {path: source.data for path, source in reading.sources.items()}
        modes = {path: source.mode for path, source in reading.sources.items()}
        index = reading.index
        self.progress("apply", 0, 1)
        receipt = self.store.apply(
            self.root,
            file_changes(before, plan.changes, modes=modes, index=index.path if index else None),
            kind=kind,
            at=self.now,
            changes=analysis.redacted_plan.changes,
            base=plan.base,
            note=note,
            settles=settles,
            foreign_lock=self.foreign_lock,
            flocked=self.layout.flocked,
        )
        self.progress("apply", 1, 1)
        return receipt

    @INTERRUPTION.held_back()
    def note(
        self,
        analysis: Analysis,
        status: Status,
        receipt: Receipt | None,
        waiting: Iterable[Change],
        considered: bytes | None = None,
    ) -> int:
        """Record a finished dream in the state, atomically; returns its number.

        `waiting` are the changes to record as proposals. `considered` is `analysis.considered()` in packed form, if the
        caller has it already.
        """
        decided = packed(analysis.considered()) if considered is None else considered
        plan, state = analysis.redacted_plan, self.store.state
        waiting = tuple(map(analysis.exposed.redactor.change, waiting))
        budget = analysis.planner.settings.budget
        stats = statistics(
            plan,
            budget,
            analysis.consultation,
            recall=analysis.recall,
            exposures=analysis.exposures,
            left=analysis.left if receipt else None,
        )
        with _admitting_changes(plan.root, receipt), state.writing():
            state.sync_conflicts(plan.root, plan.conflicts)
            state.sync_proposals(plan.root, waiting, today=plan.today)
            for key in analysis.held if receipt else ():
                state.decide(plan.root, key, Verdict.HELD, at=self.now)
            for key in analysis.waiting if receipt else ():
                state.decide(plan.root, key, Verdict.WAITS, at=self.now)
            number = state.record_dream(
                plan.root,
                at=self.now,
                today=plan.today,
                outcome=status.value,
                transaction=receipt.transaction if receipt else None,
                stats={**stats, "waiting": len(waiting)},
                skipped=(*plan.skipped, *self.left, *(receipt.skipped if receipt else ())),
                decisions=decided,
            )
            remember(state, plan.root, analysis.provenance, dream=number, today=plan.today)
            if receipt:
                join(state, plan.root, merged_notes(plan.changes))
            return number

    @INTERRUPTION.held_back()
    def carry_out(
        self,
        analysis: Analysis,
        kind: TransactionKind,
        note: str = "",
        settles: Settlement | None = None,
    ) -> Outcome:
        """Verify and apply what a person decided, recorded with `note`."""
        verify(analysis, approved=True)
        receipt = self.apply(analysis, kind, note, settles)
        with _admitting_changes(analysis.plan.root, receipt):
            self.store.state.sync_conflicts(analysis.redacted_plan.root, analysis.redacted_plan.conflicts)
            join(self.store.state, analysis.plan.root, merged_notes(analysis.plan.changes))
        status = Status.PARTIAL if receipt.skipped else Status.APPLIED
        return analysis.outcome(status, receipt=receipt, skipped=receipt.skipped)


@contextmanager
def _admitting_changes(root: str, receipt: Receipt | None) -> Iterator[None]:
    """Add to the advice of an error raised in the block that the notes were changed before: no report will say so."""
    try:
        yield
    except KairosError as error:
        if receipt is not None:
            undo = f"kairos undo {quote(root)} t{receipt.transaction}"
            error.advice = (
                f"{error.advice} Before that, the notes were changed: `{undo}` takes that back.".lstrip()
            )
        raise


def verify(analysis: Analysis, *, approved: bool = False) -> None:
    """Raise PlanRefusedError if a plan breaks an invariant; `approved` if a person decided on it."""
    budget = analysis.planner.settings.budget
    broken = violations(analysis.plan, analysis.reading, budget, approved=approved)
    if broken:
        raise PlanRefusedError(tuple(one.sentence for one in broken))
