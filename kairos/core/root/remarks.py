"""What is remembered of the judged pairs, for `kairos explain` to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from operator import attrgetter

from kairos.core.root.reading import Reading
from kairos.model import NOT_COMPARED, Action, Considered, JudgedPair

_REMARKS_PER_ENTRY = 5
_IDS, _CONFIDENCE = attrgetter("a", "b"), attrgetter("judgement.confidence")


class _EntryNumbers(dict[str, int]):
    """Numbers entries by their ids, in the order in which they are first asked for.

    By these numbers, `places` holds where the entries stand, and `remarks` how many pairs are kept of each.
    """

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self.places: list[tuple[str, int, str]] = []
        self.remarks: list[int] = []
        self._entries = reading.entries

    def __missing__(self, id_: str) -> int:
        """Give an entry the next number."""
        entry = self._entries[id_]
        self[id_] = number = len(self.places)
        self.places.append((entry.path, entry.line, entry.raw))
        self.remarks.append(0)
        return number


def considered(
    pairs: Iterable[JudgedPair], reading: Reading, remarks: Mapping[frozenset[str], str]
) -> Considered:
    """Keep the most telling pairs of every entry; `remarks` say what became of some."""
    numbers, remarked = _EntryNumbers(reading), frozenset(chain.from_iterable(remarks))
    count, rows = numbers.remarks, []
    for pair in _most_telling_first(pairs):
        a, b, judgement = numbers[pair.a], numbers[pair.b], pair.judgement
        if count[a] >= _REMARKS_PER_ENTRY and count[b] >= _REMARKS_PER_ENTRY:
            continue
        count[a] += 1
        count[b] += 1
        outcome = judgement.relation + ", " + judgement.action
        if pair.a in remarked and (remark := remarks.get(pair.key)):
            outcome = f"{outcome}: {remark}"
        rows.append(((a, b), outcome, judgement.evidence, judgement.confidence))
    return Considered(tuple(numbers.places), tuple(rows))


def _most_telling_first(pairs: Iterable[JudgedPair]) -> list[JudgedPair]:
    """Sort pairs: those with consequences, then those without, then those not compared; each group by confidence."""
    found = sorted(pairs, key=_IDS)  # by one key at a time: the pairs are mostly in order already
    found.sort(key=_CONFIDENCE, reverse=True)
    found.sort(key=_telling_rank)
    return found


def _telling_rank(pair: JudgedPair) -> int:
    """Return the rank of a pair: 0 with consequences, 1 without, 2 if it was not compared."""
    judgement = pair.judgement
    if judgement.action is not Action.NONE:
        return 0
    return 2 if judgement.evidence and judgement.evidence[-1].kind == NOT_COMPARED else 1
