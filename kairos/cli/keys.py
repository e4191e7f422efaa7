"""Keys of changes, proposals and conflicts: a beginning is enough where it is unique."""

from __future__ import annotations

from collections.abc import Iterable

from kairos.errors import UsageError


def full_key(beginning: str, among: Iterable[str], what: str, advice: str) -> str:
    """Return the one key that begins so; raises UsageError where none, or more than one, does."""
    keys = set(among)
    found = sorted(key for key in keys if key.startswith(beginning)) if beginning not in keys else [beginning]
    if not found:
        raise UsageError(f"There is no {what} {beginning}.", advice)
    if len(found) > 1:
        raise UsageError(f"{beginning} is the beginning of more than one {what}: {', '.join(found)}.")
    return found[0]
