"""The measurements, and what follows from them: ratios, growth exponents, and the target figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from statistics import median

from bench.speed.processes import Cost

GENERATED, FOUND = "generated", "found"
"""The groups of measured directories: generated ones, and those of `--corpus`."""


class Case(StrEnum):
    """The condition in which a dream was measured."""

    COLD = "cold"  # no state and no cache, except for the compiled models
    WARM = "1 % changed"
    STILL = "no change"


@dataclass(frozen=True, slots=True)
class Dream:
    """The cost of a dream over `entries` entries. `group` distinguishes generated directories from real ones."""

    entries: int
    case: Case
    cost: Cost
    group: str = GENERATED


@dataclass(frozen=True, slots=True)
class Peer:
    """The cost of another program on the texts of `entries` entries."""

    entries: int
    name: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class PairedTiming:
    """The seconds of two processes that ran alternately: ours, and the one that it is compared with."""

    name: str
    by: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times as long ours takes: the median over the pairs."""
        return median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Throughput:
    """Texts per second of Kairos' encoder and of sentence-transformers, in pairs."""

    kairos: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times as fast Kairos' encoder is: the median over the pairs."""
        return median(ours / theirs for ours, theirs in zip(self.kairos, self.reference, strict=True))


@dataclass(slots=True)
class Results:
    """All that one run measured."""

    machine: Mapping[str, str] = field(default_factory=dict)
    dreams: list[Dream] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    paired: list[PairedTiming] = field(default_factory=list)
    throughput: Throughput | None = None
    compiling: tuple[Cost, Cost] | None = None  # a small dream without and with the compiled models

    def dream(self, entries: int, case: Case) -> Dream | None:
        """Return the dream over a generated directory of that size; of several, the one with the median time."""
        found = [d for d in self.dreams if (d.entries, d.case, d.group) == (entries, case, GENERATED)]
        return sorted(found, key=lambda dream: dream.cost.wall)[(len(found) - 1) // 2] if found else None

    def sizes(self, case: Case) -> list[int]:
        """Return the sizes of the generated directories that were measured in this case."""
        return sorted({d.entries for d in self.dreams if d.case is case and d.group == GENERATED})

    def peer(self, entries: int, name: str) -> float | None:
        """Return the median wall seconds of another program, if measured."""
        found = [p.cost.wall for p in self.peers if (p.entries, p.name) == (entries, name)]
        return median(found) if found else None

    def paired_ratio(self, name: str) -> float | None:
        """Return the ratio of a paired timing, if measured."""
        return next((timing.ratio for timing in self.paired if timing.name == name), None)


@dataclass(frozen=True, slots=True)
class Growth:
    """The power of the number of entries by which a dream's time grows between two sizes."""

    case: Case
    small: int
    large: int
    exponent: float


def exponent(small: tuple[float, float], large: tuple[float, float]) -> float:
    """Return the slope between two points (entries, seconds) on logarithmic axes."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def growth(results: Results) -> Iterator[Growth]:
    """Yield the exponents between neighbouring sizes of each case."""
    for case in Case:
        for small, large in pairwise(results.sizes(case)):
            found = grown(results, case, small, large)
            if found is not None:
                yield Growth(case, small, large, found)


def grown(results: Results, case: Case, small: int, large: int) -> float | None:
    """Return the exponent between two sizes, if both were measured."""
    one, other = results.dream(small, case), results.dream(large, case)
    if one is None or other is None:
        return None
    return exponent((small, one.cost.wall), (large, other.cost.wall))


@dataclass(frozen=True, slots=True)
class Figure:
    """A target figure: what is required, what the goal is, and what was measured, if anything."""

    name: str
    required: float
    goal: float
    unit: str
    measured: float | None
    at_most: bool = True

    @property
    def verdict(self) -> str:
        """Whether the target is met, in a word or two."""
        if self.measured is None:
            return "not measured"
        if self._reaches(self.goal):
            return "goal met"
        return "met" if self._reaches(self.required) else "NOT MET"

    def _reaches(self, bound: float) -> bool:
        assert self.measured is not None  # noqa: S101 - checked in `verdict`
        return self.measured <= bound if self.at_most else self.measured >= bound


def figures(results: Results) -> Sequence[Figure]:
    """Return the target figures."""
    cold, warm = results.dream(20_000, Case.COLD), results.dream(20_000, Case.WARM)
    first = results.dream(2_000, Case.COLD)
    mining = results.peer(2_000, "paraphrase_mining")
    encoder = results.throughput.ratio if results.throughput else None
    return (
        Figure(
            "cold dream against paraphrase_mining alone, 2,000 entries",
            3,
            8,
            "× faster",
            mining / first.cost.wall if mining and first else None,
            at_most=False,
        ),
        Figure(
            "warm (1 % changed) against cold, 20,000 entries",
            30,
            100,
            "× faster",
            cold.cost.wall / warm.cost.wall if cold and warm else None,
            at_most=False,
        ),
        Figure(
            "no change against `find` and `python -c pass`, 20,000 entries",
            12,
            4,
            "×",
            results.paired_ratio(still(20_000)),
        ),
        Figure(
            "growth of a cold dream, 2,000 to 100,000",
            1.15,
            1.02,
            "",
            grown(results, Case.COLD, 2_000, 100_000),
        ),
        Figure("peak memory of a dream, 500 entries", 350, 200, "MB", _peak(results, 500)),
        Figure("peak memory of a dream, 100,000 entries", 1536, 819, "MB", _peak(results, 100_000)),
        Figure("encoder against sentence-transformers fp32", 3.5, 6, "× faster", encoder, at_most=False),
        Figure("`kairos --help` against two imports", 3, 1.8, "×", results.paired_ratio("kairos --help")),
        Figure("`kairos status` against two imports", 3, 1.8, "×", results.paired_ratio("kairos status")),
    )


def still(entries: int) -> str:
    """Return the name of the paired timing for a dream over an unchanged directory."""
    return f"no change, {entries:,} entries"


def _peak(results: Results, entries: int) -> float | None:
    found = results.dream(entries, Case.COLD)
    return found.cost.peak_mb if found else None
