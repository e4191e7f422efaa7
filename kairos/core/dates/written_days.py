"""Finds dates and days of the week in notes, as people write them in several languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from kairos.core.text.words import WIDE

Day = tuple[int, int, int]
"""Year, month and day of the month; 0 where the text leaves one out."""
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero janeiro gennaio января",
            "february feb februar février febrero fevereiro febbraio февраля",
            "march mar märz mars marzo março марта",
            "april apr avril abril aprile апреля",
            "may mai mayo maio maggio мая",
            "june jun juni juin junio junho giugno июня",
            "july jul juli juillet julio julho luglio июля",
            "august aug août agosto августа",
            "september sep sept septembre septiembre setembro settembre сентября",
            "october oct oktober okt octobre octubre outubro ottobre октября",
            "november nov novembre noviembre novembro ноября",
            "december dec dezember dez décembre diciembre dezembro dicembre декабря",
        ),
        start=1,
    )
    for name in names.split()
}
"""The months that values are read from. More names, such as those that only `days` has, would change what is judged."""
WEEKDAYS = {
    name: number % 7
    for number, names in enumerate(
        """
        monday mon mondays montag montags lundi lunes segunda-feira понедельник 周一 星期一 月曜 月曜日
        tuesday tue tues tuesdays dienstag dienstags mardi martes terça-feira вторник 周二 星期二 火曜 火曜日
        wednesday wed wednesdays mittwoch mittwochs mercredi miércoles quarta-feira среда 周三 星期三 水曜 水曜日
        thursday thu thurs thursdays donnerstag donnerstags jeudi jueves quinta-feira четверг 周四 星期四 木曜 木曜日
        friday fri fridays freitag freitags vendredi viernes sexta-feira пятница 周五 星期五 金曜 金曜日
        saturday sat saturdays samstag samstags samedi sábado суббота 周六 星期六 土曜 土曜日
        sunday sun sundays sonntag sonntags dimanche domingo воскресенье 周日 星期日 日曜 日曜日
        """.strip().splitlines()
        + """
        월요일 lunedì maandag
        화요일 martedì dinsdag
        수요일 mercoledì woensdag
        목요일 giovedì donderdag
        금요일 venerdì vrijdag
        토요일 sabato zaterdag
        일요일 domenica zondag
        """.strip().splitlines()
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_FIRST_LETTERS_OF_MONTHS = (f"[{''.join(sorted({name[at] for name in MONTHS}))}]" for at in range(3))
_DAY = re.compile(
    # Checked first, for speed: a digit, or three letters with which the name of a month can begin.
    rf"(?=\d|\b{''.join(_FIRST_LETTERS_OF_MONTHS)})(?:"
    rf"(?P<iso>(?<!\d)(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d))"
    rf"|(?P<dm>(?<![\d.])(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?(?:\s+of|\s+de)?\s+(?P<m1>{_MONTH})\b\.?(?:\s+(?:de\s+)?(?P<y1>20\d\d))?)"
    rf"|(?P<md>\b(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<y2>20\d\d))?)"
    rf"|(?P<dotted>(?<![\d.])(?P<d3>\d{{1,2}})\.(?P<m3>\d{{1,2}})\.(?P<y3>20\d\d)(?!\d))"
    r"|(?P<cjk>(?:(?P<y4>20\d\d)\s?[年년]\s?)?(?P<m4>\d{1,2})\s?[月월]\s?(?P<d4>\d{1,2})\s?[日号號일])"
    rf"|(?P<month>\b(?:{_MONTH})\b\.?(?:\s+(?P<y5>20\d\d))?)"
    r"|(?P<ym>(?<![\w./:#-])(?P<y6>20[0-3]\d)-(?P<m6>0[1-9]|1[0-2])(?![\w/-]|:\d|\.\d))"
    r"|(?P<my>(?<![\w./:#-])(?P<m7>0?[1-9]|1[0-2])/(?P<y7>20[0-3]\d)(?![\w/-]|:\d|\.\d))"
    r"|(?P<year>(?<![\d./:#-])20[0-3]\d(?![\d/-]|:\d|\.\d|\s?(?:[kmgt]i?b|px|ms|[x×%€$])\b)))",
    re.IGNORECASE,
)


def days_in(text: str) -> tuple[tuple[tuple[int, int], Day], ...]:
    """Return the days of a text in order, each with its half-open range of characters."""
    found: list[tuple[tuple[int, int], Day]] = []
    for match in _DAY.finditer(text):
        if (day := _day_of(match)) is None:
            continue
        start = max(0, match.start() - _LONGEST_BEFORE)
        before = (
            _with_same_month(_DAY_BEFORE.search(text, start, match.start()), day) if match["dm"] else None
        )
        after = _with_same_month(_DAY_AFTER.match(text, match.end()), day) if match["md"] else None
        found += (one for one in (before, (match.span(), day), after) if one is not None)
    return tuple(found)


_DAY_BEFORE = re.compile(
    r"(?<![\w.,:/$€£#-])(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|\.)?"
    r"(?:\s?[–&+-]\s?|\s?\.?/\s?|\s(?:and|to|till|until|und|bis|et|au|y|al?)\s(?:the\s)?)\Z",
    re.IGNORECASE,
)
"""The 11 of "11 and 12 May"."""
_LONGEST_BEFORE = 16
_DAY_AFTER = re.compile(
    r"(?:\s?[–-]\s?(?P<until>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\w:/%-]|[.,]\d)"
    r"|\s(?:and|to|till|until)\s(?:the\s)?(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)\b)"
    rf"(?!\s(?:of\s)?(?:{_MONTH})\b)",
    re.IGNORECASE,
)
"""The 12 of "May 11th and 12th"."""


def _with_same_month(match: re.Match[str] | None, day: Day) -> tuple[tuple[int, int], Day] | None:
    """Return a day of the month that is told with another one, as "11" in "11 and 12 May"."""
    if match is None or not day[1] or not day[2]:
        return None
    group = "until" if match.groupdict().get("until") else "day"
    return match.span(group), (day[0], day[1], int(match[group]))


def repeated_years(days: Sequence[tuple[tuple[int, int], Day]]) -> frozenset[tuple[int, int]]:
    """Return the spans of bare years that only repeat a year of the text.

    Such a number may be a count instead: "since 2026 we keep 2026 copies".
    """
    known: set[int] = {year for _, (year, month, _) in days if month}
    repeated = set()
    for span, (year, month, _) in days:
        if not month and year in known:
            repeated.add(span)
        known.add(year)
    return frozenset(repeated)


def weekdays_in(text: str, words: AbstractSet[str]) -> frozenset[int]:
    """Return the days of the week that a text names, 0 being Monday. `words` are its words, case folded."""
    named = frozenset(WEEKDAYS[word] for word in words & WEEKDAYS.keys())
    return (
        named if text.isascii() else named | {number for name, number in _UNSPACED_WEEKDAYS if name in text}
    )


_UNSPACED_WEEKDAYS = tuple((name, number) for name, number in WEEKDAYS.items() if WIDE.match(name))
"""Names in scripts without blanks between words: they are looked up as substrings of the text."""


_SHORT_MONTH = 4  # letters of "Jun" and "sept"


def _day_of(match: re.Match[str]) -> Day | None:
    groups = match.groupdict()
    if groups["month"]:
        word = re.match(r"[^\W\d_]+", groups["month"])
        name = word.group().casefold() if word else ""
        shortened = len(name) <= _SHORT_MONTH and not groups["y5"] and name not in ("may", "mai")
        if shortened or (name in ("may", "mars", "march", "mai") and not groups["month"][0].isupper()):
            return None  # an ordinary word, or somebody's name
        return (int(groups["y5"] or 0), MONTHS.get(name, 0), 0)
    if groups["year"]:
        return (int(groups["year"]), 0, 0)
    for year, month in (("y6", "m6"), ("y7", "m7")):
        if groups[month]:
            return (int(groups[year]), int(groups[month]), 0)
    for year, month, day in (
        ("y", "m", "d"),
        ("y1", "m1", "d1"),
        ("y2", "m2", "d2"),
        ("y3", "m3", "d3"),
        ("y4", "m4", "d4"),
    ):
        if groups[day]:
            number = groups[month]
            found = int(number) if number.isdigit() else MONTHS[number.casefold()]
            return (
                (int(groups[year] or 0), found, int(groups[day]))
                if found <= 12 and int(groups[day]) <= 31
                else None
            )
    return None


def same_day(one: Day, other: Day) -> bool:
    """Whether two days can be the same: they agree in every part that both tell, and there is at least one."""
    parts = tuple(zip(one, other, strict=True))
    return all(x == y or 0 in (x, y) for x, y in parts) and any(x == y != 0 for x, y in parts)
