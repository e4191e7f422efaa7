"""Makes numbers in notes comparable: 1 GB = 1024 MB, 90 min = 1.5 h, 17:00 = 5 pm, 50 % = 0.5, ten = 10."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from kairos.core.values.amounts import AMOUNTS
from kairos.core.values.clock_times import CLOCK_TIMES
from kairos.core.values.negatives import negated, with_signs
from kairos.core.values.number_words import (
    CAPITAL_UNITS,
    CJK_COUNTED,
    CJK_DIGITS,
    CJK_TENS,
    COUNTS,
    FRACTIONS,
    HOURS,
    NOT_CENTS,
    NUMBER_WORDS,
    ONES,
    TENS,
    UNITS,
)
from kairos.core.values.numerals import joined
from kairos.core.values.quantity import NUMBER, Quantity, number_of
from kairos.core.values.readings import read_by

_UNIT = (
    r"%|[€$£]|°\s?[CF]\b|per cent\b|por ciento\b|por cento\b|per cento\b|pour cent\b"
    r"|(?:degrees?|grad) (?:celsius|fahrenheit)\b"
    r"|小时|小時|時間|分钟|个月|個月|か月|[秒分天日周週年]|(?-i:[^\W\d_⺀-￯])+(?:-cent)?"
)
_TOKEN = re.compile(
    rf"(?P<clock>\b[0-2]?\d[:h][0-5]\d(?::\d\d)?\b(?:\s*[ap]\.?m\b)?)"
    rf"|(?P<dozen>\b(?:(?P<count>half a|half|a|\d+|{ONES}) )?(?:dozen|dutzend)\b)"
    rf"|(?P<share>\b(?:half|three quarters of|(?:a )?quarter of)) the (?P<shared>hour|minute|day|year)\b"
    rf"|(?P<fraction>\b(?P<parts>[^\W\d_]+|\d)[ -](?P<portion>{'|'.join(FRACTIONS)})\b"
    rf"(?!-| (?:past|to|party|parties)\b)(?P<whole> (?:of|der|des|du|de)\b)?)"
    rf"|(?P<rate>\b(?P<often>twice|(?:{ONES}|ten|\d+) times) (?:an?|per|every|each)"
    rf" (?P<per>second|minute|hour|day|week|month|year)\b)"
    rf"|(?P<part>\b(?:half|quarter))(?: (?P<way>past|to))? (?P<parthour>[a-z]+|\d+)\b"
    rf"|(?P<ampm>(?<![\d.,:])(?P<hour>\d{{1,2}}|[a-z]+)\s*(?P<half_of_day>[ap]\.?m\b\.?|o'clock\b))"
    rf"|(?P<spoken>(?<![\d.,:])(?P<spokenhour>\d{{1,2}}|[a-z]+)"
    rf" (?:in the (?P<daypart>morning|afternoon|evening)|at (?P<night>night))\b)"
    rf"|(?P<money>(?:[€$£]|\b(?:eur|usd|chf|gbp)\b)\s?)(?P<amount>{NUMBER})"
    rf"|(?<!(?-i:[^\W⺀-￯]))(?<!\.)(?P<number>[-−+]?{NUMBER})(?P<gap>[\s-]?)(?P<unit>{_UNIT})?"
    rf"|(?P<cjk>[{''.join(CJK_DIGITS)}{''.join(CJK_TENS)}]+)(?P<cjkunit>小时|小時|時間|分钟|か月|个月|個月|[{CJK_COUNTED}])"
    rf"|(?P<word>\b(?:{TENS})-(?:{ONES})\b|\b(?-i:[^\W\d_⺀-￯])+)"
    r"(?:[\s-](?P<wordunit>(?:per|pour|por) (?:cento?|ciento)\b|[^\W\d_]+))?",
    re.IGNORECASE,
)
_SHARES = {"half": 0.5, "quarter of": 0.25, "a quarter of": 0.25, "three quarters of": 0.75}


_IN_WORDS = (*CLOCK_TIMES, *AMOUNTS)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text, in order. Their spans refer to its NFKC form."""
    text = with_signs(unicodedata.normalize("NFKC", text))
    in_words, rest = read_by(_IN_WORDS, text)
    return negated(joined(sorted((*in_words, *_tokens(rest)), key=lambda one: one.span), text), text)


def _tokens(text: str) -> Iterator[Quantity]:
    position = 0
    while match := _TOKEN.search(text, _skip_plain_words(text, position)):
        quantity, end = _READERS[match.lastgroup or ""](match)
        position = max(match.start() + 1, end)
        if quantity is not None:
            yield replace(quantity, span=(match.start(), end))


def _skip_plain_words(text: str, position: int) -> int:
    """Skip the words at `position` that cannot begin a number, as most cannot. Returns the end of the last one."""
    while (word := _PLAIN_WORD.match(text, position)) and word[1].casefold() not in _NUMBER_STARTS:
        position = word.end()
    return position


_PLAIN_WORD = re.compile(
    r"(?:[^\w€$£+−-]|[-−+](?!\d))*"  # what begins no token
    r"\b([A-Za-z]+)(?<![AaPp][Mm])(?!\w|\.\w|'[Cc])"  # "tenam", "tena.m." and "teno'clock" are times
)
_NUMBER_STARTS = frozenset(
    (
        *NUMBER_WORDS,
        *HOURS,
        *"half quarter quarters twice dozen dutzend a an ein un eur usd chf gbp".split(),
        *TENS.split("|"),
    )
)
"""Case-folded words with which a number can begin."""


def _time_of_day(match: re.Match[str]) -> tuple[Quantity, int]:
    return Quantity(_minutes_of_day(match["clock"]), "clock", match.group().strip()), match.end()


def _money(match: re.Match[str]) -> tuple[Quantity, int]:
    dimension, factor = UNITS[match["money"].strip().casefold()]
    return Quantity(number_of(match["amount"]) * factor, dimension, match.group().strip()), match.end()


def _part_or_dozen(match: re.Match[str]) -> tuple[Quantity, int]:
    """Read "half a dozen" or "half an hour"."""
    if match["dozen"]:
        return Quantity(
            12 * COUNTS.get((match["count"] or "").casefold(), 1.0), "", match.group().strip()
        ), match.end()
    dimension, factor = UNITS[match["shared"].casefold()]
    return Quantity(_SHARES[match["share"].casefold()] * factor, dimension, match.group()), match.end()


def _time_in_words(match: re.Match[str]) -> tuple[Quantity | None, int]:
    """Read "half past five", "quarter to seven", "5 pm" or "two o'clock" as a time of day."""
    hour = _small_number(match["parthour"] or match["hour"])
    part = (match["part"] or "").casefold()
    if hour is None or (part == "quarter" and not match["way"]):
        return None, match.end("part") if part else match.end()
    if not part:
        return Quantity(
            _minutes_of_day(f"{hour}:00{match['half_of_day']}"), "clock", match.group().strip()
        ), match.end()
    minutes = (30.0 if part == "half" else 15.0) * (-1 if match["way"] == "to" else 1)
    return Quantity(hour * 60 + minutes, "clock", match.group()), match.end()


def _fraction(match: re.Match[str]) -> tuple[Quantity | None, int]:
    """Read "two fifths" or "a third of". "A third" alone is an ordinal, and "5 third" is no fraction."""
    parts, portion = match["parts"].casefold(), match["portion"].casefold()
    number, is_article = _small_number(parts), parts in _ARTICLES
    fits = (number == 1 or is_article) != portion.endswith("s") or portion.endswith(("tel", "tiers"))
    if (number is None and not is_article) or not fits or (is_article and not match["whole"]):
        return _bare_number(match["parts"]), match.end("parts")
    return Quantity((number or 1) * FRACTIONS[portion], "share", match.group()), match.end()


_ARTICLES = frozenset("a an ein un".split())


def _rate(match: re.Match[str]) -> tuple[Quantity, int]:
    """Read "four times an hour" as an interval of a quarter of an hour."""
    often = _small_number(match["often"].split()[0]) or 1
    dimension, seconds = UNITS[match["per"].casefold()]
    return Quantity(seconds / often, dimension, match.group()), match.end()


def _hour_of_daytime(match: re.Match[str]) -> tuple[Quantity | None, int]:
    """Read "ten in the evening" as a time of day."""
    hour = _small_number(match["spokenhour"])
    if hour is None or hour > 24:
        return _bare_number(match["spokenhour"]), match.end("spokenhour")
    is_late = match["night"] and hour >= _EVENING
    if hour < 12 and (is_late or match["daypart"] in ("afternoon", "evening")):
        hour += 12
    early = hour == 12 and (match["night"] or match["daypart"] == "morning")
    return Quantity(0.0 if early else hour * 60.0, "clock", match.group()), match.end()


_EVENING = 6
"""From this hour "at night" is before midnight."""


def _bare_number(word: str) -> Quantity | None:
    number = None if word.casefold() in HOURS else _small_number(word)
    return None if number is None else Quantity(float(number), "", word)


def _cjk_number(match: re.Match[str]) -> tuple[Quantity | None, int]:
    total, digit = 0, 0
    for char in match["cjk"]:
        if char in CJK_TENS:
            total, digit = total + (digit or 1) * CJK_TENS[char], 0
        else:
            digit = digit * 10 + CJK_DIGITS[char]
    dimension, factor = UNITS.get(match["cjkunit"], ("", 1))
    return Quantity((total + digit) * factor, dimension, match.group()), match.end()


def _number_in_words(match: re.Match[str]) -> tuple[Quantity | None, int]:
    value = NUMBER_WORDS.get(match["word"].casefold())
    if match["word"].casefold() in HOURS:
        return Quantity(HOURS[match["word"].casefold()] * 60.0, "clock", match["word"]), match.end("word")
    if value is None or _is_pronoun(match):
        return None, match.end("word")
    named = (match["wordunit"] or "").casefold().replace(" ", "")
    unit = None if named.startswith("cent") and match["word"].casefold() in NOT_CENTS else UNITS.get(named)
    if unit:
        return Quantity(value * unit[1], unit[0], match.group().strip()), match.end()
    return Quantity(float(value), "", match["word"]), match.end("word")


def _is_pronoun(match: re.Match[str]) -> bool:
    """Whether "one" stands for something named before ("the new one", "one another"), or "once" is no count.

    It is none where it means "as soon as", nor in "at once" and "once more".
    """
    word = match["word"].casefold()
    if word == "one":
        start, end = match.span("word")
        before, after = match.string[max(0, start - 12) : start], match.string[end : end + 8]
        return bool(_BEFORE_PRONOUN.search(before)) or after.casefold().startswith((" another", "'s "))
    is_at_once = match.string[: match.start("word")].casefold().endswith("at ")
    after_once = _AFTER_CONJUNCTION.match(match.string, match.end("word"))
    return word == "once" and (is_at_once or after_once is not None)


_BEFORE_PRONOUN = re.compile(
    r"\b(?:no|this|that|which|another|other|new|old|same|right|wrong|previous|current|latest) $",
    re.IGNORECASE,
)
_AFTER_CONJUNCTION = re.compile(
    r" (?:more|again|the|it|its|they|he|she|i|we|you|your|my|our|his|her|their|this|that|these|those|all|both|there|"
    r"\w{3,}ed|done|set|built|sent|found|started)\b",
    re.IGNORECASE,
)
_FAHRENHEIT = frozenset({"°f", "degreefahrenheit", "degreesfahrenheit", "gradfahrenheit"})


def _number_with_unit(match: re.Match[str]) -> tuple[Quantity, int]:
    value = number_of(match["number"].replace("−", "-"))
    written = (match["unit"] or "").replace(" ", "")
    if written.casefold() in _FAHRENHEIT:
        return Quantity((value - 32) * 5 / 9, "temperature", match.group().strip()), match.end()
    if written == "m":
        return Quantity(value, "", match.group()), match.end()
    if written == "M":
        return Quantity(value * 1e6, "", match.group()), match.end()
    unit = (
        CAPITAL_UNITS.get(written)
        if len(written) == 1 and written.isupper()
        else UNITS.get(written.casefold())
    )
    if unit is None:
        return Quantity(value, "", match["number"]), match.end("number")
    return Quantity(value * unit[1], unit[0], match.group().strip()), match.end()


def _minutes_of_day(text: str) -> float:
    digits = re.match(r"(\d{1,2})[:h](\d\d)", text)
    hour, minute = (int(digits.group(1)), int(digits.group(2))) if digits else (0, 0)
    tail = text.casefold().replace(".", "")
    if tail.endswith("pm") and hour < 12:
        hour += 12
    if tail.endswith("am") and hour == 12:
        hour = 0
    return float(hour * 60 + minute)


def _small_number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    folded = text.casefold()
    value = NUMBER_WORDS.get(folded, HOURS.get(folded))
    return None if value is None or value != int(value) else int(value)


_READERS = {
    "clock": _time_of_day,
    "dozen": _part_or_dozen,
    "shared": _part_or_dozen,
    "fraction": _fraction,
    "rate": _rate,
    "parthour": _time_in_words,
    "ampm": _time_in_words,
    "spoken": _hour_of_daytime,
    "amount": _money,
    "gap": _number_with_unit,
    "unit": _number_with_unit,
    "cjkunit": _cjk_number,
    "word": _number_in_words,
    "wordunit": _number_in_words,
}
"""The reader for each kind of token, by the last group that matched in it."""
