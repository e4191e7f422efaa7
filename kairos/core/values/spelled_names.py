"""Names that a text spells out: "version 5" is v5, "PR 317" is #317, "line 62 of conftest.py" is conftest.py:62."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos.core.values.number_words import NUMBER_WORDS

_SHORT_FORMS = {
    word: tuple(short.split())
    for words, short in (
        ("version", "v"),
        ("percentile phase priority", "p"),
        ("quarter quartal trimestre", "q"),
        ("week kalenderwoche semaine semana", "w kw cw"),
        ("under", "u"),
        ("severity sev", "sev sev- severity-"),
        ("chapter", "ch"),
        ("pr prs mr issue ticket bug request number nummer", "#"),
    )
    for word in words.split()
}
"""Words before numbers, and what is written for them."""
_ORDINALS = {
    stem: number
    for number, stems in enumerate("fir erste;second zweite;third dritte;fourth vierte".split(";"), start=1)
    for stem in stems.split()
}
_SMALL_NUMBERS = "|".join(word for word, value in NUMBER_WORDS.items() if value in range(1, 13))
_SPELLED = re.compile(
    rf"\b(?P<word>{'|'.join(_SHORT_FORMS)})s?[\s-](?:#|no\.? ?)?(?P<number>\d{{1,9}}(?=s?\b)|{_SMALL_NUMBERS}\b)"
    r"|\b(?:(?P<digits>\d{1,2})(?:st|nd|rd|th|\.)"
    r"|(?P<ordinal>fir(?=st)|second|third|fourth|erste|zweite|dritte|vierte)(?:st|[nrs])?)"
    r"[\s-](?P<of>percentile|quarter|quartal|week|kalenderwoche|version|phase)\b",
    re.IGNORECASE,
)
_FILE = r"[`'\"]?(?P<file>[\w./~-]{1,200}\.\w{1,9})\b"
_LINES = (
    re.compile(rf"\bline (?P<line>\d{{1,6}}) (?:of|in) {_FILE}", re.IGNORECASE),
    re.compile(rf"(?<![\w./~-]){_FILE}[`'\",]{{0,2}} line (?P<line>\d{{1,6}})\b", re.IGNORECASE),
)


def spelled_names(text: str) -> frozenset[str]:
    """Return the short forms of the names that a text in normal form spells out, case folded."""
    return frozenset((*_short_names(text), *_places_in_files(text)))


def _short_names(text: str) -> Iterator[str]:
    folded = text.lower()
    if not any(word in folded for word in _SHORT_FORMS):  # true of most texts
        return
    for match in _SPELLED.finditer(text):
        number = _number(match["number"] or match["digits"] or match["ordinal"])
        yield from (f"{short}{number}" for short in _SHORT_FORMS[(match["word"] or match["of"]).casefold()])


def _number(word: str) -> int:
    folded = word.casefold()
    return int(word) if word.isdigit() else _ORDINALS.get(folded) or int(NUMBER_WORDS[folded])


def _places_in_files(text: str) -> Iterator[str]:
    if "line " not in text and "Line " not in text:
        return
    for pattern in _LINES:
        for match in pattern.finditer(text):
            yield f"{match['file'].casefold().strip('/')}:{match['line']}"


def number_in(name: str) -> float | None:
    """Return the number at the end of a short form."""
    digits = re.search(r"\d+\Z", name)
    return float(digits.group()) if digits else None
