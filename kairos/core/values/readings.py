"""Readings: patterns for amounts that are written with several words, each with a function for what it matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from kairos.core.values.quantity import Quantity


class Reading(NamedTuple):
    """A pattern and its reader. A text is searched only if it has one of the `hooks`, as lower-case letters.

    `in_digits`: only what is written in digits matches, so that a text without any need not be searched.
    """

    hooks: tuple[str, ...]
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Quantity | None]
    in_digits: bool


def reading(
    hooks: str, pattern: str, read: Callable[[re.Match[str]], Quantity | None], *, in_digits: bool = False
) -> Reading:
    """Return a reading that ignores case. `hooks` are separated by bars."""
    return Reading(tuple(hooks.split("|")), re.compile(pattern, re.IGNORECASE), read, in_digits)


_DIGIT = re.compile(r"\d")


def read_by(readings: Sequence[Reading], text: str) -> tuple[tuple[Quantity, ...], str]:
    """Return what the readings find in a text in NFKC, in order, and the text with blanks instead.

    Where two overlap, the earlier reading counts.
    """
    folded = text.lower()
    has_digits = _DIGIT.search(text) is not None
    found: list[Quantity] = []
    for hooks, pattern, read, in_digits in readings:
        if (has_digits or not in_digits) and _has_any(hooks, folded):
            matches = ((match, read(match)) for match in pattern.finditer(text))
            read_here = [replace(one, span=match.span()) for match, one in matches if one is not None]
            text = blanked(text, (one.span for one in read_here)) if read_here else text
            found += read_here
    return tuple(sorted(found, key=lambda one: one.span)), text


def _has_any(hooks: tuple[str, ...], folded: str) -> bool:
    for hook in hooks:  # noqa: SIM110 -- a generator takes twice as long, and this runs for each reading and text
        if hook in folded:
            return True
    return False


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Replace the spans of a text, which are sorted and disjoint, by as many blanks."""
    pieces = []
    position = 0
    for start, end in spans:
        pieces += [text[position:start], " " * (end - start)]
        position = end
    return "".join((*pieces, text[position:]))
