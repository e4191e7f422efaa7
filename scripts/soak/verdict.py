"""The checks of a soak, from what was measured."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scripts.soak.process import Sample

_WARM_SECONDS = 15.0
"""The warm-up of a new process, in which it still loads what it needs, leak or no leak."""
_MOST_MEMORY = 4.0
_MOST_FILES = 6.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One condition: whether it holds, what was measured, and for what must stay flat, its slope per hour."""

    name: str
    ok: bool
    value: str
    slope: float | None = None


class Trend(NamedTuple):
    """The least-squares trend of one figure: its slope per hour, and its growth over the observed time."""

    slope: float
    growth: float


def flatness(samples: Sequence[Sample]) -> tuple[Verdict, ...]:
    """Check that memory and open files stay flat in the daemon process that lived longest.

    Judged by the least-squares line over the later half of its life: a leak goes on, whereas the heap of a process with
    bursts of work grows once, to what the largest burst needs.
    """
    lives = [list(life) for _, life in itertools.groupby(samples, key=lambda sample: sample.pid)]
    longest = max(lives, key=len, default=[])
    steady = [sample for sample in longest if sample.at >= longest[0].at + _WARM_SECONDS]
    steady = steady[len(steady) // 2 :]
    if len(steady) < 9:
        return (Verdict("flat", ok=False, value=f"only {len(steady)} samples of one process"),)
    seconds = steady[-1].at - steady[0].at
    memory = _trend([(sample.at, sample.memory) for sample in steady])
    files = _trend([(sample.at, float(sample.files)) for sample in steady])
    peak = max(sample.memory for sample in samples)
    over = f"over its later half, {seconds:.0f} s"
    return (
        Verdict(
            "memory is flat",
            memory.growth <= _MOST_MEMORY,
            f"{memory.slope:+.2f} MB/h, {memory.growth:+.2f} MB {over}; at most {peak:.1f} MB",
            memory.slope,
        ),
        Verdict(
            "open files are flat",
            files.growth <= _MOST_FILES,
            f"{files.slope:+.2f} /h, {files.growth:+.0f} {over}; at most {max(s.files for s in samples)}",
            files.slope,
        ),
    )


def _trend(points: Sequence[tuple[float, float]]) -> Trend:
    times, values = zip(*points, strict=True)
    slope = statistics.linear_regression(times, values).slope
    return Trend(slope * 3600, slope * (times[-1] - times[0]))


def no_byte_lost(written: set[str], erased: set[str], found: set[str]) -> Verdict:
    """Check that every marker that the editor wrote and did not destroy itself was found, in a root or the journal."""
    lost = sorted(written - erased - found)
    value = f"{len(written)} bullets written, {len(erased)} destroyed by the editor itself, {len(lost)} lost"
    return Verdict("no lost byte", not lost, value + (f": {', '.join(lost[:5])}" if lost else ""))
