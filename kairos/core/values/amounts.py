"""Amounts that are written with several words: "an hour and a half", "a third of an hour", "1h30m", "2,4 M€"."""

from __future__ import annotations

import re
from math import nan

from kairos.core.values.clock_times import HOUR_WORDS
from kairos.core.values.number_words import FRACTIONS, NUMBER_WORDS, TENS, UNITS
from kairos.core.values.quantity import NUMBER, Quantity, number_of
from kairos.core.values.readings import reading

_HOUR_SHARES = {
    **dict.fromkeys(
        ("halbe stunde", "demi-heure", "media hora", "mezz'ora", "mezza ora", "meia hora", "полчаса"), 0.5
    ),
    **dict.fromkeys(("dreiviertelstunde", "trois quarts d'heure"), 0.75),
    **dict.fromkeys(("viertelstunde", "quart d'heure", "cuarto de hora"), 0.25),
}
_COUNT = rf"(?P<count>an?|{HOUR_WORDS}|\d{{1,3}})"
_PARTS = {"half": 0.5, "quarter": 0.25}


def _hour_share(match: re.Match[str]) -> Quantity:
    return Quantity(_HOUR_SHARES[match["phrase"].casefold()] * 3600, "time", match.group(), number=nan)


def _compact(match: re.Match[str]) -> Quantity | None:
    """Read "1h30m" or "4m30s"."""
    large = 3600 if match["large"].casefold() == "h" else 60
    if (large == 3600) == (match["small"].casefold() == "s"):
        return None
    seconds = round((int(match["first"]) + int(match["second"]) / 60) * large)
    return Quantity(float(seconds), "time", match.group(), number=nan)


def _every_other(match: re.Match[str]) -> Quantity:
    """Read "every other day" as an interval of two days, "fortnightly" as one of two weeks."""
    dimension, factor = UNITS[(match["unit"] or "week").casefold()]
    return Quantity(2 * factor, dimension, match.group(), number=2 if match["unit"] else 14)


def _and_a_half(match: re.Match[str]) -> Quantity | None:
    """Read "one and a half hours" or "an hour and a half"."""
    unit = UNITS.get(match["unit"].casefold())
    count = 1.0 if match["count"].casefold() in {"a", "an"} else _count(match["count"])
    if unit is None or count is None:
        return None
    amount = count + _PARTS[match["part"].casefold()]
    return Quantity(amount * unit[1], unit[0], match.group(), number=amount)


def _and_a_half_alone(match: re.Match[str]) -> Quantity | None:
    """Read "three and a quarter", of whatever."""
    count = _count(match["count"])
    if count is None:
        return None
    amount = count + _PARTS[match["part"].casefold()]
    return Quantity(amount, "", match.group(), number=amount)


def _with_half(match: re.Match[str]) -> Quantity | None:
    """Read "dos horas y media" or "un jour et demi"."""
    unit = UNITS.get(match["unit"].casefold())
    count = 1.0 if match["article"] else _count(match["count"])
    if unit is None or count is None:
        return None
    return Quantity((count + 0.5) * unit[1], unit[0], match.group(), number=count + 0.5)


def _with_point(match: re.Match[str]) -> Quantity:
    """Read "one point nine percent"."""
    places = "".join(str(_digit(word)) for word in match["places"].split())
    amount = float(f"{_digit(match['whole'])}.{places}")
    dimension, factor = UNITS[match["unit"].casefold().replace(" ", "")] if match["unit"] else ("", 1)
    return Quantity(amount * factor, dimension, match.group(), number=amount)


def _digit(word: str) -> int:
    return int(NUMBER_WORDS.get(word.casefold(), 0))  # "oh" and "null" are no number words of their own


def _share_of_unit(match: re.Match[str]) -> Quantity | None:
    """Read "two thirds of an hour" or "half a kilo"; a share of anything else is left to be read as such."""
    unit = UNITS.get(match["unit"].casefold().replace(" ", ""))
    parts, portion = (match["parts"] or "one").casefold(), match["portion"].casefold()
    number = 1.0 if parts in {"a", "an"} else _count(parts)
    if unit is None or number is None or (number == 1) == portion.endswith("s"):
        return None
    return Quantity(number * FRACTIONS[portion] * unit[1], unit[0], match.group(), number=nan)


def _count(word: str) -> float | None:
    return float(word) if word.isdigit() else NUMBER_WORDS.get(word.casefold())


def _money(match: re.Match[str]) -> Quantity:
    """Read "2,4 M€", "$30k" or "1.2 million euros"."""
    dimension, factor = UNITS[match["currency"].casefold()]
    size = _SIZES[match["size"].casefold().rstrip(".s")]
    amount = number_of(match["amount"]) * size
    return Quantity(amount * factor, dimension, match.group(), number=amount)


def _and_cents(match: re.Match[str]) -> Quantity:
    """Read "eight euros fifty"."""
    whole, cents = _count(match["whole"]), _count(match["cents"])
    amount = (whole or 0) + (cents or 0) / 100
    return Quantity(amount, _CURRENCIES[match["name"].casefold().rstrip("s")], match.group(), number=amount)


def _cents(match: re.Match[str]) -> Quantity:
    """Read "45p a mile" or "6.1 euro cents"."""
    amount = number_of(match["amount"])
    return Quantity(amount / 100, "money:hundredths", match.group(), number=amount)


_CURRENCIES = {
    "euro": "money:eur",
    "dollar": "money:usd",
    "pound": "money:gbp",
    "franc": "money:chf",
    "franken": "money:chf",
}
_END = r"(?=\s*(?:\Z|[.,;:!?)\n]|(?:an?|for|per|each|on|when|if|at|in|to|from|of|with|and|je|pro|für|im|bei|und)\b))"
"""What follows a number that counts nothing."""
_CENTS = "|".join(
    sorted((word for word, value in NUMBER_WORDS.items() if 5 <= value < 100), key=len, reverse=True)
)
_DIGITS = "|".join(("oh", "null", *(word for word, value in NUMBER_WORDS.items() if value in range(10))))
_UNIT_WORDS = "|".join(
    sorted((unit for unit in UNITS if unit.isalpha() and len(unit) > 1), key=len, reverse=True)
)

_SIZES = {
    **dict.fromkeys("k thousand tausend tsd mille".split(), 1e3),
    **dict.fromkeys("m million millionen millone milione milioni mio".split(), 1e6),
    **dict.fromkeys("bn billion milliarden milliard mrd".split(), 1e9),
}
_SIZE = (
    r"(?P<size>k|m|bn|thousand|tausend|tsd\.?|mille|millions?|millionen|millones|milioni|milione|mio\.?"
    r"|billions?|milliarden|milliards?|mrd\.?)"
)
_CURRENCY = r"[€$£]|\b(?:eur|usd|chf|gbp|euros?|dollars?|franken)\b"

_ORDINAL_WORDS = {
    word: number
    for number, words in enumerate(
        "first ersten premier/primero/primeiro;second zweiten;third dritten;fourth vierten;fifth fünften;"
        "sixth sechsten;seventh siebten;eighth achten;ninth neunten;tenth zehnten;eleventh;twelfth;"
        "thirteenth;fourteenth;fifteenth;sixteenth;seventeenth;eighteenth;nineteenth;twentieth".split(";"),
        start=1,
    )
    for word in words.replace("/", " ").split()
} | {"thirtieth": 30}
_UNIT_ORDINALS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"


def _ordinal(match: re.Match[str]) -> Quantity:
    """Read "the first of the month" or "twenty-first" as a number, like "the 1st" and "21st"."""
    tens = NUMBER_WORDS[match["tens"].casefold()] if match["tens"] else 0
    return Quantity(
        float(tens + _ORDINAL_WORDS[(match["unit"] or match["day"]).casefold()]), "", match.group()
    )


AMOUNTS = (
    reading(
        "y-|of the month|of each month|of every month|of a month|des monats|du mois|de mes|del mes|do mês",
        rf"\b(?P<tens>{TENS})-(?P<unit>{_UNIT_ORDINALS})\b"
        rf"|\b(?P<day>{'|'.join(_ORDINAL_WORDS)})"
        r"(?= (?:day )?of (?:the|each|every|a) month\b| (?:des monats|du mois|de mes|del mes|do mês)\b)",
        _ordinal,
    ),
    reading(
        "m|s",
        r"(?<![\w.,])(?P<first>\d{1,3})\s?(?P<large>[hm])\s?(?P<second>[0-5]?\d)\s?(?P<small>m(?:in)?|s)\b",
        _compact,
        in_digits=True,
    ),
    reading(
        " and a half| and a quarter",
        rf"\b{_COUNT} and a (?P<part>half|quarter) (?P<unit>[a-z]+)\b",
        _and_a_half,
    ),
    reading(
        " and a half| and a quarter",
        rf"\b{_COUNT} (?P<unit>[a-z]+) and a (?P<part>half|quarter)\b",
        _and_a_half,
    ),
    reading(
        " and a half| and a quarter",
        rf"\b{_COUNT} and a (?P<part>half|quarter)\b(?! of\b)",
        _and_a_half_alone,
    ),
    reading(
        " y medi| et demi| e mezz| e mei",
        rf"\b(?:(?P<article>una?|une|uma?)|(?P<count>{HOUR_WORDS}|\d{{1,3}})) (?P<unit>[^\W\d_]+)"
        r" (?:y medi[ao]|et demie?|e mezz[ao]|e mei[ao])\b",
        _with_half,
    ),
    reading(
        " point | komma ",
        rf"\b(?P<whole>{_DIGITS}|{_CENTS}) (?:point|komma) (?P<places>(?:{_DIGITS})(?: (?:{_DIGITS}))*)\b"
        rf"(?: (?P<unit>per cent|{_UNIT_WORDS})\b|{_END})",
        _with_point,
    ),
    reading(
        "euro|dollar|franc|franken|pound",
        rf"(?<![\w.,])(?P<whole>\d{{1,6}}|{HOUR_WORDS}|{_CENTS}) (?P<name>euros?|dollars?|pounds?|francs?|franken)"
        rf" (?P<cents>\d\d|{_CENTS})\b{_END}",
        _and_cents,
    ),
    reading(
        "0p|1p|2p|3p|4p|5p|6p|7p|8p|9p", rf"(?<![\w.,£$€])(?P<amount>\d{{1,2}})p(?:{_END}|(?=/))", _cents
    ),
    reading(
        "euro cent|euro-cent|us cent", rf"(?<![\w.,])(?P<amount>{NUMBER}) (?:euro|us)[ -]?cents?\b", _cents
    ),
    reading(
        " of a| of one|half a|half one",
        rf"\b(?:(?P<parts>an?|{HOUR_WORDS})[ -])?(?P<portion>{'|'.join(FRACTIONS)})(?: of|(?<=half))"
        r" (?:an?|one) (?P<unit>per cent|[a-z]+)\b",
        _share_of_unit,
    ),
    reading(
        "|".join(_HOUR_SHARES),
        rf"\b(?:(?:eine|une|un) )?(?P<phrase>{'|'.join(sorted(_HOUR_SHARES, key=len, reverse=True))})\b",
        _hour_share,
    ),
    reading(
        "every other|every second|every 2nd|fortnight|14-tägig|vierzehntägig",
        r"\bevery (?:other|second|2nd) (?P<unit>day|week|month|year)\b"
        r"|\b(?:fortnight(?:ly)?|14-tägig\w*|vierzehntägig\w*)\b",
        _every_other,
    ),
    reading(
        "€|$|£|eur|usd|chf|gbp",
        rf"(?P<currency>[€$£]|\b(?:eur|usd|chf|gbp)\b)\s?(?P<amount>{NUMBER})\s?{_SIZE}(?!\w)",
        _money,
    ),
    reading(
        "€|$|£|eur|usd|chf|gbp|doll|frank",
        rf"(?<![\w.,])(?P<amount>{NUMBER})\s?{_SIZE}\s?(?P<currency>{_CURRENCY})",
        _money,
    ),
)
