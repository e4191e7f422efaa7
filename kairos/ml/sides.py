"""A canonical order for the texts of a pair, so that exchanged texts get exactly the mirrored opinion."""

from __future__ import annotations

from kairos.model import Opinion


def canonical_order(a: str, b: str) -> tuple[str, str]:
    """Return both texts, the lesser (by code points) first."""
    return (a, b) if a <= b else (b, a)


def oriented_as(opinion: Opinion, a: str, b: str) -> Opinion:
    """Return an opinion on `canonical_order(a, b)` as an opinion on (`a`, `b`)."""
    return opinion if a <= b else opinion.mirrored()
