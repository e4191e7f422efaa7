"""Short keys made from content: the same thing found again has the same key."""

from __future__ import annotations

import hashlib


def content_key(*parts: str) -> str:
    """Return ten hexadecimal digits that depend on all `parts` and their order."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:10]


def conflict_id(digest_a: str, digest_b: str) -> str:
    """Return the id of a conflict: it depends on the two texts alone, in either order."""
    return content_key("conflict", *sorted((digest_a, digest_b)))
