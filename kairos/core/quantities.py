"""Numbers in notes, made comparable: 1 GB = 1024 MB, 90 min = 1.5 h, 17:00 = 5 pm, 50 % = 0.5, ten = 10."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

_WORDS = {
    word: value
    for value, words in {
        0: "zero cero zéro нуль",
        1: "one once single eins einmal",
        2: "two zwei deux dos duas dois due два две both twice beide",
        3: "three drei trois tres três tre три thrice",
        4: "four vier quatre cuatro quatro quattro четыре",
        5: "five fünf cinq cinco cinque пять",
        6: "six sechs seis sei шесть",
        7: "seven sieben sept siete sete sette семь",
        8: "eight acht huit ocho oito otto восемь",
        9: "nine neun neuf nueve nove девять",
        10: "ten zehn dix diez dez dieci десять",
        11: "eleven elf onze undici",
        12: "twelve zwölf douze doce doze dodici",
        14: "fourteen fortnight",
        15: "fifteen fünfzehn quinze quince",
        20: "twenty zwanzig vingt veinte vinte venti двадцать",
        30: "thirty dreißig trente treinta trinta trenta",
        40: "forty vierzig",
        45: "forty-five",
        50: "fifty fünfzig",
        60: "sixty",
        90: "ninety",
        100: "hundred hundert cent cien",
    }.items()
    for word in words.split()
}
_NOON = frozenset("noon midday mittag midi mediodía".split())
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORDS |= {"seventy": 70, "eighty": 80}
_WORDS |= {f"{ten}-{one}": _WORDS[ten] + _WORDS[one] for ten in _TENS.split("|") for one in _ONES.split("|")}

_COUNTS = {"half a": 0.5, "half": 0.5} | {word: float(_WORDS[word]) for word in _ONES.split("|")}
_COUNTS |= {str(number): float(number) for number in range(1, 100)}

_CJK_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_CJK_TENS = {"十": 10, "百": 100, "千": 1000}
_CJK_COUNTED = "个個次天周週月年分秒小時时人日点點回本枚台つ名位条條家件種种倍元円遍章页頁"
"""What is counted after a numeral: without one of these, a numeral is as often part of a word."""

_UNITS: dict[str, tuple[str, float]] = {}


def _unit(dimension: str, factor: float, names: str) -> None:
    _UNITS.update(dict.fromkeys(names.split(), (dimension, factor)))


_unit("time", 0.001, "ms msec millisecond milliseconds millisekunden")
_unit(
    "time",
    1,
    "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos 秒 сек секунд секунды секунда",
)
_unit("time", 60, "min mins minute minutes minuten minuto minutos 分钟 分 минут мин минуты минута 분")
_unit(
    "time",
    3600,
    "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore 小时 小時 時間 часов часа час 시간",
)
_unit(
    "time",
    86400,
    "d day days tage tagen jour jours día días dia dias giorni giorno 天 日 дней дня день 일",
)
_unit(
    "time",
    604800,
    "week weeks woche wochen semaine semaines semana semanas settimana settimane 周 週 недели неделя недель 주",
)
_unit(
    "time",
    2629800,
    "month months monat monate monaten mois mes meses mês mesi 个月 個月 か月 месяца месяцев месяц 개월",
)
_unit("time", 31557600, "year years yr yrs jahr jahre jahren ans año años ano anos anni 年 лет года год 년")
_unit("", 1000, "k thousand thousands tausend mil тысяч 千")
_unit("", 1e6, "million millions millionen millones milhões миллионов mio")
_unit("", 1e9, "billion billions milliarden milliards bn")
_unit("temperature", 1, "°c")
_unit("time", 3600, "uhr")
_unit("size", 1, "byte bytes")
_unit("size", 1024, "kb kib kilobyte kilobytes")
_unit("size", 1024**2, "mb mib megabyte megabytes")
_unit("size", 1024**3, "gb gib gigabyte gigabytes")
_unit("size", 1024**4, "tb tib terabyte terabytes")
_unit("share", 0.01, "% percent prozent pct per-cent procent pourcent")
_unit("length", 0.001, "mm millimetre millimetres millimeter")
_unit("length", 0.01, "cm centimetre centimetres")
_unit("length", 1000, "km kilometre kilometres kilometer")
_unit("mass", 0.001, "mg")
_unit("mass", 1, "g gram grams gramm")
_unit("mass", 1000, "kg kilo kilos")
_unit("power", 1000, "kw")
_unit("money:eur", 1, "€ eur euro euros")
_unit("money:usd", 1, "$ usd dollar dollars")
_unit("money:chf", 1, "chf franken")
_unit("money:gbp", 1, "£ gbp")

_NUMBER = r"(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
_UNIT = r"%|[€$£]|°\s?[CF]\b|小时|小時|時間|分钟|个月|個月|か月|[秒分天日周週年]|[^\W\d_⺀-￯]+(?:-cent)?"
_TOKEN = re.compile(
    rf"(?P<clock>\b[0-2]?\d[:h][0-5]\d(?::\d\d)?\b(?:\s*[ap]\.?m\b)?)"
    rf"|(?P<dozen>\b(?:(?P<count>half a|half|a|\d+|{_ONES}) )?(?:dozen|dutzend)\b)"
    rf"|(?P<share>\b(?:half|three quarters of|(?:a )?quarter of)) (?:an|a|the) (?P<shared>hour|minute|day|year)\b"
    rf"|(?P<part>\b(?:half|quarter))(?: (?P<way>past|to))? (?P<parthour>[a-z]+|\d+)\b"
    rf"|(?P<ampm>(?<![\d.,:])(?P<hour>\d{{1,2}}|[a-z]+)\s*(?P<half_of_day>[ap]\.?m\b\.?|o'clock\b))"
    rf"|(?P<money>[€$£]\s?)(?P<amount>{_NUMBER})"
    rf"|(?<![^\W⺀-￯])(?<!\.)(?P<number>[-−+]?{_NUMBER})(?P<gap>[\s-]?)(?P<unit>{_UNIT})?"
    rf"|(?P<cjk>[{''.join(_CJK_DIGITS)}{''.join(_CJK_TENS)}]+)(?P<cjkunit>小时|小時|時間|分钟|か月|个月|個月|[{_CJK_COUNTED}])"
    rf"|(?P<word>\b(?:{_TENS})-(?:{_ONES})\b|\b[^\W\d_⺀-￯]+)(?:[\s-](?P<wordunit>[^\W\d_]+))?",
    re.IGNORECASE,
)
_SHARES = {"half": 0.5, "quarter of": 0.25, "a quarter of": 0.25, "three quarters of": 0.75}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in its base unit: `dimension` is "time" (seconds), "size" (bytes), "clock" (minutes of the day), …, or
    "" without a unit that is known. `text` is how it was written, `span` where, in characters."""

    value: float
    dimension: str
    text: str
    span: tuple[int, int] = field(default=(0, 0), compare=False)

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same amount; a number without a unit equals any that is written with that number."""
        if _DOTTED.fullmatch(self.text) or _DOTTED.fullmatch(other.text):
            return _same_dotted(self, other)
        if self.dimension == other.dimension:
            return _close(self.value, other.value) or _same_hour(self, other)
        if {self.dimension, other.dimension} == {"clock", "time"}:
            return _same_full_hour(self, other)
        if "clock" in (self.dimension, other.dimension) and "" in (self.dimension, other.dimension):
            return _is_hour(self, other) or _is_hour(other, self)
        if "" in (self.dimension, other.dimension):
            return _close(_written(self), _written(other))
        return False


_DOTTED = re.compile(r"\d+\.\d+")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def _same_dotted(one: Quantity, other: Quantity) -> bool:
    """Compare bare numbers with a point: 3.1 and 3.10 may be versions, and 10.000 is ten thousand to many."""
    if one.text == other.text:
        return True
    if _DOTTED.fullmatch(one.text) and _DOTTED.fullmatch(other.text):
        return False
    dotted, plain = (one, other) if _DOTTED.fullmatch(one.text) else (other, one)
    value = dotted.value * 1000 if _THOUSANDS.fullmatch(dotted.text) else dotted.value
    return _close(value, plain.value if dotted.dimension == plain.dimension else _written(plain))


def _same_hour(one: Quantity, other: Quantity) -> bool:
    """Whether two times of day are the same, where one is in words and leaves open which half of the day."""
    is_open = any(_leaves_half_open(quantity) for quantity in (one, other))
    return one.dimension == "clock" and is_open and _close(one.value % 720, other.value % 720)


def _leaves_half_open(clock: Quantity) -> bool:
    return "o'clock" in clock.text or not any(map(str.isdigit, clock.text))


_FULL_HOUR = re.compile(r"\d{1,2}\s?(?:h|uhr)", re.IGNORECASE)


def _same_full_hour(one: Quantity, other: Quantity) -> bool:
    """Whether "19h" is a time of day after all, and the same as the other."""
    hour, clock = (one, other) if one.dimension == "time" else (other, one)
    if not _FULL_HOUR.fullmatch(hour.text):
        return False
    minutes, half = hour.value / 60, 720 if _leaves_half_open(clock) else 1440
    return _close(minutes % half, clock.value % half)


def _is_hour(bare: Quantity, clock: Quantity) -> bool:
    """Whether a bare number is the full hour of a time of day: "until five" is 17:00."""
    return bare.dimension == "" and 0 < bare.value <= 12 and _close(clock.value % 720, bare.value % 12 * 60)


def _close(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-9 * max(1.0, abs(x), abs(y))


@lru_cache(maxsize=8192)
def _written(quantity: Quantity) -> float:
    match = re.search(_NUMBER, quantity.text)
    if match:
        return _value(match.group())
    return next((_WORDS[w] for w in quantity.text.casefold().split() if w in _WORDS), quantity.value)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text, in order; their spans are those of its NFKC form."""
    return tuple(_quantities(unicodedata.normalize("NFKC", text)))


def _quantities(text: str) -> Iterator[Quantity]:
    position = 0
    while match := _TOKEN.search(text, position):
        quantity, end = _read(match)
        position = max(match.start() + 1, end)
        if quantity is not None:
            yield replace(quantity, span=(match.start(), end))


def _read(match: re.Match[str]) -> tuple[Quantity | None, int]:
    """Return the number that a token holds, if any, and where the next token may begin."""
    written, end = match.group().strip(), match.end()
    if match["clock"]:
        return Quantity(_minutes(match["clock"]), "clock", written), end
    if match["dozen"] or match["share"]:
        return _part_or_dozen(match), end
    if match["part"] or match["ampm"]:
        return _spoken_time(match)
    if match["money"]:
        dimension, factor = _UNITS[match["money"].strip()]
        return Quantity(_value(match["amount"]) * factor, dimension, written), end
    if match["number"]:
        return _with_unit(match)
    return _in_ideographs(match) if match["cjk"] else _in_words(match)


def _part_or_dozen(match: re.Match[str]) -> Quantity:
    """Read "half a dozen" or "half an hour"."""
    if match["dozen"]:
        return Quantity(12 * _COUNTS.get(match["count"], 1.0), "", match.group().strip())
    dimension, factor = _UNITS[match["shared"].casefold()]
    return Quantity(_SHARES[match["share"].casefold()] * factor, dimension, match.group())


def _spoken_time(match: re.Match[str]) -> tuple[Quantity | None, int]:
    """Read "half past five", "quarter to seven", "5 pm" or "two o'clock" as a time of day."""
    hour = _small(match["parthour"] or match["hour"])
    part = (match["part"] or "").casefold()
    if hour is None or (part == "quarter" and not match["way"]):
        return None, match.end("part") if part else match.end()
    if not part:
        return Quantity(
            _minutes(f"{hour}:00{match['half_of_day']}"), "clock", match.group().strip()
        ), match.end()
    minutes = (30.0 if part == "half" else 15.0) * (-1 if match["way"] == "to" else 1)
    return Quantity(hour * 60 + minutes, "clock", match.group()), match.end()


def _in_ideographs(match: re.Match[str]) -> tuple[Quantity | None, int]:
    total, digit = 0, 0
    for char in match["cjk"]:
        if char in _CJK_TENS:
            total, digit = total + (digit or 1) * _CJK_TENS[char], 0
        else:
            digit = digit * 10 + _CJK_DIGITS[char]
    dimension, factor = _UNITS.get(match["cjkunit"], ("", 1))
    return Quantity((total + digit) * factor, dimension, match.group()), match.end()


def _in_words(match: re.Match[str]) -> tuple[Quantity | None, int]:
    value = _WORDS.get(match["word"].casefold())
    if match["word"].casefold() in _NOON:
        return Quantity(720.0, "clock", match["word"]), match.end("word")
    if value is None:
        return None, match.end("word")
    unit = _UNITS.get((match["wordunit"] or "").casefold())
    if unit:
        return Quantity(value * unit[1], unit[0], match.group().strip()), match.end()
    return Quantity(float(value), "", match["word"]), match.end("word")


def _with_unit(match: re.Match[str]) -> tuple[Quantity, int]:
    value = _value(match["number"].replace("−", "-"))
    written = (match["unit"] or "").replace(" ", "")
    if written in ("°F", "°f"):
        return Quantity((value - 32) * 5 / 9, "temperature", match.group().strip()), match.end()
    if written == "M" and not match["gap"]:
        return Quantity(value * 1e6, "", match.group()), match.end()
    unit = _UNITS.get(written.casefold())
    if unit is None or (len(written) == 1 and written.isupper()):
        return Quantity(value, "", match["number"]), match.end("number")
    return Quantity(value * unit[1], unit[0], match.group().strip()), match.end()


def _value(text: str) -> float:
    text = re.sub(r"[’'\u00a0\u202f]", "", text)
    if re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", text):
        return float(text.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def _minutes(text: str) -> float:
    digits = re.match(r"(\d{1,2})[:h](\d\d)", text)
    hour, minute = (int(digits.group(1)), int(digits.group(2))) if digits else (0, 0)
    tail = text.casefold().replace(".", "")
    if tail.endswith("pm") and hour < 12:
        hour += 12
    if tail.endswith("am") and hour == 12:
        hour = 0
    return float(hour * 60 + minute)


def _small(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return _WORDS.get(text.casefold())
