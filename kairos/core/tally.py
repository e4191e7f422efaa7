"""In how many files of a root each word or text stands: after a plan it is counted on from what it was before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from kairos.core.facts import FileFacts
from kairos.core.reading import Reading, anew

Tally = Callable[[Reading], Counter[str]]
"""What counts in a reading. Nobody may change the answer: the readings that come of it count on from it."""


def tallying(told: Callable[[Iterable[FileFacts]], Iterable[str]]) -> Tally:
    """Return what counts in how many files of a reading each text stands; `told` are those of each of some files."""

    def tally(reading: Reading) -> Counter[str]:
        before = reading.before
        if before is None:
            return Counter(told(reading.facts.values()))
        counts, paths = before.once(tally), reading.once(anew)
        gone, come = (
            list(told(one.facts[path] for path in paths if path in one.facts)) for one in (before, reading)
        )
        if gone == come:
            return counts
        counts = counts.copy()
        counts.update(come)
        for text in gone:
            counts[text] -= 1
            if not counts[text]:
                del counts[text]
        return counts

    return tally
