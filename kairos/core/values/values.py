"""Extracts what two texts must agree on to say the same: numbers, days, identifiers, names, negation, scope."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kairos.core.dates.written_days import MONTHS, WEEKDAYS, Day, days_in, repeated_years, weekdays_in
from kairos.core.text.caching import cached
from kairos.core.text.phrases import change_phrases, negations
from kairos.core.text.words import LETTERS, WIDE
from kairos.core.values.identifiers import identifiers_in, normal_identifier
from kairos.core.values.quantities import quantities
from kairos.core.values.quantity import Quantity
from kairos.core.values.readings import blanked
from kairos.core.values.spelled_names import spelled_names

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
_IN_FULL = {
    "prod": "production",
    "dev": "development",
    "mac": "macos",
    "nord": "north",
    "süd": "south",
    "ost": "east",
}
"""Scopes that have a shorter name, or one in another language, and what they are called in full."""

Scopes = frozenset[tuple[str, str]]
"""(scope, word) for each environment, system and part that a text names."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a text, which is in `normal_form`. `negations` and `changes` are counts; `is_cjk`: over a quarter of it are ideographs.

    `spelled` are the names that it spells out, in their short form: "v5" for "version 5". `repeated_days` are those of
    its `days` that it names more than once.
    """

    text: str
    quantities: tuple[Quantity, ...]
    days: frozenset[Day]
    repeated_days: frozenset[Day]
    weekdays: frozenset[int]
    identifiers: frozenset[str]
    spelled: frozenset[str]
    names: frozenset[str]
    scopes: Scopes
    negations: int
    changes: int
    is_cjk: bool


@dataclass(frozen=True, slots=True)
class LocatedValues:
    """The values of a text with their positions: half-open ranges of characters in `text`, which is its `normal_form`."""

    text: str
    quantities: tuple[Quantity, ...]
    days: tuple[tuple[tuple[int, int], Day], ...]
    identifiers: tuple[tuple[tuple[int, int], str], ...]


def normal_form(text: str) -> str:
    """Return a text as its values are read: in NFKC, without superscript digits, with straight apostrophes.

    Vulgar fractions become decimals: NFKC would make 21⁄2 of 2½.
    """
    if text.isascii():
        return text
    text = _VULGAR_FRACTION.sub(_as_decimal, text.translate(_SUPERSCRIPTS))
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def _as_decimal(match: re.Match[str]) -> str:
    return f"{match[1] or 0}{_DECIMALS[match[2]]}"


_DECIMALS = {"½": ".5", "¼": ".25", "¾": ".75"}
_VULGAR_FRACTION = re.compile(r"(?:(\d)\s?)?([½¼¾])")


_SUPERSCRIPTS = {ord(char): " " for char in "⁰¹²³⁴⁵⁶⁷⁸⁹"}
"""Superscript digits are exponents and footnotes: NFKC would turn them into parts of other numbers."""


@cached(8192)
def located_values(text: str) -> LocatedValues:
    """Return the numbers, days and identifiers of a plain text with their positions."""
    text = normal_form(text)
    days = days_in(text)
    repeated = repeated_years(days)
    without_days = blanked(text, (span for span, _ in days if span not in repeated))
    found = identifiers_in(without_days)
    numbered = (span for span, name in found if any(map(str.isdigit, name)))
    identifiers = tuple((span, normal) for span, name in found if (normal := normal_identifier(name)))
    return LocatedValues(text, quantities(blanked(without_days, numbered)), days, identifiers)


@cached(8192)
def values(text: str, code: tuple[str, ...] = ()) -> Values:
    """Return the values of a plain text. `code` are its code spans: each of them is an identifier."""
    found = located_values(text)
    text = found.text
    in_code = filter(None, map(normal_identifier, code))
    words = _words_of(text)
    cjk_characters = len(WIDE.findall(text))
    names = map(str.casefold, (*_NAME.findall(text), *_ACRONYM.findall(text)))
    identifiers = frozenset((*in_code, *(name for _, name in found.identifiers)))
    return Values(
        text=text,
        quantities=found.quantities,
        days=frozenset(day for _, day in found.days),
        repeated_days=_repeated(day for _, day in found.days),
        weekdays=weekdays_in(text, words),
        identifiers=identifiers,
        spelled=spelled_names(text),
        names=frozenset(names) - NOT_NAMES,
        scopes=_scopes_of(words),
        negations=len(negations(text)),
        changes=len(change_phrases(text)),
        is_cjk=cjk_characters > len(text) / 4,
    )


def _repeated(days: Iterable[Day]) -> frozenset[Day]:
    """Return the days of a month that are named more than once."""
    counts = Counter(day for day in days if day[1] and day[2])
    return frozenset(day for day, count in counts.items() if count > 1)


def are_disjoint(one: AbstractSet[object], other: AbstractSet[object]) -> bool:
    """Whether both sides name something and have nothing in common."""
    return bool(one) and bool(other) and one.isdisjoint(other)


def scopes_apart(one: Scopes, other: Scopes) -> bool:
    """Whether both name a scope of the same kind, but no scope in common."""
    kinds = {kind for kind, _ in one} & {kind for kind, _ in other}
    return any(
        {w for k, w in one if k == kind}.isdisjoint({w for k, w in other if k == kind}) for kind in kinds
    )


def scopes_in(text: str) -> Scopes:
    """Return only the scopes that a plain text names, without its other values."""
    return _scopes_of(_words_of(normal_form(text)))


def _words_of(text: str) -> frozenset[str]:
    return frozenset(map(str.casefold, LETTERS.findall(text)))


def _scopes_of(words: frozenset[str]) -> Scopes:
    return frozenset((_SCOPES[word], _IN_FULL.get(word, word)) for word in words & _SCOPES.keys())


NOT_NAMES = frozenset((*MONTHS, *WEEKDAYS))
