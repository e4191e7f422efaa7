"""Tables of number words in several languages, Chinese numerals, and units with their factors."""

from __future__ import annotations

NUMBER_WORDS: dict[str, float] = {
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
        1.5: "anderthalb eineinhalb",
        2.5: "zweieinhalb",
        3.5: "dreieinhalb",
        9: "nine neun neuf nueve nove девять",
        10: "ten zehn dix diez dez dieci десять",
        11: "eleven elf onze undici",
        12: "twelve zwölf douze doce doze dodici",
        13: "thirteen dreizehn treize trece treze tredici",
        14: "fourteen vierzehn quatorze catorce quattordici",
        15: "fifteen fünfzehn quinze quince quindici",
        16: "sixteen sechzehn seize dieciséis dezesseis dezasseis sedici",
        17: "seventeen siebzehn diecisiete dezessete diciassette",
        18: "eighteen achtzehn dieciocho dezoito diciotto",
        19: "nineteen neunzehn diecinueve dezenove diciannove",
        20: "twenty zwanzig vingt vingts veinte vinte venti двадцать",
        30: "thirty dreißig trente treinta trinta trenta тридцать",
        40: "forty vierzig quarante cuarenta quarenta quaranta сорок",
        50: "fifty fünfzig cinquante cincuenta cinquenta cinquanta пятьдесят",
        60: "sixty sechzig soixante sesenta sessenta sessanta шестьдесят",
        70: "seventy siebzig setenta settanta семьдесят",
        80: "eighty achtzig ochenta oitenta ottanta восемьдесят",
        90: "ninety neunzig noventa novanta девяносто",
        100: "hundred hundert einhundert cent cents cien ciento cem cento сто",
        200: "zweihundert doscientos doscientas duzentos duzentas duecento двести",
        300: "dreihundert trescientos trescientas trezentos trezentas trecento триста",
        400: "vierhundert cuatrocientos cuatrocientas quatrocentos quatrocentas quattrocento четыреста",
        500: "fünfhundert quinientos quinientas quinhentos quinhentas cinquecento пятьсот",
        600: "sechshundert seiscientos seiscientas seiscentos seiscentas seicento шестьсот",
        700: "siebenhundert setecientos setecientas setecentos setecentas settecento семьсот",
        800: "achthundert ochocientos ochocientas oitocentos oitocentas ottocento восемьсот",
        900: "neunhundert novecientos novecientas novecentos novecentas novecento девятьсот",
        1000: "thousand tausend eintausend mille mil",
        10**6: "million",
    }.items()
    for word in words.split()
}
HOURS = dict.fromkeys("noon midday mittag midi mediodía".split(), 12) | dict.fromkeys(
    "midnight mitternacht minuit medianoche meia-noite полночь".split(), 0
)
"""Hours of the day that have names."""
ONES = "one|two|three|four|five|six|seven|eight|nine"
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
NUMBER_WORDS |= {
    f"{ten}-{one}": NUMBER_WORDS[ten] + NUMBER_WORDS[one]
    for ten in TENS.split("|")
    for one in ONES.split("|")
}
NUMBER_WORDS |= {
    f"{one}und{ten}": NUMBER_WORDS[ten] + value
    for ten in "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
    for value, one in enumerate("ein zwei drei vier fünf sechs sieben acht neun".split(), start=1)
}
NUMBER_WORDS |= {
    word: 20 + value
    for value, words in enumerate(
        "veintiuno/veintiún/veintiuna/ventuno veintidós/ventidue veintitrés/ventitré veinticuatro/ventiquattro "
        "veinticinco/venticinque veintiséis/ventisei veintisiete/ventisette veintiocho/ventotto "
        "veintinueve/ventinove".split(),
        start=1,
    )
    for word in words.split("/")
}

COUNTS = {"half a": 0.5, "half": 0.5} | {word: float(NUMBER_WORDS[word]) for word in ONES.split("|")}
COUNTS |= {str(number): float(number) for number in range(1, 100)}

FRACTIONS = {
    word: 1 / number
    for number, words in {
        2: "half halves",
        3: "third thirds drittel tiers",
        4: "quarter quarters viertel quarts",
        5: "fifth fifths fünftel",
        6: "sixth sixths sechstel",
        8: "eighth eighths achtel",
        10: "tenth tenths zehntel",
        20: "twentieth twentieths zwanzigstel",
        100: "hundredth hundredths hundertstel",
        1000: "thousandth thousandths tausendstel",
    }.items()
    for word in words.split()
}
"""Words for parts of a whole, and their shares."""

CJK_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
CJK_TENS = {"十": 10, "百": 100, "千": 1000}
CJK_COUNTED = "个個次天周週月年分秒小時时人日点點回本枚台つ名位条條家件種种倍元円遍章页頁"
"""Characters that may follow a numeral: without one of these, a numeral is as often part of a word."""

UNITS: dict[str, tuple[str, float]] = {}
"""Case-folded unit → its dimension, and the factor to the base unit of that."""


def _unit(dimension: str, factor: float, names: str) -> None:
    UNITS.update(dict.fromkeys(names.split(), (dimension, factor)))


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
    "week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane 周 週 недели неделя недель 주",
)
_unit(
    "time",
    2629800,
    "month months monat monate monaten mois mes meses mês mesi 个月 個月 か月 месяца месяцев месяц 개월",
)
_unit("time", 31557600, "year years yr yrs jahr jahre jahren ans año años ano anos anni 年 лет года год 년")
_unit("", 1000, "k thousand thousands tausend mille mila mil тысяч тысячи тыс 千")
_unit("", 1e6, "million millions millionen millones milhões миллионов mio")
_unit("", 1e9, "billion billions milliarden milliards bn")
_unit("temperature", 1, "°c degreecelsius degreescelsius gradcelsius")
_unit("clock", 60, "uhr")
_unit("size", 1, "byte bytes")
_unit("size", 1024, "kb kib kilobyte kilobytes")
_unit("size", 1024**2, "mb mib megabyte megabytes")
_unit("size", 1024**3, "gb gib gigabyte gigabytes")
_unit("size", 1024**4, "tb tib terabyte terabytes")
_unit("share", 0.01, "% percent prozent pct per-cent procent pourcent porciento porcento percento")
_unit("points", 0.01, "percentage pp prozentpunkte")
_unit("length", 0.001, "mm millimetre millimetres millimeter")
_unit("length", 0.01, "cm centimetre centimetres")
_unit("length", 1000, "km kilometre kilometres kilometer")
_unit("length", 0.0254, "inch inches zoll")
_unit("length", 0.3048, "ft foot feet")
_unit("length", 1609.344, "mile miles meile meilen")
_unit("pixels", 1, "px pixel pixels")
_unit("root font sizes", 1, "rem")
_unit("points of type", 1, "pt")
_unit("bits", 1, "bit bits")
_unit("bits", 1e3, "kbit kbits kilobit kilobits kbps")
_unit("bits", 1e6, "mbit mbits megabit megabits mbps")
_unit("bits", 1e9, "gbit gbits gigabit gigabits gbps")
_unit("energy", 1, "wh")
_unit("energy", 1e3, "kwh")
_unit("mass", 0.001, "mg")
_unit("mass", 1, "g gram grams gramm")
_unit("mass", 1000, "kg kilo kilos")
_unit("mass", 28.349523125, "oz ounce ounces")
_unit("mass", 453.59237, "lb lbs")
_unit("volume", 0.001, "ml millilitre millilitres milliliter milliliters")
_unit("volume", 0.01, "cl")
_unit("volume", 1, "l litre litres liter liters litro litros litri литр литра литров")
_unit("power", 1, "watt watts")
_unit("power", 1000, "kw kilowatt kilowatts")
_unit("current", 0.001, "ma milliampere milliamps")
_unit("current", 1, "ampere amperes amp amps")
_unit("current", 1000, "ka")
_unit("voltage", 0.001, "mv millivolt millivolts")
_unit("voltage", 1, "volt volts")
_unit("voltage", 1000, "kv")
_unit("pressure", 100, "mbar hpa millibar")
_unit("pressure", 1000, "kpa")
_unit("pressure", 100_000, "bar bars")
_unit("frequency", 1, "hz hertz")
_unit("frequency", 1e3, "khz")
_unit("frequency", 1e6, "mhz")
_unit("frequency", 1e9, "ghz")
CAPITAL_UNITS = {"A": ("current", 1.0), "V": ("voltage", 1.0), "W": ("power", 1.0)}
"""One-letter units that must be written as a capital."""
_unit("money:eur", 1, "€ eur euro euros")
_unit("money:usd", 1, "$ usd dollar dollars")
_unit("money:chf", 1, "chf franken")
_unit("money:gbp", 1, "£ gbp")
_unit("money:hundredths", 0.01, "ct cent cents centimes pence rappen")
NOT_CENTS = frozenset("deux trois quatre cinq sept huit neuf".split())
"""Number words after which "cent" is a hundred."""
