"""Times of day in words or in the notation of a country: "twenty past nine", "halb acht", "13 Uhr 30", "7 h 30"."""

from __future__ import annotations

import re

from kairos.core.values.number_words import HOURS, NUMBER_WORDS
from kairos.core.values.quantity import Quantity
from kairos.core.values.readings import reading

HOUR_WORDS = "|".join(
    word for word, value in NUMBER_WORDS.items() if value in range(1, 13) and word not in ("once", "single")
)
_HOUR = rf"(?P<hour>{HOUR_WORDS}|una|uma|une|{'|'.join(HOURS)}|[01]?\d|2[0-4])"
_HALF_OF_DAY = r"(?P<half_of_day>[ap]\.?m\b\.?|in the (?:morning|afternoon|evening)|at night)"
_MINUTES = {
    **dict.fromkeys("quarter viertel quart cuarto quarto".split(), 15),
    **dict.fromkeys("half demie demi media mezza mezzo meia".split(), 30),
}
"""Words for parts of an hour, in minutes."""
_ARTICLES = {"una": 1, "uma": 1, "une": 1}


def _past(match: re.Match[str]) -> Quantity | None:
    return _around(match, _minutes(match["part"]))


def _to(match: re.Match[str]) -> Quantity | None:
    return _around(match, -_minutes(match["part"]))


def _half_to(match: re.Match[str]) -> Quantity | None:
    return _around(match, -30)


def _after_or_before(match: re.Match[str]) -> Quantity | None:
    before = match["way"].casefold() in {"vor", "moins", "menos", "meno"}
    return _around(match, -_minutes(match["part"]) if before else _minutes(match["part"]))


def _exact(match: re.Match[str]) -> Quantity | None:
    return _around(match, int(match["minute"]))


def _to_without_unit(match: re.Match[str]) -> Quantity | None:
    """Read "at twenty to ten". "At five to ten" may be a span of two hours."""
    minutes, hour = _minutes(match["part"]), _number(match["hour"])
    return _around(match, -minutes) if hour is not None and minutes > hour else None


def _from(match: re.Match[str]) -> Quantity | None:
    """Read the "2" of "2 to 6 p.m." or "between 2 and 6 p.m.", which is as much after noon as the end."""
    hour, until = _number(match["hour"]), _number(match["until"])
    is_span = not match["and"] or match.string[: match.start()].lower().endswith("between ")
    if hour is None or until is None or not is_span or hour % 12 >= until % 12:
        return None
    return Quantity(float(hour % 12 * 60 + 720), "clock", f"{match.group()} p.m.")


def _in_daytime(match: re.Match[str]) -> Quantity | None:
    """Read "sept heures du soir" or "las once de la noche". Noon is 12 de la mañana, but 12 Uhr morgens is nothing."""
    hour = _number(match["hour"] or "11")  # the Spanish "once"
    early = not (match["late"] or match["night"])
    if hour is None or not 1 <= hour <= 12 or not (match["unit"] or match["article"]):
        return None
    if hour == 12 and early:
        return None
    late = match["late"] or (match["night"] and _EVENING <= hour < 12)
    time = hour % 12 * 60 + int(match["minute"] or 0) + (720 if late else 0)
    return Quantity(float(time), "clock", match.group())


def _around(match: re.Match[str], minutes: int) -> Quantity | None:
    """Return the time so many minutes after an hour."""
    hour = _number(match["hour"])
    half = (match.groupdict().get("half_of_day") or "").casefold().replace(".", "")
    if hour is None:
        return None
    time = hour * 60 + minutes
    late = half in {"pm", "in the afternoon", "in the evening"} or (half == "at night" and hour >= _EVENING)
    if late and hour < 12:
        time += 720
    elif half in {"am", "in the morning", "at night"} and hour == 12:
        time -= 720
    return Quantity(float(time % 1440), "clock", match.group().strip())


_EVENING = 6
"""From this hour "at night" is before midnight."""


def _minutes(part: str) -> int:
    folded = part.casefold().removesuffix(" minutes").removesuffix(" minuten").replace(" ", "-")
    return _MINUTES.get(folded) or _number(folded) or 0


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    folded = word.casefold()
    value = NUMBER_WORDS.get(folded, HOURS.get(folded, _ARTICLES.get(folded)))
    return None if value is None else int(value)


_COUNTED = "degrees|minutes|hours|seconds|days|weeks|months|years|euros|dollars|pounds|people|times|[kcm]m|kg"
"""What is counted where "at twenty to ten" is no time of day."""
_CLOCK_HOUR = rf"(?:{HOUR_WORDS}|1[0-2]|0?[1-9])"
_PART_OF_DAY = (
    r"(?:(?P<late>du soir|de l'après-midi|de la tarde|da tarde|del pomeriggio|di sera|abends|nachmittags)"
    r"|(?P<night>de la noche|da noite|di notte|nachts)"
    r"|du matin|de la mañana|de la madrugada|da manhã|da madrugada|del mattino|di mattina|morgens)"
)

CLOCK_TIMES = (
    reading(
        "soir|matin|après-midi| tarde|noche|mañana|madrugada|noite|manhã|pomeriggio|mattino|mattina|di sera|di notte"
        "|abends|nachts|nachmittags|morgens",
        rf"\b(?P<article>(?:las?|às|as|le|alle|dalle|um|bis|ab|vor|nach|gegen) )?(?:{_HOUR}|once)"
        rf"(?:\s?(?P<unit>heures?|h|uhr|horas?)(?:\s?(?P<minute>[0-5]\d))?)? {_PART_OF_DAY}(?!\w)",
        _in_daytime,
    ),
    reading(
        "pm|p.m",
        rf"(?<![\d.,:])\b(?P<hour>{_CLOCK_HOUR})(?=(?:\s?[–-]\s?| to | until | till |(?P<and> and ))"
        rf"(?P<until>{_CLOCK_HOUR})(?::[0-5]\d)?\s?p\.?m\b)",
        _from,
    ),
    reading(
        "ten to |twenty to |five to |10 to |20 to |25 to ",
        rf"\b(?:at|until|till|before|after|since) (?P<part>ten|twenty|twenty[- ]five|10|20|25)"
        rf" to (?P<hour>{_CLOCK_HOUR})\b"
        rf"(?!\s?(?:%|°|per\b|{_COUNTED}))(?:,? {_HALF_OF_DAY})?",
        _to_without_unit,
    ),
    reading(
        " past ",
        rf"\b(?P<part>quarter|half|five|ten|twenty|twenty[- ]five|\d{{1,2}}(?: minutes)?) past {_HOUR}\b"
        rf"(?:,? {_HALF_OF_DAY})?",
        _past,
    ),
    reading(
        "quarter to |minutes to ",
        rf"\b(?P<part>quarter|(?:five|ten|twenty|twenty[- ]five|\d{{1,2}}) minutes) to {_HOUR}\b"
        rf"(?:,? {_HALF_OF_DAY})?",
        _to,
    ),
    reading(
        ".0|.1|.2|.3|.4|.5|:0|:1|:2|:3|:4|:5",
        rf"(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])[.:](?P<minute>[0-5]\d)\s?(?:{_HALF_OF_DAY}|uhr\b|h\b)",
        _exact,
        in_digits=True,
    ),
    reading(
        "h",
        r"(?<![\w.,:])(?P<hour>[01]?\d|2[0-4])\s?(?:h|uhr|heures?)\s?(?P<minute>[0-5]\d)\b(?![.,:]\d|\s?(?:m|min|%|[€$£])\b)",
        _exact,
        in_digits=True,
    ),
    reading("halb ", rf"\bhalb {_HOUR}\b(?!\s(?:und|so|zu)\b)", _half_to),
    reading("viertel ", rf"\b(?P<part>viertel) (?P<way>nach|vor) {_HOUR}\b", _after_or_before),
    reading(
        " et | moins ",
        rf"\b{_HOUR}(?: heures?| h|(?<=midi)|(?<=minuit)) (?P<way>et|moins) (?:le |un )?(?P<part>demie?|quart)\b",
        _after_or_before,
    ),
    reading(
        " y | e | menos | meno ",
        rf"\b(?:las?|le|l'|dalle|alle|dall'|all'|ore|às|as) ?{_HOUR} (?P<way>y|e|menos|meno) (?:un )?"
        r"(?P<part>media|cuarto|mezza|mezzo|quarto|meia)\b",
        _after_or_before,
    ),
)
"""The readings of times of day that take several words."""
