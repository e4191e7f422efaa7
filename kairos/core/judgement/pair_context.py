"""The context of a pair of entries in its root: how near the two are among all others, and what they are there for."""

from __future__ import annotations

from functools import cache
from itertools import product
from math import inf
from typing import NamedTuple

from kairos.model import NEAREST, Evidence

ALIKE = 0.7
"""Cosine below which being each other's nearest means nothing."""
_RELATED = 0.5
"""Cosine below which two entries of a root are about different things, whatever a model says."""
_RELATED_NEAREST = 0.4
"""The same for two that can be compared by what they say alone, and are each other's nearest."""


class PairContext(NamedTuple):
    """How near a pair is inside its root, and how much its meaning depends on where its entries stand.

    `nearest`: at least one side has no nearer entry than the other; `mutual`: neither has. `composed`: they were
    written to stand together, or only mean something within their text. `comparable`: they can be compared by what they
    say alone; of `composed` ones, that is only true of lines of one list, in which a second line may repeat what
    somebody did not remember having written. `different_things`: the same words mean two things there, as in the logs
    of two days. `lonely`: no third entry is nearly as near to either. Many similar entries are rows of one kind; two on
    their own are about the same thing.
    """

    nearest: bool
    mutual: bool
    composed: bool = False
    comparable: bool = False
    different_things: bool = False
    lonely: bool = False

    @property
    def exchangeable(self) -> bool:
        """Whether one entry can replace the other if they say the same.

        Of two lines of one list, only if no other line is like them: three or more of a kind were written on purpose.
        """
        alone = not self.composed or (self.mutual and self.lonely)
        return self.comparable and not self.different_things and alone


@cache
def interned(context: PairContext) -> PairContext:
    """Return the shared instance that equals `context`: there are many pairs but few distinct contexts."""
    return context


CONTEXTS = tuple(
    interned(PairContext(is_near, is_mutual, composed, comparable, different, lonely=is_lonely))
    for different, comparable, composed, is_lonely, is_mutual, is_near in product((False, True), repeat=6)
)
"""All contexts, by their code: a number of six bits, the lower three of which say how near the two entries are."""
CODE_OF = {context: code for code, context in enumerate(CONTEXTS)}
"""The codes of contexts."""


def can_matter(context: PairContext, cosine: float) -> bool:
    """Whether a pair that is not equal word for word can be merged, proposed or flagged at all.

    Inside a root that only happens to an entry and its nearest, and to `composed` ones only if they are very alike or
    nothing else is. Everything further apart can be skipped.
    """
    return cosine >= min_cosine(context)


def min_cosine(context: PairContext) -> float:
    """Return the cosine from which a pair can matter; infinite if it cannot."""
    if not context.nearest:
        return inf
    if context.composed:
        return _RELATED if context.exchangeable else ALIKE
    return _RELATED_NEAREST if context.comparable and context.mutual else _RELATED


def nearness(context: PairContext | None) -> tuple[Evidence, ...]:
    """Return the evidence for how near a pair is among all others."""
    if context is None or not context.mutual:
        return ()
    if context.lonely:
        return (Evidence(NEAREST, "no other entry comes close to either"),)
    return (Evidence(NEAREST, "no other entry is closer to either"),)
