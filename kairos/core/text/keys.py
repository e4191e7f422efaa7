"""Short keys derived from content, so that the same thing has the same key whenever it is found."""

from __future__ import annotations

import hashlib
from collections.abc import Container


def content_key(*parts: str) -> str:
    """Return ten hexadecimal digits that depend on all `parts` and their order."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:10]


def conflict_id(digest_a: str, digest_b: str) -> str:
    """Return the id of the conflict between two texts. It depends on their digests only, not on their order."""
    return content_key("conflict", *sorted((digest_a, digest_b)))


def pair_key(
    kind: str, one: tuple[str, ...], other: tuple[str, ...], *common: str, known: Container[str] = ()
) -> str:
    """Return the key of a change that makes one thing of two, whichever of them stays.

    Which one stays can depend on the times of their files, but what a person decides is about the two. Keys used to
    depend on it: one of that kind is returned if it is among `known`, so that what was decided under it still holds.
    """
    first, second = sorted((one, other))
    turned = content_key(kind, *second, *first, *common)
    return turned if turned in known else content_key(kind, *first, *second, *common)
