"""What upkeep of an index leaves alone, and what that leaves wrong, as codes: the words are for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kairos.model import Skip


class Fault(StrEnum):
    """What is still wrong with an index after something was left alone."""

    BROKEN_POINTERS = "broken pointers"  # so many lead nowhere that their notes may be on the way
    NO_POINTER = "no pointer"  # notes that nothing leads to
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class IndexSkip(Skip):
    """A skip with the `faults` that an index keeps, or with the path of the one `note` that has no good pointer."""

    faults: tuple[Fault, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, skip: Skip, *faults: Fault, note: str = "") -> IndexSkip:
        """Return the same skip with its faults or its note."""
        return cls(skip.what, skip.reason, skip.advice, skip.text, skip.key, faults, note)


def about_fault(fault: Fault, path: str, skips: Iterable[Skip]) -> tuple[IndexSkip, ...]:
    """Return those of the `skips` that leave the index at `path` with a fault."""
    return tuple(
        skip for skip in skips if isinstance(skip, IndexSkip) and skip.what == path and fault in skip.faults
    )


def about_note(path: str, skips: Iterable[Skip]) -> tuple[IndexSkip, ...]:
    """Return those of the `skips` that leave the note at `path` without a good pointer."""
    return tuple(skip for skip in skips if isinstance(skip, IndexSkip) and skip.note == path)
