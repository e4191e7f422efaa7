"""The last gate before a plan is accepted: what it removes must still be found in the root as it would be afterwards.

Each probe is an exact search over all claims, before and after the plan. If the dropped text was among the first
results but its witness would not be, the change becomes a proposal and the root is planned for again without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from kairos.core.change.probes import PROBED, Probe, probes
from kairos.core.index.linker import Linker
from kairos.core.planning.plan import Planner
from kairos.core.root.figures import RECALL_AT, Recall
from kairos.core.root.reading import Reading
from kairos.dream.answers import ClaimIndex, ranks
from kairos.dream.look import Look
from kairos.dream.settling import Settled, Settling
from kairos.model import Conflict

_MAX_ROUNDS = 4
"""After this many rounds, all changes that could fail become proposals, not only those that did."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A settled plan that passed the gate; `waiting` has the keys of the changes that did not."""

    settled: Settled
    recall: Recall
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecallGate:
    """Admits plans after which everything is still found. `look` is the look that they were made from."""

    settling: Settling
    look: Look

    def admit(self, planner: Planner) -> Admitted:
        """Return a settled plan without the changes whose witness would not be found."""
        waiting: frozenset[str] = frozenset()
        failed: frozenset[Probe] = frozenset()
        conflicts: tuple[Conflict, ...] | None = None
        for number in count(1):
            settled = self.settling.settle(_with_waiting(planner, waiting, conflicts))
            conflicts = settled.plan.conflicts
            asked, hidden = self._probed(settled, planner.reading)
            if not hidden:
                return Admitted(settled, Recall(len(asked) + len(failed), len(asked)), waiting)
            failed |= hidden
            waiting |= {probe.change for probe in hidden}
            if number >= _MAX_ROUNDS:  # another round costs as much as a whole dream
                waiting |= {change.key for change in settled.plan.changes if change.kind in PROBED}
        raise AssertionError("a plan without witnesses hides nothing")

    def _probed(self, settled: Settled, reading: Reading) -> tuple[frozenset[Probe], frozenset[Probe]]:
        """Return the probes that the root answers now, and those of them that it no longer would after the plan."""
        changes, aftermath = settled.plan.changes, settled.aftermath
        if aftermath is None or not any(change.kind in PROBED for change in changes):
            return frozenset(), frozenset()
        wanted = probes(changes, reading, aftermath, Linker(reading).pointers)
        now, later = reading.derived(ClaimIndex), ClaimIndex(aftermath.reading)
        asked, hidden = set(), set()
        found = ranks(self.look.vectors, wanted, now, later)
        for probe, (before, after) in zip(wanted, found, strict=True):
            if before < RECALL_AT:
                asked.add(probe)
                if after >= RECALL_AT:
                    hidden.add(probe)
        return frozenset(asked), frozenset(hidden)


def _with_waiting(
    planner: Planner, waiting: frozenset[str], conflicts: tuple[Conflict, ...] | None
) -> Planner:
    """Return a planner that makes some changes proposals, and starts from `conflicts`, open after the last plan."""
    history = replace(planner.history, unfindable=planner.history.unfindable | waiting)
    return replace(planner, history=history, foreseen=replace(planner.foreseen, conflicts=conflicts))
