"""A plan together with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kairos.core.change.effects import rendered
from kairos.core.change.moved_lines import MovedLines
from kairos.core.judgement.consultation import Consultation
from kairos.core.planning.plan import Planner
from kairos.core.root.exposure import Exposed, exposed
from kairos.core.root.figures import NO_RECALL, Alert, Exposure, Recall
from kairos.core.root.provenance import Provenance
from kairos.core.root.reading import Reading
from kairos.dream.outcome import Outcome, Status
from kairos.model import Change, Considered, Plan, Receipt, Skip

if TYPE_CHECKING:
    from kairos.dream.counsel import Counsel


@dataclass(frozen=True)
class Analysis:
    """A plan, the planner that made it, and everything else that the dream found out.

    `notices` say what Kairos had to do about its own files. `held` has the keys of changes held back so that the plan
    is settled, `waiting` the keys of changes that failed the recall gate, and `recall` the gate's figures.
    `consultation` says what a language model was asked, where one is configured. `provenance` is what is new about
    where notes come from, `alerts` are unexplained changes to them that nobody has acknowledged. `proposals`, `left`
    (the number of entries) and `exposures_left` (credentials) describe the root once the plan is applied. `remarks` say
    what became of some pairs.
    """

    plan: Plan
    planner: Planner
    notices: tuple[str, ...]
    held: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    recall: Recall = NO_RECALL
    consultation: Consultation | None = None
    provenance: Provenance = field(default_factory=Provenance)
    alerts: tuple[Alert, ...] = ()
    proposals: tuple[Change, ...] = ()
    left: int = 0
    remarks: Mapping[frozenset[str], str] = field(default_factory=dict)
    exposures_left: tuple[Exposure, ...] | None = None

    @cached_property
    def exposed(self) -> Exposed:
        """The credentials found in the notes, and the redactor that keeps them out of reports and state."""
        return exposed(self.reading)

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """The credentials in the notes, by place: where they stand after the plan, once it is carried out."""
        return self.exposed.exposures if self.exposures_left is None else self.exposures_left

    @cached_property
    def redacted_plan(self) -> Plan:
        """The plan as it is shown and recorded: with credentials redacted, except in its edits."""
        return self.exposed.redactor.plan(self.plan)

    def considered(self) -> Considered:
        """Return what became of each pair, as it is recorded: with credentials redacted."""
        return self.exposed.redactor.considered(self.planner.considered(self.remarks))

    @property
    def reading(self) -> Reading:
        """The reading that the plan was made for."""
        return self.planner.reading

    def carried_out(self) -> Analysis:
        """Return this analysis as it is once its whole plan is applied.

        Its proposals are those that can be approved then, and skips and credentials have their new line numbers.
        """
        moved = MovedLines(self.reading, self.plan.changes)
        skipped = tuple(map(moved.skip, self.plan.skipped))
        plan = replace(self.plan, proposals=self.proposals, skipped=skipped)
        return replace(self, plan=plan, exposures_left=moved.exposures(self.exposed.exposures))

    def counselled(self, counsel: Counsel) -> Analysis:
        """Return this analysis with the skips, notices and figures of the language model's part."""
        return replace(
            self,
            plan=replace(self.plan, skipped=(*self.plan.skipped, *counsel.skips())),
            notices=tuple(dict.fromkeys((*self.notices, *counsel.notices()))),
            consultation=counsel.consultation(),
        )

    def outcome(
        self,
        status: Status,
        *,
        receipt: Receipt | None = None,
        dream: int | None = None,
        first: bool = False,
        skipped: tuple[Skip, ...] = (),
    ) -> Outcome:
        """Return the outcome of a dream that ended with this analysis."""
        plan, told, sources = self.plan, self.redacted_plan, self.reading.sources
        after = rendered(plan.changes, self.reading)
        touched = {edit.path for change in plan.changes for edit in change.edits}
        return Outcome(
            plan=told,
            status=status,
            receipt=receipt,
            dream=dream,
            first=first,
            skipped=(*told.skipped, *skipped),
            notices=self.notices,
            before={path: source.data if (source := sources.get(path)) else None for path in touched},
            after={path: after[path] for path in touched},
            consultation=self.consultation,
            recall=self.recall,
            exposures=self.exposures,
            alerts=self.alerts,
        )
