"""The last gate before a plan is accepted: what it takes away must be found again in the root as it would be.

Each probe is answered by exact search over all claims, now and then. A change whose witness does not come up where the
dropped words did becomes a proposal, and the root is planned for anew without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from kairos.core.figures import FIRST, Recall
from kairos.core.linker import Linker
from kairos.core.plan import Planner
from kairos.core.probes import PROBED, Probe, probes
from kairos.core.reading import Reading
from kairos.dream.compared import compared_claims
from kairos.dream.look import Look
from kairos.dream.settling import Settled, Settling
from kairos.model import Claim, Conflict

_ROUNDS = 4
"""How often a root is planned for anew without what fails, before whatever could fail waits together."""
_DECIMALS = 6  # as in `kairos.ml.neighbours`: what differs less is equal


@dataclass(frozen=True, slots=True)
class Admitted:
    """A settled plan that passed the gate; `waiting` are the keys of the changes that did not."""

    settled: Settled
    recall: Recall
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecallGate:
    """Lets plans through that hide nothing. `look` is the look at the root that they are made for."""

    settling: Settling
    look: Look

    def admit(self, planner: Planner) -> Admitted:
        """Return the settled plan without the changes whose witness would not be found."""
        waiting: frozenset[str] = frozenset()
        failed: frozenset[Probe] = frozenset()
        conflicts: tuple[Conflict, ...] | None = None
        for number in count(1):
            settled = self.settling.settle(_without(planner, waiting, conflicts))
            conflicts = settled.plan.conflicts
            asked, hidden = self._answers(settled, planner.reading)
            if not hidden:
                return Admitted(settled, Recall(len(asked) + len(failed), len(asked)), waiting)
            failed |= hidden
            waiting |= {probe.change for probe in hidden}
            if number >= _ROUNDS:  # each further round costs as much as a dream
                waiting |= {change.key for change in settled.plan.changes if change.kind in PROBED}
        raise AssertionError("a plan without witnesses hides nothing")

    def _answers(self, settled: Settled, reading: Reading) -> tuple[frozenset[Probe], frozenset[Probe]]:
        """Return the probes that the root answers now, and those of them that it would not answer after the plan."""
        changes, past = settled.plan.changes, settled.past
        if past is None or not any(change.kind in PROBED for change in changes):
            return frozenset(), frozenset()
        wanted = probes(changes, reading, past, Linker(reading).pointers)
        now, later = reading.once(Shelf), Shelf(past.reading)
        lines = self.look.vectors.lines([probe.text for probe in wanted], (now.texts, later.texts))
        asked, hidden = set(), set()
        for probe, (before, after) in zip(wanted, lines, strict=True):
            if now.rank(before, probe.before, by_note=probe.by_note) < FIRST:
                asked.add(probe)
                if later.rank(after, probe.after, by_note=probe.by_note) >= FIRST:
                    hidden.add(probe)
        return frozenset(asked), frozenset(hidden)


class Shelf:
    """All claims of a root that are compared, to be searched for the entries or notes that answer a question."""

    def __init__(self, reading: Reading) -> None:
        found = reading.once(compared_claims)
        self.texts = [claim.embedded for claim in found]
        self._entries = _Groups.of([claim.entry_id for claim in found])
        self._notes = _Groups.of([_path(claim, reading) for claim in found])

    def rank(self, line: NDArray[np.float32], answers: frozenset[str], *, by_note: bool) -> int:
        """Return how many entries (or notes) come before the first that answers; as many as there are for none.

        `line` are the cosines of a question and the texts, `answers` are ids of entries, or with `by_note` paths.
        """
        return (self._notes if by_note else self._entries).rank(line, answers)


def _path(claim: Claim, reading: Reading) -> str:
    return reading.entries[claim.entry_id].path


@dataclass(frozen=True, slots=True)
class _Groups:
    """Columns that belong together, side by side: the number of the group of each column, where each group begins and
    the last one ends (`starts`), and which one has a name."""

    positions: Mapping[str, int]
    starts: NDArray[np.int64]
    of_column: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Sequence[str]) -> _Groups:
        """Return the groups of equal labels; equal labels stand side by side."""
        firsts: dict[str, int] = {}
        for column, label in enumerate(labels):
            firsts.setdefault(label, column)
        positions = {name: position for position, name in enumerate(firsts)}
        starts = np.array([*firsts.values(), len(labels)], dtype=np.int64)
        return cls(positions, starts, np.repeat(np.arange(len(firsts)), np.diff(starts)))

    def rank(self, scores: NDArray[np.float32], wanted: frozenset[str]) -> int:
        """Return how many groups have a better score than the best of the wanted ones."""
        if not self.positions:
            return FIRST
        own = [self._best(scores, self.positions[name]) for name in wanted if name in self.positions]
        if not own:
            return max(len(self.positions), FIRST)
        best = np.max(own)
        better = np.flatnonzero(scores > best - 2 * 10**-_DECIMALS)  # all but a few need no rounding
        better = better[np.round(scores[better], _DECIMALS) > best]
        return len(set(self.of_column[better].tolist()))

    def _best(self, scores: NDArray[np.float32], group: int) -> np.float32:
        """Return the best score of a group."""
        own = scores[self.starts[group] : self.starts[group + 1]]
        return np.float32(np.round(own.max(), _DECIMALS))


def _without(planner: Planner, waiting: frozenset[str], conflicts: tuple[Conflict, ...] | None) -> Planner:
    """Return the planner for which some changes wait; `conflicts` are those that stood after the last plan."""
    remembered = replace(planner.remembered, waiting=planner.remembered.waiting | waiting)
    return replace(planner, remembered=remembered, foreseen=replace(planner.foreseen, conflicts=conflicts))
