"""Pairs of texts in one order whatever the caller's: exchanged texts get exactly the mirrored opinion."""

from __future__ import annotations

from kairos.model import Opinion


def in_order(a: str, b: str) -> tuple[str, str]:
    """Return both texts, the lesser one first."""
    return (a, b) if a <= b else (b, a)


def as_asked(opinion: Opinion, a: str, b: str) -> Opinion:
    """Return what an opinion on the texts in order says of `a` and `b` as they were asked for."""
    return opinion if a <= b else opinion.mirrored()
