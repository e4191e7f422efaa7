"""The last gate before a plan is accepted: what it takes away must be found again in the root as it would be.

Each probe is answered by exact search over all claims, now and then. A change whose witness does not come up where the
dropped words did becomes a proposal, and the root is planned for anew without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, count, takewhile

import numpy as np
from numpy.typing import NDArray

from kairos.core.figures import FIRST, Recall
from kairos.core.linker import Linker
from kairos.core.plan import Planner
from kairos.core.probes import PROBED, Probe, probes
from kairos.core.reading import Reading, path_of
from kairos.dream.compared import compared_claims
from kairos.dream.look import Look
from kairos.dream.settling import Settled, Settling
from kairos.model import Conflict

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
        self._entries = [claim.entry_id for claim in found]  # those of an entry stand side by side
        self._firsts = dict(zip(reversed(self._entries), reversed(range(len(found))), strict=True))
        self._notes = reading.notes

    def rank(self, line: NDArray[np.float32], answers: frozenset[str], *, by_note: bool) -> int:
        """Return how many entries (or notes) come before the first that answers; `FIRST`, or more, for none.

        `line` are the cosines of a question and the texts, `answers` are ids of entries, or with `by_note` paths.
        """
        ids = chain.from_iterable(map(self._ids, answers)) if by_note else answers
        own = [place for id_ in ids for place in self._places(id_)]
        if not own:
            return max(len(self._firsts), FIRST)
        best = np.round(line[own].max(), _DECIMALS)
        better = np.flatnonzero(line > best - 2 * 10**-_DECIMALS)  # all but a few need no rounding
        better = better[np.round(line[better], _DECIMALS) > best]
        found = {self._entries[place] for place in better.tolist()}
        return len(set(map(path_of, found)) if by_note else found)

    def _ids(self, path: str) -> Iterator[str]:
        """Yield the ids of the entries of a note."""
        return (entry.id for entry in self._notes[path].entries) if path in self._notes else iter(())

    def _places(self, id_: str) -> Iterator[int]:
        """Yield where the claims of an entry stand."""
        first = self._firsts.get(id_, len(self._entries))
        return takewhile(lambda place: self._entries[place] == id_, range(first, len(self._entries)))


def _without(planner: Planner, waiting: frozenset[str], conflicts: tuple[Conflict, ...] | None) -> Planner:
    """Return the planner for which some changes wait; `conflicts` are those that stood after the last plan."""
    remembered = replace(planner.remembered, waiting=planner.remembered.waiting | waiting)
    return replace(planner, remembered=remembered, foreseen=replace(planner.foreseen, conflicts=conflicts))
