"""Finds absolute days in text, in nine languages. Nothing is guessed: a vague mention becomes a range.

The tables are its own because general date parsers read "may", "set" and bare numbers as dates.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kairos.core.text.patterns import lazy


class Precision(StrEnum):
    """How precisely a mention tells which day is meant."""

    DAY = "day"
    YEARLESS = "yearless"  # day and month; the year that is nearest to the reference
    AMBIGUOUS = "ambiguous"  # 03/04/2026: the range spans both readings
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class DayMention:
    """A day, or a range of days including both ends, that the characters `[start, end)` name."""

    start: int
    end: int
    first: date
    last: date
    precision: Precision


_MONTH_NAMES = (
    "january jan januar jänner janvier janv enero ene janeiro gennaio gen января январь янв",
    "february feb februar feber février févr febrero fevereiro fev febbraio февраля февраль фев",
    "march mar märz mrz mars marzo março марта март",
    "april apr avril avr abril abr aprile апреля апрель апр",
    "may mai mayo maio maggio мая май",
    "june jun juni juin junio junho giugno июня июнь",
    "july jul juli juillet juil julio julho luglio июля июль",
    "august aug août aout agosto ago августа август авг",
    "september sep sept septembre septiembre setembro set settembre сентября сентябрь сен",
    "october oct oktober okt octobre octubre outubro out ottobre октября октябрь окт",
    "november nov novembre noviembre novembro ноября ноябрь ноя",
    "december dec dezember dez décembre déc diciembre dic dezembro dicembre декабря декабрь дек",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_MONTH = r"(?<![^\W\d_])(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_DAY = r"(?<![\d.,:/-])(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|°|\.)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?![\d%]|[.,:/-]\d)"
_OF = r"\s+(?:of\s+|de\s+|d['’])?"
_WORD_BEFORE_YEAR = (
    r"(?:in|until|till|by|since|bis|seit|en|hasta|jusqu['’]en|desde|até|em|fino al?|nel|dal)\s+"
)


def _groups(match: re.Match[str], *names: str) -> tuple[int, ...]:
    return tuple(int(match.group(name)) for name in names)


def _month_of(match: re.Match[str]) -> int:
    name = match.group("month")
    return int(name) if name.isdigit() else _MONTHS[name.casefold()]


Range = tuple[date, date]


def _day(match: re.Match[str], _: date | None) -> Range:
    year, day = _groups(match, "year", "day")
    found = date(year, _month_of(match), day)
    return found, found


def _whole_month(match: re.Match[str], _: date | None) -> Range:
    year, month = int(match.group("year")), _month_of(match)
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _quarter(match: re.Match[str], _: date | None) -> Range:
    year, quarter = _groups(match, "year", "quarter")
    last = 3 * quarter
    return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])


def _whole_year(match: re.Match[str], _: date | None) -> Range:
    year = int(match.group("year"))
    return date(year, 1, 1), date(year, 12, 31)


def _either_order(match: re.Match[str], _: date | None) -> Range:
    """Read 03/04/2026 both ways round. If only one reading has a valid month, that one counts."""
    year, one, two = _groups(match, "year", "one", "two")
    readings = sorted(date(year, m, d) for m, d in ((one, two), (two, one)) if 1 <= m <= 12)
    return readings[0], readings[-1]


def _nearest_day(match: re.Match[str], reference: date | None) -> Range:
    """Choose the year that puts a day and month nearest to the reference.

    Raises ValueError without a reference, or if the month is likelier to be an ordinary word.
    """
    name = match.group("month")
    if reference is None or (name.isascii() and name.islower() and len(name) <= 3 and name != "mai"):
        raise ValueError(name)  # "may 3", "out 5": more often words than months
    month, day = _month_of(match), int(match.group("day"))
    years = (reference.year - 1, reference.year, reference.year + 1)
    found = min((date(year, month, day) for year in years), key=lambda one: abs(one - reference))
    return found, found


_Reader = Callable[[re.Match[str], date | None], Range]
"""(match, reference) → the range of days. Raises ValueError or IndexError if there is no such day."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write a day. `names_month`: the month is a word, or has the sign 月 after it."""

    pattern: re.Pattern[str]
    reader: _Reader
    precision: Precision
    names_month: bool

    def may_match(self, *, year: bool, month: bool) -> bool:
        """Whether the form can occur in a text, given whether that has a year and the name of a month."""
        return (month or not self.names_month) and (year or self.precision is Precision.YEARLESS)


def _form(pattern: str, reader: _Reader, precision: Precision) -> _Form:
    return _Form(lazy(pattern, re.IGNORECASE), reader, precision, _MONTH in pattern or "月" in pattern)


# The order matters: an earlier form claims its characters before a later one sees them.
_FORMS = (
    _form(
        r"(?<![^\W぀-ヿ㐀-鿿])(?<![./-])(?P<year>(?:19|20)\d{2})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?![\d]|-\d)",
        _day,
        Precision.DAY,
    ),
    _form(
        r"(?P<year>(?:19|20)\d{2})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]",
        _day,
        Precision.DAY,
    ),
    _form(
        rf"(?<![\w.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}",
        _day,
        Precision.DAY,
    ),
    _form(
        rf"(?<![\d/-])(?P<one>\d{{1,2}})([/-])(?P<two>\d{{1,2}})\2{_YEAR}", _either_order, Precision.AMBIGUOUS
    ),
    _form(rf"{_DAY}{_OF}{_MONTH}(?:,|\s+de|\s+del)?\s+{_YEAR}", _day, Precision.DAY),
    _form(rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _day, Precision.DAY),
    _form(r"(?P<year>(?:19|20)\d{2})\s*年\s*(?P<month>\d{1,2})\s*月", _whole_month, Precision.MONTH),
    _form(rf"(?<!\d )(?<!\d\. ){_MONTH},?\s+(?:de\s+|of\s+)?{_YEAR}", _whole_month, Precision.MONTH),
    _form(r"(?<![\w./-])(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})(?![\w-])", _whole_month, Precision.MONTH),
    _form(rf"(?<!\w)Q(?P<quarter>[1-4])[ /]{_YEAR}", _quarter, Precision.QUARTER),
    _form(rf"{_DAY}{_OF}{_MONTH}", _nearest_day, Precision.YEARLESS),
    _form(
        rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:%]|\s*[–-]\s*\d)",
        _nearest_day,
        Precision.YEARLESS,
    ),
    _form(r"(?<!\d)(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]", _nearest_day, Precision.YEARLESS),
    _form(
        rf"(?<!\w){_WORD_BEFORE_YEAR}(?!\d+00\s[^\W\d]){_YEAR}(?![\w-])", _whole_year, Precision.YEAR
    ),  # "hasta 2000 filas" is a count
    _form(r"(?<!\d)(?P<year>(?:19|20)\d{2})\s*年", _whole_year, Precision.YEAR),
)

_ANY_DAY = date(2000, 1, 1)
"""A reference where only counts whether a day is named, not which one."""
_DIGIT = re.compile(r"\d")

_YEAR_NUMBER = re.compile(r"(?:19|20)\d{2}")
_LETTERS = re.compile(r"[^\W\d_]+")

LONGEST_SENTENCE = 2000
"""Longer texts are dumps rather than sentences: a word in them says nothing about a day far away from it."""


def mentions(text: str, *, reference: date | None) -> tuple[DayMention, ...]:
    """Return the days that a text names, in order, without overlaps.

    A day and month without a year are read only if there is a `reference`, as the nearest such day.
    """
    if not (forms := _possible_forms(text)):
        return ()
    taken: list[DayMention] = []
    occupied = bytearray(len(text))
    for mention in _candidates(text, forms, reference):
        if not any(occupied[mention.start : mention.end]):
            occupied[mention.start : mention.end] = bytes((1,)) * (mention.end - mention.start)
            taken.append(mention)
    return tuple(sorted(taken, key=lambda mention: mention.start))


def names_a_day(text: str) -> bool:
    """Whether a text names a day, with or without its year."""
    return bool(mentions(text, reference=_ANY_DAY))


def without_days(text: str) -> str:
    """Return a text with a blank in place of every day that it names, with or without its year."""
    for mention in reversed(mentions(text, reference=_ANY_DAY)):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return text


def may_name_a_day(text: str) -> bool:
    """A quick check: whether a text can name any day, whatever the reference."""
    return bool(_possible_forms(text))


def _candidates(text: str, forms: Iterable[_Form], reference: date | None) -> Iterator[DayMention]:
    for form in forms:
        for match in form.pattern.finditer(text):
            try:
                first, last = form.reader(match, reference)
            except (ValueError, IndexError):  # no such day: 31 June, 45/13/2026
                continue
            start = match.start("year") if form.precision is Precision.YEAR else match.start()
            exact = form.precision is Precision.AMBIGUOUS and first == last
            yield DayMention(start, match.end(), first, last, Precision.DAY if exact else form.precision)


def _possible_forms(text: str) -> tuple[_Form, ...]:
    """Return the forms that can occur in a text. This is quick to find out, and for most texts there are none."""
    if not _DIGIT.search(text):
        return ()
    month = "月" in text or not _MONTHS.keys().isdisjoint(_LETTERS.findall(text.casefold()))
    return _FORMS_BY_CONTENT[_YEAR_NUMBER.search(text) is not None, month]


_FORMS_BY_CONTENT = {
    (year, month): tuple(form for form in _FORMS if form.may_match(year=year, month=month))
    for year in (False, True)
    for month in (False, True)
}
"""(has a year, has the name of a month) → the forms that can occur in such a text."""
