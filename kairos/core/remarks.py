"""What is remembered of every pair that was judged: what `kairos explain` shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kairos.core.reading import Reading, place
from kairos.model import Action, Decision, JudgedPair, Place

_REMARKS_PER_ENTRY = 5


class _Places(dict[str, Place]):
    """The places of entries by their ids: each is made when it is first asked for."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self._entries = reading.entries

    def __missing__(self, id_: str) -> Place:
        """Make the place of one entry."""
        self[id_] = made = place(self._entries[id_])
        return made


def decisions(
    pairs: Sequence[JudgedPair], reading: Reading, remarks: Mapping[frozenset[str], str]
) -> tuple[Decision, ...]:
    """Keep, for every entry, its most telling pairs; `remarks` say what became of some."""
    count: defaultdict[str, int] = defaultdict(int)
    places = _Places(reading)
    found = []
    telling = sorted(
        pairs, key=lambda p: (p.judgement.action is Action.NONE, -p.judgement.confidence, p.a, p.b)
    )
    for pair in telling:
        a, b, judgement = pair.a, pair.b, pair.judgement
        if count[a] >= _REMARKS_PER_ENTRY and count[b] >= _REMARKS_PER_ENTRY:
            continue
        count[a] += 1
        count[b] += 1
        outcome = judgement.relation + ", " + judgement.action
        if remark := remarks.get(frozenset((a, b)), "") if remarks else "":
            outcome = f"{outcome}: {remark}"
        found.append(Decision((places[a], places[b]), outcome, judgement.evidence, judgement.confidence))
    return tuple(found)
