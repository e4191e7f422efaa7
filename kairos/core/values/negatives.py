"""Reads the sign that a text spells out before a number: "minus 16 LUFS" is −16 LUFS, "six minus two" no sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kairos.core.values.quantity import Quantity, number_as_written

_BEFORE = (
    r"(?:^|[(:;=]\s?|\b(?:at|to|of|from|by|with|and|or|is|are|was|be|has|have|needs|between|until|below|under|above|over"
    r"|than|around|about|auf|bei|mit|von|bis|um|ist|sind|liegt|hat|unter|über|zwischen|und|oder)\s)"
)
"""What stands before a sign: never the number or the thing that something is taken from."""
_DIGITS = re.compile(rf"({_BEFORE})minus (?=\d)", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(rf"{_BEFORE}(minus )\Z", re.IGNORECASE | re.MULTILINE)
_LONGEST = 20
"""Characters within which `_WORD` ends, at most."""


def with_signs(text: str) -> str:
    """Write each spelled-out minus before digits as a sign directly before them, in a text as long as the given one."""
    if not spells_minus(text):
        return text
    return _DIGITS.sub(lambda match: f"{match[1]}     -", text)


def spells_minus(text: str) -> bool:
    """Whether a text has the word at all, as few have."""
    return "minus" in text or "Minus" in text


def negated(found: Sequence[Quantity], text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text, those in words below zero where a minus is spelled out before them."""
    return tuple(_negated(one, text) for one in found) if spells_minus(text) else tuple(found)


def _negated(one: Quantity, text: str) -> Quantity:
    start = one.span[0]
    minus = _WORD.search(text, max(0, start - _LONGEST), start)
    if minus is None or one.dimension == "clock" or not one.text[:1].isalpha():
        return one
    return replace(
        one,
        value=-one.value,
        text=minus[1] + one.text,
        span=(minus.start(1), one.span[1]),
        number=-number_as_written(one),
    )
