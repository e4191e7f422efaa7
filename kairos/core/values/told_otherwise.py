"""Numbers that the other text has as a value of another kind: a day, a part of a name, the length of a span of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kairos.core.dates.written_days import WEEKDAYS, same_day
from kairos.core.values.quantity import Quantity
from kairos.core.values.spelled_names import number_in
from kairos.core.values.values import Values

_DOTTED_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])")


def is_told_otherwise(quantity: Quantity, ours: Values, theirs: Values) -> bool:
    """Whether a number is a day that only the other text writes out, or belongs to a name that the other shortens.

    Or it is the length of time that the other text calls "a week".
    """
    return (
        _is_day(quantity, ours, theirs)
        or _is_in_name(quantity, ours, theirs)
        or _is_one_unit(quantity, ours, theirs)
    )


def _is_day(quantity: Quantity, ours: Values, theirs: Values) -> bool:
    """Whether a bare number ("the 16th", "16.3.") is the day of a date that only the other text writes out."""
    if quantity.dimension or not theirs.days:
        return False
    written_out = [day for day in theirs.days if not any(same_day(day, own) for own in ours.days)]
    dotted = dotted_day(quantity)
    if any(day[2] and (quantity.value == day[2] or day[1:] == dotted) for day in written_out):
        return True
    slashed = slashed_days(ours)
    return any(day[1:] in slashed and quantity.value == day[1] for day in written_out)


def slashed_days(of: Values) -> frozenset[tuple[int, int]]:
    """Return the months and days that a text can mean by "23/4", the day being first."""
    if "/" not in of.text:
        return frozenset()
    return frozenset((int(month), int(day)) for day, month in _SLASHED_DAY.findall(of.text))


_SLASHED_DAY = re.compile(r"(?<![\w/.:,-])(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])(?![\w/]|[.,]\d)")


def dotted_day(quantity: Quantity) -> tuple[int, int] | None:
    """Return the month and day that a number such as 28.9 can be."""
    found = None if quantity.dimension else _DOTTED_DAY.fullmatch(quantity.text)
    return (int(found[2]), int(found[1])) if found else None


def _is_in_name(quantity: Quantity, ours: Values, theirs: Values) -> bool:
    """Whether a number is told by a name that only the other text shortens: the 5 of "version 5", if that has "v5"."""
    if _WITH_POINT.fullmatch(quantity.text) and f"v{quantity.text}" in theirs.identifiers:
        return True
    return bool(ours.spelled) and any(
        number_in(name) == quantity.value for name in ours.spelled & theirs.identifiers
    )


def is_written_otherwise(name: str, theirs: Values) -> bool:
    """Whether a text has a name that it lacks in another form: 0.9 for v0.9, "Tuesdays and Fridays" for Tue/Fri."""
    if name[:1] == "v" and _WITH_POINT.fullmatch(name[1:]):
        return any(quantity.text == name[1:] for quantity in theirs.quantities)
    days = [_SHORT_DAYS.get(part, WEEKDAYS.get(part)) for part in name.split("/")] if "/" in name else []
    return bool(days) and theirs.weekdays.issuperset(days)


_WITH_POINT = re.compile(r"\d+\.\d+")
_SHORT_DAYS = {
    day: number % 7 for number, day in enumerate("mo tu we th fr sa su mo di mi do fr sa so".split())
}


def _is_one_unit(quantity: Quantity, ours: Values, theirs: Values) -> bool:
    """Whether a time is one minute, hour, …, and only the other text has that as "for a minute"."""
    name = _ONE.get(quantity.value) if quantity.dimension == "time" else None
    return name is not None and name in _articled(theirs) and name not in _articled(ours)


_ONE = {
    60.0: "minute",
    3600.0: "hour",
    86400.0: "day",
    604800.0: "week",
    2629800.0: "month",
    31557600.0: "year",
} | {315576000.0: "decade"}
_ARTICLED = re.compile(
    rf"\b(?:for|after|within|in|up to|than|most|lasts?|takes?) an? (?P<unit>{'|'.join(_ONE.values())})\b"
    r"(?! (?:and|or) )",
    re.IGNORECASE,
)


def _articled(of: Values) -> frozenset[str]:
    return frozenset(match["unit"].casefold() for match in _ARTICLED.finditer(of.text))


def without_ratios(
    numbers: Sequence[Quantity], shares: Sequence[Quantity], of: Values
) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """Leave out what one text says as "one in twenty" and the other as 5 %.

    `numbers` are unpaired numbers of the text with the values `of`, `shares` those of the other.
    """
    for part, whole in pairwise(of.quantities):
        ratio = _ratio(part, whole, of.text)
        share = next((one for one in shares if ratio and _is_share(one, ratio)), None)
        if share is not None and any(one is part or one is whole for one in numbers):
            numbers = tuple(one for one in numbers if one is not part and one is not whole)
            shares = tuple(one for one in shares if one is not share)
    return tuple(numbers), tuple(shares)


def _ratio(part: Quantity, whole: Quantity, text: str) -> float:
    """Return the share that two numbers of a text tell together; 0 if they tell none."""
    if part.dimension or whole.dimension or not 0 < part.value < whole.value:
        return 0.0
    joint = text[part.span[1] : whole.span[0]]
    return part.value / whole.value if _IN.fullmatch(joint) else 0.0


_IN = re.compile(r"/|(?: [a-z]+){0,2} (?:in|of|out of)(?: every| each)? (?:a )?", re.IGNORECASE)


def _is_share(one: Quantity, ratio: float) -> bool:
    is_share = one.dimension == "share" or (not one.dimension and _WITH_POINT.fullmatch(one.text) is not None)
    return is_share and abs(one.value - ratio) < 1e-9


def without_spans(
    clocks: Sequence[Quantity], durations: Sequence[Quantity], of: Values
) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """Leave out what one text says by the end of a span and the other by its length: 6:00–6:20, 20 minutes at six.

    `clocks` are unpaired numbers of the text with the values `of`, `durations` those of the other. The other end of
    the span must not be unpaired, nor any time of the other text.
    """
    if any(one.dimension == "clock" for one in durations):
        return tuple(clocks), tuple(durations)
    for begin, end in zip(of.quantities, of.quantities[1:], strict=False):
        unpaired = [one for one in (begin, end) if any(one is clock for clock in clocks)]
        if len(unpaired) != 1 or not _is_span(begin, end):
            continue
        length = next((one for one in durations if _is_as_long(one, begin, end)), None)
        if length is not None:
            clocks = tuple(one for one in clocks if one is not unpaired[0])
            durations = tuple(one for one in durations if one is not length)
    return tuple(clocks), tuple(durations)


def _is_span(begin: Quantity, end: Quantity) -> bool:
    return begin.dimension == end.dimension == "clock" and end.span[0] - begin.span[1] <= _LONGEST_JOINT


_LONGEST_JOINT = 7
"""Characters between the ends of a span of time: " until "."""


def _is_as_long(duration: Quantity, begin: Quantity, end: Quantity) -> bool:
    minutes = (end.value - begin.value) % 1440
    return duration.dimension == "time" and minutes > 0 and abs(duration.value - minutes * 60) < 1e-6
