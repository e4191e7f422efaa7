"""Numbers in notes, made comparable: 1 GB = 1024 MB, 90 min = 1.5 h, 17:00 = 5 pm, 50 % = 0.5, ten = 10."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

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
        12: "twelve zwölf douze doce doze dodici noon midday mittag",
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
_CJK_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {
    "两": 2,
    "十": 10,
    "百": 100,
}

_UNITS: dict[str, tuple[str, float]] = {}


def _unit(dimension: str, factor: float, names: str) -> None:
    _UNITS.update(dict.fromkeys(names.split(), (dimension, factor)))


_unit("time", 0.001, "ms msec millisecond milliseconds millisekunden")
_unit("time", 1, "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos 秒 сек секунд")
_unit("time", 60, "min mins minute minutes minuten minuto minutos 分钟 分 минут мин")
_unit("time", 3600, "h hr hrs hour hours stunde stunden heure heures hora horas 小时 時間 часов часа")
_unit("time", 86400, "d day days tag tage tagen jour jours día días dia dias 天 日 дней дня")
_unit("time", 604800, "week weeks woche wochen semaine semaines semana semanas 周 недели")
_unit("time", 2629800, "month months monat monate monaten mois mes meses 个月 か月 месяца")
_unit("time", 31557600, "year years yr yrs jahr jahre jahren an ans año años ano anos 年 лет")
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

_NUMBER = r"(?:\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
_UNIT = r"%|[€$£]|[^\W\d_]+(?:-cent)?|[秒分钟小时天周年月個]+"
_TOKEN = re.compile(
    rf"(?P<clock>\b[0-2]?\d[:h][0-5]\d(?::\d\d)?\b(?:\s*[ap]\.?m\b)?)"
    rf"|(?P<half>\bhalf(?: past)? (?P<halfhour>[a-z]+|\d+)\b)"
    rf"|(?P<ampm>(?<![\d.,:])(?P<hour>\d{{1,2}}|[a-z]+)\s*(?P<half_of_day>[ap]\.?m\b\.?))"
    rf"|(?P<money>[€$£]\s?)(?P<amount>{_NUMBER})"
    rf"|(?<![\w.])(?P<number>[-−+]?{_NUMBER})(?P<gap>[\s-]?)(?P<unit>{_UNIT})?"
    r"|(?P<word>\b[^\W\d_]+\b)(?:[\s-](?P<wordunit>[^\W\d_]+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in its base unit: `dimension` is "time" (seconds), "size" (bytes), "clock" (minutes of the day), …, or
    "" without a unit that is known. `text` is how it was written."""

    value: float
    dimension: str
    text: str

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same amount; a number without a unit equals any that is written with that number."""
        if self.dimension == other.dimension:
            return _close(self.value, other.value) or _same_hour(self, other)
        if "clock" in (self.dimension, other.dimension) and "" in (self.dimension, other.dimension):
            return _is_hour(self, other) or _is_hour(other, self)
        if "" in (self.dimension, other.dimension):
            return _close(_written(self), _written(other))
        return False


def _same_hour(one: Quantity, other: Quantity) -> bool:
    """Whether two times of day are the same, where one is in words and leaves open which half of the day."""
    in_words = any(not any(map(str.isdigit, quantity.text)) for quantity in (one, other))
    return one.dimension == "clock" and in_words and _close(one.value % 720, other.value % 720)


def _is_hour(bare: Quantity, clock: Quantity) -> bool:
    """Whether a bare number is the full hour of a time of day: "until five" is 17:00."""
    return bare.dimension == "" and 0 < bare.value <= 12 and _close(clock.value % 720, bare.value % 12 * 60)


def _close(x: float, y: float) -> bool:
    return abs(x - y) <= 1e-9 * max(1.0, abs(x), abs(y))


def _written(quantity: Quantity) -> float:
    match = re.search(_NUMBER, quantity.text)
    if match:
        return _value(match.group())
    return next((_WORDS[w] for w in quantity.text.casefold().split() if w in _WORDS), quantity.value)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text, in order."""
    return tuple(_quantities(unicodedata.normalize("NFKC", text)))


def _quantities(text: str) -> Iterator[Quantity]:
    position = 0
    while match := _TOKEN.search(text, position):
        position = max(match.end(), position + 1)
        written = match.group().strip()
        if match["clock"]:
            yield Quantity(_minutes(match["clock"]), "clock", written)
        elif match["half"]:
            hour = _small(match["halfhour"])
            if hour is not None:
                yield Quantity((hour * 60 + 30), "clock", written)
        elif match["ampm"]:
            hour = _small(match["hour"])
            if hour is not None:
                yield Quantity(_minutes(f"{hour}:00{match['half_of_day']}"), "clock", written)
        elif match["money"]:
            dimension, factor = _UNITS[match["money"].strip()]
            yield Quantity(_value(match["amount"]) * factor, dimension, written)
        elif match["number"]:
            quantity, used = _with_unit(match)
            position = max(match.start() + 1, used)
            yield quantity
        else:
            position = match.end("word")
            yield from _in_words(match)


def _in_words(match: re.Match[str]) -> Iterator[Quantity]:
    value = _WORDS.get(match["word"].casefold())
    if value is None:
        return
    unit = _UNITS.get((match["wordunit"] or "").casefold())
    if unit:
        yield Quantity(value * unit[1], unit[0], match.group().strip())
    else:
        yield Quantity(float(value), "", match["word"])


def _with_unit(match: re.Match[str]) -> tuple[Quantity, int]:
    value = _value(match["number"].replace("−", "-"))
    unit = _UNITS.get((match["unit"] or "").casefold())
    if unit is None or (len(match["unit"]) == 1 and match["unit"].isupper()):
        return Quantity(value, "", match["number"]), match.end("number")
    return Quantity(value * unit[1], unit[0], match.group().strip()), match.end()


def _value(text: str) -> float:
    text = re.sub(r"[’'\u00a0\u202f]", "", text)
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
