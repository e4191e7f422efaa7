"""What counts as a line of a note."""

from __future__ import annotations


def stripped_lines(text: str) -> list[str]:
    """The lines of a text, as an editor counts them, without surrounding whitespace.

    Only a newline ends a line. `str.splitlines` also splits at a form feed, U+2028 and the like.
    """
    return [line.strip() for line in text.split("\n")]
