"""Short keys derived from content, so that the same thing has the same key whenever it is found."""

from __future__ import annotations

import hashlib


def content_key(*parts: str) -> str:
    """Return ten hexadecimal digits that depend on all `parts` and their order."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:10]


def conflict_id(digest_a: str, digest_b: str) -> str:
    """Return the id of the conflict between two texts. It depends on their digests only, not on their order."""
    return content_key("conflict", *sorted((digest_a, digest_b)))
