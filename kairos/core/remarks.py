"""What is remembered of every pair that was judged: what `kairos explain` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kairos.core.reading import Reading, place
from kairos.model import Action, Decision, JudgedPair, Place

_REMARKS_PER_ENTRY = 5


def decisions(
    pairs: Sequence[JudgedPair], reading: Reading, remarks: Mapping[frozenset[str], str]
) -> tuple[Decision, ...]:
    """Keep, for every entry, its most telling pairs; `remarks` say what became of some."""
    count: dict[str, int] = {}
    places: dict[str, Place] = {}
    found = []
    telling = sorted(
        pairs, key=lambda p: (p.judgement.action is Action.NONE, -p.judgement.confidence, p.a, p.b)
    )
    for pair in telling:
        a, b, judgement = pair.a, pair.b, pair.judgement
        if min(count.get(a, 0), count.get(b, 0)) >= _REMARKS_PER_ENTRY:
            continue
        for side in (a, b):
            count[side] = count.get(side, 0) + 1
            if side not in places:
                places[side] = place(reading.entries[side])
        outcome = judgement.relation + ", " + judgement.action
        if remark := remarks.get(frozenset((a, b)), "") if remarks else "":
            outcome = f"{outcome}: {remark}"
        found.append(Decision((places[a], places[b]), outcome, judgement.evidence, judgement.confidence))
    return tuple(found)
