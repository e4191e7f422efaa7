"""What two texts must agree on to say the same: numbers, days, identifiers, names, negation, scope."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kairos.core.quantities import Quantity, quantities
from kairos.core.turns import changes, negations
from kairos.core.words import WIDE

_MONTHS = {
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
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon mondays montag montags lundi lunes segunda-feira понедельник 周一 星期一 月曜 月曜日",
            "tuesday tue tues tuesdays dienstag dienstags mardi martes terça-feira вторник 周二 星期二 火曜 火曜日",
            "wednesday wed wednesdays mittwoch mittwochs mercredi miércoles quarta-feira среда 周三 星期三 水曜 水曜日",
            "thursday thu thurs thursdays donnerstag donnerstags jeudi jueves quinta-feira четверг 周四 星期四 木曜 木曜日",
            "friday fri fridays freitag freitags vendredi viernes sexta-feira пятница 周五 星期五 金曜 金曜日",
            "saturday sat saturdays samstag samstags samedi sábado суббота 周六 星期六 土曜 土曜日",
            "sunday sun sundays sonntag sonntags dimanche domingo воскресенье 周日 星期日 日曜 日曜日",
        )
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_LETTERS_OF_MONTHS = (f"[{''.join(sorted({name[at] for name in _MONTHS}))}]" for at in range(3))
_DAY = re.compile(
    # Looked for first, for speed: a digit, or letters with which a month can begin.
    rf"(?=\d|\b{''.join(_LETTERS_OF_MONTHS)})(?:"
    rf"(?P<iso>(?<!\d)(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d))"
    rf"|(?P<dm>(?<![\d.])(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?(?:\s+of|\s+de)?\s+(?P<m1>{_MONTH})\b\.?(?:\s+(?:de\s+)?(?P<y1>20\d\d))?)"
    rf"|(?P<md>\b(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<y2>20\d\d))?)"
    rf"|(?P<dotted>(?<![\d.])(?P<d3>\d{{1,2}})\.(?P<m3>\d{{1,2}})\.(?P<y3>20\d\d)(?!\d))"
    r"|(?P<cjk>(?:(?P<y4>20\d\d)\s?[年년]\s?)?(?P<m4>\d{1,2})\s?[月월]\s?(?P<d4>\d{1,2})\s?[日号號일])"
    rf"|(?P<month>\b(?:{_MONTH})\b\.?(?:\s+(?P<y5>20\d\d))?)"
    r"|(?P<year>(?<![\d./:#-])20[0-3]\d(?![\d/:-]|\.\d|\s?(?:[kmgt]i?b|px|ms|[x×%€$])\b)))",
    re.IGNORECASE,
)
_PLAIN_WORDS = r"(?:(?<!\S)[\"'(]*[A-Z]?[^\W\d_A-Z]+(?:-[^\W\d_A-Z]+)*[.,;:!?)\"']*(?:\s+|\Z))+"
"""Words between blanks in which no identifier can begin; none reaches over a blank."""
_IDENTIFIER = re.compile(
    rf"{_PLAIN_WORDS}|("
    r"https?://[^\s<>()\"'`]+|(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~<>{}$-]+(?:/[\w.@%+~<>{}$*-]*)*"
    r"|\b[\w.+-]{1,64}@[\w-]+\.[\w.-]+\b|(?<![\w-])--?[a-zA-Z][\w-]+|\b\d+(?:\.\d+){2,}(?::\d+)?\b"
    r"|\b[A-Za-z_]\w*(?:[._/:]+\w+(?:-\w+)*)+\b(?:\(\))?|\b\w*_\w+\b|\b[a-z]+[A-Z]\w*\b|\b[A-Z][a-z]+[A-Z]\w*\b"
    r"|\b[A-Za-z]+-?\d[\w-]*\b|\b\d+[A-Za-z]+\d\w*\b|#\d+\b|\b[A-Z]{2,}-\d+\b|\b\w+\(\))"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<![\w\"“„'`(-])\b([A-ZÀ-ÝА-Я][a-zà-ÿа-я]{2,})\b", re.MULTILINE)
_ACRONYM = re.compile(r"\b[A-Z]{2,6}\b")
_SCOPES: dict[str, str] = {
    word: scope
    for scope, words in {
        "env": "staging prod production dev development local preview test qa ci",
        "os": "linux macos mac windows ios android ubuntu debian",
        "side": "frontend backend client server web mobile desktop",
        "branch": "main master develop",
        "order": "first second third advanced beginner primary secondary left right north south east west nord süd ost",
    }.items()
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a text. `days` are (year or 0, month or 0, day or 0); `scopes` are (scope, word)."""

    quantities: tuple[Quantity, ...]
    days: frozenset[tuple[int, int, int]]
    weekdays: frozenset[int]
    identifiers: frozenset[str]
    names: frozenset[str]
    scopes: frozenset[tuple[str, str]]
    negations: int
    changes: int
    is_cjk: bool


@dataclass(frozen=True, slots=True)
class Located:
    """The values of a text in its `normal_form`, with where they stand: half-open ranges of characters."""

    text: str
    quantities: tuple[Quantity, ...]
    days: tuple[tuple[tuple[int, int], tuple[int, int, int]], ...]
    identifiers: tuple[tuple[tuple[int, int], str], ...]


def normal_form(text: str) -> str:
    """Return a text as its values are read: compatibility characters replaced, one kind of apostrophe."""
    return unicodedata.normalize("NFKC", text.translate(_NOT_DIGITS)).replace("’", "'")


_NOT_DIGITS = {ord(char): " " for char in "⁰¹²³⁴⁵⁶⁷⁸⁹"}
"""Raised digits are exponents and footnotes: as ordinary ones they would make other numbers."""


@lru_cache(maxsize=8192)
def located(text: str) -> Located:
    """Return the numbers, days and identifiers of a plain text with their places."""
    text = normal_form(text)
    days = tuple((match.span(), day) for match in _DAY.finditer(text) if (day := _day_of(match)) is not None)
    without_days = _blanked(text, (span for span, _ in days))
    found = tuple(
        (match.span(), name)
        for match in _IDENTIFIER.finditer(without_days)
        if (name := match[1]) is not None and not _ABBREVIATION.fullmatch(name)
    )
    numbered = (span for span, name in found if any(map(str.isdigit, name)))
    identifiers = tuple((span, normal) for span, name in found if (normal := normal_identifier(name)))
    return Located(text, quantities(_blanked(without_days, numbered)), days, identifiers)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text of the same length, with blanks where the spans are, which are in order and disjoint."""
    pieces = []
    position = 0
    for start, end in spans:
        pieces += [text[position:start], " " * (end - start)]
        position = end
    return "".join((*pieces, text[position:]))


@lru_cache(maxsize=8192)
def values(text: str, code: tuple[str, ...] = ()) -> Values:
    """Return the values of a plain text; `code` are its code spans: whatever stands in one is an identifier."""
    found = located(text)
    text = found.text
    in_code = filter(None, map(normal_identifier, code))
    words = frozenset(map(str.casefold, _WORD.findall(text)))
    wide = len(WIDE.findall(text))
    named = map(str.casefold, (*_NAME.findall(text), *_ACRONYM.findall(text)))
    return Values(
        quantities=found.quantities,
        days=frozenset(day for _, day in found.days),
        weekdays=frozenset(WEEKDAYS[word] for word in words & WEEKDAYS.keys())
        | (_wide_weekdays(text) if wide else frozenset()),
        identifiers=frozenset((*in_code, *(name for _, name in found.identifiers))),
        names=frozenset(named) - _NOT_NAMES,
        scopes=frozenset((_SCOPES[word], word) for word in words & _SCOPES.keys()),
        negations=len(negations(text)),
        changes=len(changes(text)),
        is_cjk=wide > len(text) / 4,
    )


_NOT_NAMES = frozenset((*_MONTHS, *WEEKDAYS))


def _wide_weekdays(text: str) -> frozenset[int]:
    return frozenset(number for name, number in _WIDE_WEEKDAYS if name in text)


_WIDE_WEEKDAYS = tuple((name, number) for name, number in WEEKDAYS.items() if WIDE.match(name))


_SHORT_MONTH = 4  # letters of "Jun" and "sept"


def _day_of(match: re.Match[str]) -> tuple[int, int, int] | None:
    groups = match.groupdict()
    if groups["month"]:
        word = re.match(r"[^\W\d_]+", groups["month"])
        name = word.group().casefold() if word else ""
        shortened = len(name) <= _SHORT_MONTH and not groups["y5"] and name not in ("may", "mai")
        if shortened or (name in ("may", "mars", "march", "mai") and not groups["month"][0].isupper()):
            return None  # an ordinary word, or somebody's name
        return (int(groups["y5"] or 0), _MONTHS.get(name, 0), 0)
    if groups["year"]:
        return (int(groups["year"]), 0, 0)
    for year, month, day in (
        ("y", "m", "d"),
        ("y1", "m1", "d1"),
        ("y2", "m2", "d2"),
        ("y3", "m3", "d3"),
        ("y4", "m4", "d4"),
    ):
        if groups[day]:
            number = groups[month]
            found = int(number) if number.isdigit() else _MONTHS[number.casefold()]
            return (
                (int(groups[year] or 0), found, int(groups[day]))
                if found <= 12 and int(groups[day]) <= 31
                else None
            )
    return None


def same_day(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether two days can be the same: parts that one leaves out do not count."""
    return all(x == y or 0 in (x, y) for x, y in zip(one, other, strict=True))


_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")


def normal_identifier(text: str) -> str:
    """Return a path, an address or a name as it is compared."""
    text = re.sub(r"^\w+://", "", text).rstrip(".,:;)").removesuffix("()")
    return text.casefold().strip("/")


def missing_identifiers(of: Iterable[str], among: Values, text: str) -> tuple[str, ...]:
    """Return the identifiers that a text does not mention, in whatever spelling; part of a longer one is no mention."""
    unnamed = sorted(one for one in of if one not in among.identifiers)
    if not unnamed:  # as for most pairs: then nobody need know what the text spells
        return ()
    run_together = f"{_run_together(text)} {' '.join(map(_flat, among.identifiers))}"
    listed = frozenset(
        one for one in unnamed if _LIST.fullmatch(one) and _words_outside(text) >= {*one.split("/")}
    )
    if not any(_flat(one).removesuffix("s") in run_together for one in unnamed):
        return tuple(one for one in unnamed if one not in listed)
    spelled = _spelled(text) | _without_plural(frozenset(map(_flat, among.identifiers)))
    return tuple(one for one in unnamed if one not in listed and not _is_spelled(one, spelled))


_LIST = re.compile(r"[^\W\d_]{2,}(?:/[^\W\d_]{2,})+")
"""Words with slashes between them, which list as often as they lead somewhere: "morning/evening"."""
_PATH = re.compile(r"\S*/\S*")


@lru_cache(maxsize=8192)
def _words_outside(text: str) -> frozenset[str]:
    """Return the words of a text that stand in no path: a/b is no b/a."""
    return frozenset(map(str.casefold, _WORD.findall(_PATH.sub(" ", text))))


@lru_cache(maxsize=8192)
def _run_together(text: str) -> str:
    return "".join(map(_flat, text.split()))


@lru_cache(maxsize=8192)
def _spelled(text: str) -> frozenset[str]:
    return _without_plural(frozenset(_runs(text)))


def _without_plural(names: frozenset[str]) -> frozenset[str]:
    """Return names, and those with a digit also without a final s."""
    return names | {one[:-1] for one in names if one.endswith("s") and any(map(str.isdigit, one))}


def _is_spelled(name: str, spelled: frozenset[str]) -> bool:
    """Whether words spell a name; a letter or two stand in any text, and spell none."""
    flat = _flat(name)
    return len(flat) > _TOO_SHORT and bool({flat, flat.removesuffix("s")} & spelled)


_TOO_SHORT = 2


def _runs(text: str) -> Iterator[str]:
    """Yield one, two, … words that stand in a row, written as one: "fetch orders" is `fetch_orders`."""
    words = [_flat(word) for word in text.split()]
    for size in range(1, _LONGEST_RUN + 1):
        yield from map("".join, zip(*(words[at:] for at in range(size)), strict=False))


_LONGEST_RUN = 4


_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_NO_LETTERS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


@lru_cache(maxsize=65_536)
def _flat(text: str) -> str:
    """Return the letters and digits of a word; what stands between digits counts: 0.1.11 is no 0.11.1."""
    return _NO_LETTERS.sub("", _BETWEEN_DIGITS.sub(".", text.casefold()))


def missing_quantities(of: Values, among: Values) -> tuple[Quantity, ...]:
    """Return the numbers of one text that the other does not have.

    Each number of the other text stands for one of this: in "3 times, 3 s" and "3 times, 5 s" the seconds differ. A number that
    is only repeated is not missing, unless the other text has another number in its place. The same holds for
    "one", which is as often an article.
    """
    return differing_quantities(of, among)[0]


def differing_quantities(one: Values, other: Values) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """Return what of each text's numbers is missing in the other, as `missing_quantities` does."""
    ours, theirs = _leftover(one, other), _leftover(other, one)
    return _missing(ours, theirs, one, other), _missing(theirs, ours, other, one)


def _missing(
    ours: Sequence[Quantity], theirs: Sequence[Quantity], of: Values, among: Values
) -> tuple[Quantity, ...]:
    if not ours:
        return ()
    replaced = any(not _is_known(quantity, of, ours) for quantity in theirs)
    return tuple(
        quantity
        for quantity in ours
        if (theirs if _is_soft(quantity) else replaced or not _is_known(quantity, among, theirs))
    )


def _leftover(of: Values, among: Values) -> tuple[Quantity, ...]:
    """Return what is left of one text's numbers when each has taken a number of the other text that is equal to it."""
    if not of.quantities:
        return ()
    mine, free = list(of.quantities), list(among.quantities)
    for exactly in (True, False):
        for quantity in tuple(mine):
            found = next((q for q in free if _matches(quantity, q, exactly=exactly)), None)
            if found is not None:
                mine.remove(quantity)
                free.remove(found)
    return tuple(quantity for quantity in mine if not _is_day(quantity, of, among))


def _matches(one: Quantity, other: Quantity, *, exactly: bool) -> bool:
    return one.equals(other) and (not exactly or one.dimension == other.dimension)


def _is_known(quantity: Quantity, among: Values, rivals: Sequence[Quantity]) -> bool:
    """Whether a text has a number as well; a bare 12 is no 12 ms where that text has another time to spare."""
    exactly = any(rival.dimension and rival.dimension == quantity.dimension for rival in rivals)
    return any(_matches(quantity, other, exactly=exactly) for other in among.quantities)


_SOFT_WORDS = frozenset("dos due sei sept".split())
"""Numbers of one language that are everyday words of another."""


def _is_soft(quantity: Quantity) -> bool:
    written = quantity.text.strip().casefold()
    return not quantity.dimension and (
        written in _SOFT_WORDS or (quantity.value == 1.0 and not written.isdigit())
    )


def _is_day(quantity: Quantity, of: Values, among: Values) -> bool:
    """Whether a bare number is the day of a date that only the other side writes out: "the 16th"."""
    written_out = (day for day in among.days if not any(same_day(day, own) for own in of.days))
    return quantity.dimension == "" and any(day[2] and quantity.value == day[2] for day in written_out)


def missing_days(of: Values, among: Values) -> tuple[tuple[int, int, int], ...]:
    """Return the days of one text that the other does not have.

    Where the other has a day in their place, "5 March" stands for one of them: not for the 5 March that both name as
    well as for that of 2020.
    """
    numbers = {q.value for q in among.quantities if not q.dimension and any(map(str.isdigit, q.text))}
    numbers = set() if among.days else numbers - {0.0}  # "the 16th" can be a day of a text that names none
    replaced = any(not _names(of.days, day) for day in among.days)
    theirs = among.days - of.days if replaced else among.days
    return tuple(
        sorted(
            day
            for day in of.days
            if day[2] not in numbers and day not in among.days and not _names(theirs, day)
        )
    )


def _names(days: Iterable[tuple[int, int, int]], day: tuple[int, int, int]) -> bool:
    return any(same_day(day, other) for other in days)
