"""Where a pair of entries stands in its root: how near the two are among all others, and what they are there for."""

from __future__ import annotations

from functools import cache
from math import inf
from typing import NamedTuple

from kairos.model import Evidence

ALIKE = 0.7
"""Cosine below which being each other's nearest says nothing."""
_RELATED = 0.5
"""Cosine below which two entries of a root speak of different things, whatever a model says."""


class PairContext(NamedTuple):
    """How near a pair is inside its root: one side, or both, have no nearer entry than the other.

    A pair is `composed` where its sides were written to stand together, or mean something only in their text; it is
    `free` where they can be held against each other by what they say, and `apart` where like words mean two things, as
    in the logs of two days. It is `lonely` where no third entry is nearly as near to either: many that are alike are
    rows of one kind, two alone are about one thing.
    """

    nearest: bool
    mutual: bool
    composed: bool = False
    free: bool = False
    apart: bool = False
    lonely: bool = False

    @property
    def exchangeable(self) -> bool:
        """Whether one can take the place of the other, should they say the same."""
        return self.free and not self.apart


@cache
def shared(context: PairContext) -> PairContext:
    """Return the one that stands for all that are equal: there are few of them, for many pairs."""
    return context


def can_matter(context: PairContext, cosine: float) -> bool:
    """Whether more can come of two entries that are not equal word for word than that both stay.

    In a root only the nearest of an entry are ever merged, proposed or flagged; and what was written to stand together
    only where it is alike indeed. All that is further apart need not be read.
    """
    return cosine >= enough(context)


def enough(context: PairContext) -> float:
    """Return the cosine from which that can be."""
    if not context.nearest:
        return inf
    return ALIKE if context.composed else _RELATED


def nearness(context: PairContext | None) -> tuple[Evidence, ...]:
    """Say how near a pair is among all others, in words."""
    if context is None or not context.mutual:
        return ()
    if context.lonely:
        return (Evidence("nearest", "nothing here is nearly as near to either"),)
    return (Evidence("nearest", "nothing here is nearer to either"),)
