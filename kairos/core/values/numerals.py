"""Joins what is read word by word to one amount: "two hundred and fifty euros", "vingt et un", "4 min 30 s"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import nan
from typing import NamedTuple

from kairos.core.values.number_words import NUMBER_WORDS
from kairos.core.values.quantity import Quantity

_MULTIPLIERS = frozenset({100.0, 1000.0, 1e6})
_JOINTS = frozenset({" ", "-", " and ", " und ", " y ", " e ", " et ", "-et-"})
_AFTER_TENS = _JOINTS - {" and ", " und "}
"""In English, "and" follows hundreds alone: "twenty and two" are two numbers."""
_PLURALS = frozenset({"cents", "vingts"})
"""French words that are numbers only after another number."""
_FRENCH = frozenset({"-", " et ", "-et-"})
_DURATION_JOINTS = frozenset({"", " ", " and ", " und ", " et ", " y ", " e "})
_LONGEST_JOINT = 5
_DIGITS = re.compile(r"\d+(?:[.,]\d+)?")


class _Part(NamedTuple):
    """An amount, and if it is in words, its whole number and the factor of its unit; else 0 and 0."""

    amount: Quantity
    number: float
    factor: float


def joined(found: Sequence[Quantity], text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text, given in order, with those joined that are written as one."""
    if not any(_touch(left, right) for left, right in pairwise(found)):  # true of most texts
        return tuple(one for one in found if one.text.casefold() not in _PLURALS)
    parts: Sequence[_Part] = tuple(map(_part, found))
    for together in (_multiplied, _added, _added_durations):
        parts = _joined_by(together, parts, text)
    return tuple(part.amount for part in parts if part.amount.text.casefold() not in _PLURALS)


def _touch(left: Quantity, right: Quantity) -> bool:
    return right.span[0] - left.span[1] <= _LONGEST_JOINT


def _part(quantity: Quantity) -> _Part:
    first = quantity.text.split()[0].casefold()
    number = NUMBER_WORDS.get(first, 0)
    if not number or number != int(number) or quantity.dimension in ("share", "clock"):
        return _Part(quantity, 0, 0)
    return _Part(quantity, number, quantity.value / number)


def _joined_by(
    together: Callable[[_Part, _Part, str], _Part | None], parts: Sequence[_Part], text: str
) -> list[_Part]:
    result: list[_Part] = []
    for right in parts:
        left = result[-1] if result else None
        start, end = (left or right).amount.span[0], right.amount.span[1]
        gap = text[left.amount.span[1] : right.amount.span[0]].lower() if left else ""
        one = together(left, right, gap) if left else None
        if one is None:
            result.append(right)
        else:
            written = text[start:end].strip()
            amount = replace(one.amount, text=written, span=(start, end), number=one.number or nan)
            result[-1] = one._replace(amount=amount)
    return result


def _multiplied(left: _Part, right: _Part, gap: str) -> _Part | None:
    """Multiply "two" by "hundred euros", or "quatre" by "vingts"."""
    count = left.number or (left.amount.value if left.amount.text.isdigit() else 0)
    if gap not in (" ", "-") or left.amount.dimension or left.amount.value != count:
        return None
    is_score = right.number == 20 and count == 4 and right.amount.text.casefold().startswith("vingt")
    if not is_score and (right.number not in _MULTIPLIERS or not 1 <= count < right.number):
        return None
    amount = replace(right.amount, value=count * right.amount.value)
    return _Part(amount, count * right.number, right.factor)


def _added(left: _Part, right: _Part, gap: str) -> _Part | None:
    """Add "twenty" and "one days", "two hundred" and "fifty", or "two thousand" and "five hundred"."""
    if gap not in _JOINTS or not left.number or not right.number or left.amount.dimension:
        return None
    total, number = left.amount.value, right.number
    if right.factor >= 1000 and not right.amount.dimension and total >= right.factor * 1000:
        value = total + right.amount.value
        return _Part(replace(right.amount, value=value), value, 1)
    if not _can_precede(total, number, gap):
        return None
    return _Part(replace(right.amount, value=(total + number) * right.factor), total + number, right.factor)


def _can_precede(total: float, number: float, gap: str) -> bool:
    """Whether a number in words can follow another one as its last part: "hundred" and "five", not "ten" and "one"."""
    tens = total % 100
    if tens == 0:
        return total > number and total % 10 ** len(str(int(number))) == 0
    if tens in (60, 80) and gap in _FRENCH and 10 <= number < 20:
        return True  # soixante-dix
    if tens == 10:
        return gap == "-" and 7 <= number <= 9  # dix-sept
    return tens >= 20 and tens % 10 == 0 and number < 10 and gap in _AFTER_TENS


def _added_durations(left: _Part, right: _Part, gap: str) -> _Part | None:
    """Add "4 min" and "30 s"."""
    if left.amount.dimension != "time" or right.amount.dimension != "time" or gap not in _DURATION_JOINTS:
        return None
    digits = _DIGITS.match(left.amount.text)
    number = float(digits.group().replace(",", ".")) if digits else left.number
    if not number or not 0 < right.amount.value < left.amount.value / number:
        return None
    return _Part(replace(right.amount, value=left.amount.value + right.amount.value), 0, 0)
