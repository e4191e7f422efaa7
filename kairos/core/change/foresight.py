"""What the next dream would find once a plan is done, told in terms of the root as it is now.

A plan that knows this leaves the next dream nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kairos.core.change.aftermath import Aftermath
from kairos.core.root.reading import Reading
from kairos.model import Action, Conflict, Evidence, Finding, JudgedPair, Judgement, Relation, Skip

_TELLING = frozenset({Action.MERGE, Action.FLAG})


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a reading."""

    pairs: tuple[JudgedPair, ...] = ()
    stale: tuple[Finding, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Foresight:
    """What will be found afterwards: `pairs` are judged for where they stand then, `conflicts` are all that are open
    then, with the places and texts of then (None: nobody has looked). With all this the plan would remove too much, if
    `excess` says so."""

    pairs: tuple[JudgedPair, ...] = ()
    stale: tuple[Finding, ...] = ()
    conflicts: tuple[Conflict, ...] | None = None
    excess: Skip | None = None

    def over(self, pairs: Iterable[JudgedPair]) -> tuple[JudgedPair, ...]:
        """Return `pairs` with those that will be judged otherwise in their place, and those that will be new."""
        if not self.pairs:
            return tuple(pairs)
        later = {_key(pair): pair for pair in self.pairs}
        ids = {id_ for key in later for id_ in key}
        found = [later.pop(_key(pair), pair) if pair.a in ids and pair.b in ids else pair for pair in pairs]
        return (*found, *later.values())


def foresee(
    known: Foresight,
    *,
    pairs: Iterable[JudgedPair],
    later: Findings,
    conflicts: tuple[Conflict, ...],
    past: Aftermath,
    reading: Reading,
) -> Foresight:
    """Return `known` and what is new in `later`, the findings after the plan.

    `pairs` are those that the plan was made from, `conflicts` the ones that are open after it.
    """
    judged = {_key(pair): pair.judgement.action for pair in pairs}
    new = {
        _key(pair): pair
        for pair in (*_before(later.pairs, past.origins), *_of_twins(later.twins, past))
        if _key(pair) not in judged
        or (
            pair.judgement.action in _TELLING
            and judged[_key(pair)] not in {Action.MERGE, pair.judgement.action}
        )
    }
    stale = dict.fromkeys((*known.stale, *_stale_before(later.stale, past, reading)))
    return Foresight(Foresight(tuple(new.values())).over(known.pairs), tuple(stale), conflicts, known.excess)


def _key(pair: JudgedPair) -> frozenset[str]:
    return frozenset((pair.a, pair.b))


def _before(pairs: Iterable[JudgedPair], origins: Mapping[str, str]) -> Iterator[JudgedPair]:
    for pair in pairs:
        a, b = origins.get(pair.a), origins.get(pair.b)
        if a is not None and b is not None:
            yield pair if (a, b) == (pair.a, pair.b) else replace(pair, a=a, b=b)


def _of_twins(twins: Sequence[tuple[str, str]], past: Aftermath) -> Iterator[JudgedPair]:
    """Yield the entries of files that will be byte-identical, in pairs."""
    evidence = (Evidence("words", "word for word the same"),)
    same = Judgement(Relation.SAME, Action.MERGE, 1.0, evidence)
    for kept, dropped in twins:
        entries = (past.reading.notes[path].entries for path in (kept, dropped))
        yield from _before(
            (JudgedPair(a.id, b.id, same) for a, b in zip(*entries, strict=True)), past.origins
        )


def _stale_before(found: Iterable[Finding], past: Aftermath, reading: Reading) -> Iterator[Finding]:
    """Yield findings for the entries that are there now; a note that has more of them now goes entry by entry."""
    for finding in found:
        if finding.path not in reading.notes:
            continue
        entries = (
            past.reading.notes[finding.path].entries
            if finding.entry_id is None
            else (past.reading.entries[finding.entry_id],)
        )
        origins = [past.origins[entry.id] for entry in entries if entry.id in past.origins]
        if finding.entry_id is None and len(origins) == len(reading.notes[finding.path].entries):
            yield finding
        else:
            yield from (replace(finding, entry_id=origin) for origin in origins)
