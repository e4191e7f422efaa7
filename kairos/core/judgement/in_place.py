"""Two texts as the judge model reads them: each after the titles and headings that the other is not under."""

from __future__ import annotations

from kairos.model import CONTEXT_STEP, Statement

_LONGEST_PLACE = 200
"""At most this many characters of a place are read; the last ones, since the innermost heading says most."""


def in_place(a: Statement, b: Statement) -> tuple[str, str]:
    """Return both texts, each after its place: "980 pounds a day." is about whatever the heading above it names.

    What both are under says nothing about either, so it is left out; two texts of one section have no place.
    """
    ours, theirs = a.context.split(CONTEXT_STEP), b.context.split(CONTEXT_STEP)
    shared = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        shared += 1
    return _placed(a.text, ours[shared:]), _placed(b.text, theirs[shared:])


def _placed(text: str, steps: list[str]) -> str:
    place = CONTEXT_STEP.join(steps)[-_LONGEST_PLACE:]
    return f"{place}: {text}" if place else text
