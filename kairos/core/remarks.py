"""What is remembered of every pair that was judged: what `kairos explain` shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter

from kairos.core.reading import Reading, place
from kairos.model import Action, Decision, JudgedPair, Place

_REMARKS_PER_ENTRY = 5
_IDS, _CONFIDENCE = attrgetter("a", "b"), attrgetter("judgement.confidence")


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
    pairs: Iterable[JudgedPair], reading: Reading, remarks: Mapping[frozenset[str], str]
) -> tuple[Decision, ...]:
    """Keep, for every entry, its most telling pairs; `remarks` say what became of some."""
    count: defaultdict[str, int] = defaultdict(int)
    places = _Places(reading)
    found = []
    for pair in _most_telling_first(pairs):
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


def _most_telling_first(pairs: Iterable[JudgedPair]) -> list[JudgedPair]:
    """Return pairs of which something follows before those of which nothing does, the surest of each first."""
    found = sorted(pairs, key=_IDS)  # by one key after the other: in order already, for the most part
    found.sort(key=_CONFIDENCE, reverse=True)
    found.sort(key=_leaves_both)
    return found


def _leaves_both(pair: JudgedPair) -> bool:
    return pair.judgement.action is Action.NONE
