"""A plan with what it was made from."""

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
class Thought:
    """A plan, the planner that made it, and what Kairos had to do about its own files meanwhile.

    `held` are the keys of changes that were held back so that the plan leaves nothing to do, `waiting` those of merges
    that would have hidden something, `recall` tells how many probes were asked for that; `consultation` is what a
    language model was asked, where there is one; `provenance` what is new of where the notes come from, `alerts` what
    was done to them behind our back; `proposals` are those that are left once the plan is carried out, `left` is how
    many entries the root has then, `exposures_left` the credentials; `remarks` are those on pairs that the plan left.
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
        """The credentials that stand in the notes, and what keeps them out of reports and state."""
        return exposed(self.reading)

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """The credentials that stand in the notes, by where they stand."""
        return self.exposed.exposures if self.exposures_left is None else self.exposures_left

    @cached_property
    def told(self) -> Plan:
        """The plan as it is shown and kept: without any credential."""
        return self.exposed.redactor.plan(self.plan)

    def considered(self) -> Considered:
        """Return what became of each pair, as it is kept: without any credential."""
        return self.exposed.redactor.considered(self.planner.considered(self.remarks))

    @property
    def reading(self) -> Reading:
        """What was read."""
        return self.planner.reading

    def carried_out(self) -> Thought:
        """Return the thought of which all was done: what it offers is what can be approved now, and what it tells of
        stands where it stands now."""
        moved = MovedLines(self.reading, self.plan.changes)
        skipped = tuple(map(moved.skip, self.plan.skipped))
        plan = replace(self.plan, proposals=self.proposals, skipped=skipped)
        return replace(self, plan=plan, exposures_left=moved.exposures(self.exposed.exposures))

    def counselled(self, counsel: Counsel) -> Thought:
        """Return the thought with what a language model's part in it has to tell."""
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
        """Return what a dream answers that had this thought."""
        plan, told, sources = self.plan, self.told, self.reading.sources
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
