"""In how many files of a root each word or text stands: after a plan it is counted on from what it was before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TypeVar

from kairos.core.reading import Reading

T = TypeVar("T")

Tally = Callable[[Reading], Counter[str]]
"""What counts in a reading. Nobody may change the answer: the readings that come of it count on from it."""


def tallying(parts: Callable[[Reading], Mapping[str, T]], told: Callable[[T], Iterable[str]]) -> Tally:
    """Return what counts, of the `parts` of a reading by path, in how many of them each text is `told`."""

    def tally(reading: Reading) -> Counter[str]:
        now, before = reading.once(parts), reading.before
        if before is None:
            return Counter(chain.from_iterable(map(told, now.values())))
        then, counts = before.once(parts), before.once(tally)
        gone, come = _besides(then, now), _besides(now, then)
        if not gone and not come:
            return counts
        counts = counts.copy()
        counts.update(chain.from_iterable(map(told, come)))
        for text in chain.from_iterable(map(told, gone)):
            counts[text] -= 1
            if not counts[text]:
                del counts[text]
        return counts

    return tally


def _besides(ours: Mapping[str, T], theirs: Mapping[str, T]) -> list[T]:
    """Return the parts that are not the same in another reading; most are the same object there."""
    return [one for path, one in ours.items() if (other := theirs.get(path)) is not one and other != one]
