"""Numbers in notes, and whether two of them are the same amount however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kairos.core.text.caching import cached
from kairos.core.values.number_words import HOURS, NUMBER_WORDS

NUMBER = (
    r"(?:\d+(?:\.\d+)?e[-−+]?\d{1,2}\b|\d{1,3}(?:\.\d{3})+,\d+"
    r"|\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3}){1,5}(?![.,]?\d)|\d+(?:[.,]\d+)?)"
)
"""Matches a number that is written in digits."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in its base unit.

    `dimension` is "time" (seconds), "size" (bytes), "clock" (minutes since midnight), …, or "" without a known unit.
    `text` is how the number was written, `span` is where, in characters. `number` is the number before the unit where
    `text` does not simply begin with it: 250 in "two hundred and fifty euros", and not a number in "4 min 30 s".
    """

    value: float
    dimension: str
    text: str
    span: tuple[int, int] = field(default=(0, 0), compare=False)
    number: float | None = field(default=None, compare=False)

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same amount. A number without a unit equals any amount that is written with it."""
        if _WITH_POINT.fullmatch(self.text) or _WITH_POINT.fullmatch(other.text):
            return _same_dotted(self, other)
        if self.dimension == other.dimension:
            return _close(self.value, other.value) or _same_hour(self, other)
        if {self.dimension, other.dimension} == {"clock", "time"}:
            return _same_full_hour(self, other)
        if "clock" in (self.dimension, other.dimension) and "" in (self.dimension, other.dimension):
            return _is_full_hour(self, other) or _is_full_hour(other, self)
        if "" in (self.dimension, other.dimension):
            return _same_bare(self, other) if not self.dimension else _same_bare(other, self)
        return _same_hundredths(self, other)


_HUNDREDTHS = "money:hundredths"
_WITH_POINT = re.compile(r"\d+\.\d+")
_DOTTED_TIME = re.compile(r"([01]?\d|2[0-4])\.([0-5]\d)")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def _same_dotted(one: Quantity, other: Quantity) -> bool:
    """Compare numbers of which at least one has a point and no unit.

    3.1 and 3.10 may be versions, and to many people 10.000 is ten thousand.
    """
    if one.text == other.text:
        return True
    if _WITH_POINT.fullmatch(one.text) and _WITH_POINT.fullmatch(other.text):
        return False
    dotted, plain = (one, other) if _WITH_POINT.fullmatch(one.text) else (other, one)
    if plain.dimension in ("share", _HUNDREDTHS) and _close(dotted.value, plain.value):
        return True
    if plain.dimension == "clock" and (time := _DOTTED_TIME.fullmatch(dotted.text)):
        minutes, day = int(time[1]) * 60 + int(time[2]), 720 if _leaves_half_open(plain) else 1440
        return _close(minutes % day, plain.value % day)
    value = dotted.value * 1000 if _THOUSANDS.fullmatch(dotted.text) else dotted.value
    return _close(value, plain.value if dotted.dimension == plain.dimension else number_as_written(plain))


def _same_hour(one: Quantity, other: Quantity) -> bool:
    """Whether two times of day are the same, if one of them leaves open which half of the day is meant."""
    is_open = any(_leaves_half_open(quantity) for quantity in (one, other))
    return one.dimension == "clock" and is_open and _close(one.value % 720, other.value % 720)


def _leaves_half_open(clock: Quantity) -> bool:
    if clock.value > 720 or _HALF_OF_DAY.search(clock.text):
        return False
    return not any(map(str.isdigit, clock.text)) or _SPOKEN.search(clock.text) is not None


_HALF_OF_DAY = re.compile(
    rf"\b(?:morning|afternoon|evening|night|{'|'.join(HOURS)}|matin|soir|après-midi|mañana|tarde|noche|madrugada"
    r"|manhã|noite|mattin[ao]|pomeriggio|sera|notte|morgens|nachmittags|abends|nachts)\b|(?:\d|\b)\s?[ap]\.?m\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"o'clock|\b(?:past|to|half|halb|viertel|y|e|et|menos|meno|moins)\b", re.IGNORECASE)
"""What no one says of an hour after twelve."""


_FULL_HOUR = re.compile(r"\d{1,2}\s?h", re.IGNORECASE)
_WITH_H = re.compile(r"\S+\s?h(?:eures?)?\b.*|\d{1,2}h\d\d", re.IGNORECASE)
_HOURS_AND_MINUTES = re.compile(
    r"\d{1,3}\s?(?:h|hrs?|hours?)\s?(?:and )?\d{1,2}\s?m(?:in|ins|inutes)?", re.IGNORECASE
)


def _same_full_hour(one: Quantity, other: Quantity) -> bool:
    """Whether a duration such as "19h" is a time of day after all, or a time such as "1 h 30" a duration."""
    duration, clock = (one, other) if one.dimension == "time" else (other, one)
    minutes = duration.value / 60
    if _FULL_HOUR.fullmatch(duration.text):
        half = 720 if _leaves_half_open(clock) else 1440
        return _close(minutes % half, clock.value % half)
    is_either = _WITH_H.fullmatch(clock.text) or _HOURS_AND_MINUTES.fullmatch(duration.text)
    return is_either is not None and _close(minutes, clock.value)


_METRES_OR_MINUTES = {"length": 1.0, "time": 60.0}


def _same_bare(bare: Quantity, other: Quantity) -> bool:
    """Whether a number without a known unit is the same amount as another.

    "10 m" may be metres or minutes, whichever the other is in; it is not 10 km.
    """
    factor = _METRES_OR_MINUTES.get(other.dimension) if bare.text.endswith("m") else None
    if factor is not None:
        return _close(bare.value * factor, other.value)
    if bare.text[-1] in "kM" and bare.text[-1] in other.text:  # a "10k" can be a run of 10 km
        return _close(number_as_written(bare), number_as_written(other))
    return _close(bare.value, number_as_written(other))


def _is_full_hour(bare: Quantity, clock: Quantity) -> bool:
    """Whether a bare number means the full hour of a time of day: the "five" of "until five" is 17:00."""
    if bare.dimension or not 0 < bare.value <= 24:
        return False
    return _close(clock.value, bare.value * 60) or (
        bare.value <= 12 and _close(clock.value % 720, bare.value % 12 * 60)
    )


def _same_hundredths(one: Quantity, other: Quantity) -> bool:
    """Whether an amount in cents, of whatever currency, is the same as one in the currency itself."""
    dimensions = one.dimension, other.dimension
    is_money = all(dimension.startswith("money:") for dimension in dimensions)
    return is_money and _HUNDREDTHS in dimensions and _close(one.value, other.value)


def _close(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-9 * max(1.0, abs(x), abs(y))


_SIGNED = re.compile(rf"(?<!\d)[-−+]?{NUMBER}")


@cached(8192)
def number_as_written(quantity: Quantity) -> float:
    """Return the number before the unit: 250 of "250 euros"."""
    if quantity.number is not None:
        return quantity.number
    match = _SIGNED.search(quantity.text)
    if match:
        return number_of(match.group().replace("−", "-"))
    return next(
        (NUMBER_WORDS[w] for w in quantity.text.casefold().split() if w in NUMBER_WORDS), quantity.value
    )


def number_of(text: str) -> float:
    """Return the value of a number in digits, with decimal points or commas and with thousands separators."""
    if re.search("e", text, re.IGNORECASE):  # 3e-4
        return float(text.replace("−", "-"))
    text = re.sub(r"[’' \u00a0\u202f]", "", text)
    if re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", text):
        return float(text.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))
