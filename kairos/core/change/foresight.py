"""What the next dream would find after a plan, in terms of the root as it is now.

A plan made with this knowledge leaves the next dream nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kairos.core.change.aftermath import Aftermath
from kairos.core.root.reading import Reading
from kairos.model import Action, Conflict, Evidence, Finding, JudgedPair, Judgement, Relation, Skip

_CONSEQUENTIAL = frozenset({Action.MERGE, Action.FLAG})


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a reading: judged pairs, what is stale, and byte-identical files as (kept, dropped)."""

    pairs: tuple[JudgedPair, ...] = ()
    stale: tuple[Finding, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Foresight:
    """What will be found after the plan.

    `pairs` are judged for their places at that time. `conflicts` are all those open then, with their places and texts
    then; None if nobody has looked yet. `excess` is set if, with all of this, the plan would remove too much.
    """

    pairs: tuple[JudgedPair, ...] = ()
    stale: tuple[Finding, ...] = ()
    conflicts: tuple[Conflict, ...] | None = None
    excess: Skip | None = None

    def applied_to(self, pairs: Iterable[JudgedPair]) -> tuple[JudgedPair, ...]:
        """Return `pairs` as they will be judged after the plan, and those that will be new then."""
        if not self.pairs:
            return tuple(pairs)
        later = {pair.key: pair for pair in self.pairs}
        ids = {id_ for key in later for id_ in key}
        found = [later.pop(pair.key, pair) if pair.a in ids and pair.b in ids else pair for pair in pairs]
        return (*found, *later.values())


def foresee(
    known: Foresight,
    *,
    pairs: Iterable[JudgedPair],
    later: Findings,
    conflicts: tuple[Conflict, ...],
    aftermath: Aftermath,
    reading: Reading,
) -> Foresight:
    """Return `known`, extended by what is new in `later`, the findings after the plan.

    `pairs` are those that the plan was made from, `conflicts` those that are open after it.
    """
    judged = {pair.key: pair.judgement.action for pair in pairs}
    new = {
        pair.key: pair
        for pair in (*_in_present_ids(later.pairs, aftermath.origins), *_of_twins(later.twins, aftermath))
        if pair.key not in judged
        or (
            pair.judgement.action in _CONSEQUENTIAL
            and judged[pair.key] not in {Action.MERGE, pair.judgement.action}
        )
    }
    stale = dict.fromkeys((*known.stale, *_stale_in_present_ids(later.stale, aftermath, reading)))
    return Foresight(
        Foresight(tuple(new.values())).applied_to(known.pairs), tuple(stale), conflicts, known.excess
    )


def _in_present_ids(pairs: Iterable[JudgedPair], origins: Mapping[str, str]) -> Iterator[JudgedPair]:
    for pair in pairs:
        a, b = origins.get(pair.a), origins.get(pair.b)
        if a is not None and b is not None:
            yield pair if (a, b) == (pair.a, pair.b) else replace(pair, a=a, b=b)


def _of_twins(twins: Sequence[tuple[str, str]], aftermath: Aftermath) -> Iterator[JudgedPair]:
    """Yield the entries of files that will be byte-identical, pair by pair."""
    evidence = (Evidence("words", "word for word the same"),)
    same = Judgement(Relation.SAME, Action.MERGE, 1.0, evidence)
    for kept, dropped in twins:
        entries = (aftermath.reading.notes[path].entries for path in (kept, dropped))
        yield from _in_present_ids(
            (JudgedPair(a.id, b.id, same) for a, b in zip(*entries, strict=True)), aftermath.origins
        )


def _stale_in_present_ids(
    found: Iterable[Finding], aftermath: Aftermath, reading: Reading
) -> Iterator[Finding]:
    """Yield findings in terms of today's entries; a whole note that has more entries now goes entry by entry."""
    for finding in found:
        if finding.path not in reading.notes:
            continue
        entries = (
            aftermath.reading.notes[finding.path].entries
            if finding.entry_id is None
            else (aftermath.reading.entries[finding.entry_id],)
        )
        origins = [aftermath.origins[entry.id] for entry in entries if entry.id in aftermath.origins]
        if finding.entry_id is None and len(origins) == len(reading.notes[finding.path].entries):
            yield finding
        else:
            yield from (replace(finding, entry_id=origin) for origin in origins)
