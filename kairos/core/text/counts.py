"""Counts in sentences, with the noun in the right number."""

from __future__ import annotations


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun, such as "1 note" or "2 notes"; `plural` may also hold the verb."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
