"""Small edits to a note that change its meaning, such as replacing one word by another.

A paraphrase with such an edit no longer says the same as the note, although all its other words do. Real notes change
like that: a rule is reversed, the environment or the day is another.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bench.alteration_words import (
    CHOICES,
    EXACT,
    EXACT_SCOPES,
    NAMES,
    NEGATED,
    OPPOSITES,
    SCOPES,
)
from kairos.core.dates.written_days import MONTHS, WEEKDAYS
from kairos.core.text.words import WIDE
from kairos.model import Relation

Altered = tuple[str, Relation]
"""An altered note, and its relation to the original."""

_CODE = re.compile(r"`[^`]*`|\S*[/_@]\S*|https?:\S+")
"""Code, paths and addresses, in which no word is replaced."""


@dataclass(frozen=True, slots=True)
class _Replacement:
    """A pattern to find in a text, and the words that may replace a match."""

    found: re.Pattern[str]
    others: tuple[str, ...]


def _words(table: str, *, exactly: bool = False) -> Iterator[_Replacement]:
    """Read a table of mutually exclusive words, one group per line, separated by bars."""
    flags = 0 if exactly else re.IGNORECASE
    for line in table.strip().splitlines():
        words = tuple(word.strip() for word in line.split("|"))
        for word in words:
            free = rf"(?<![\w/.\-'’]){re.escape(word)}(?![\w/\-]|['’.]\w)"
            found = re.compile(re.escape(word) if WIDE.match(word) else free, flags)
            yield _Replacement(found, tuple(other for other in words if other != word))


def _replacements(table: str) -> Iterator[_Replacement]:
    """Read a table of expressions and their replacements, one per line; an empty replacement deletes the match."""
    for line in table.strip().splitlines():
        found, _, other = line.partition("=>")
        pattern = re.compile(found.strip().replace(" ", r"\s"), re.IGNORECASE)
        yield _Replacement(pattern, (other.strip().replace("_", " "),))


_CONFLICTS = (*_words(OPPOSITES), *_words(CHOICES), *_words(EXACT, exactly=True), *_replacements(NEGATED))
_OTHERS = (*_words(SCOPES), *_words(EXACT_SCOPES, exactly=True))


def altered(text: str, rng: random.Random) -> Altered | None:
    """Return the note altered in one place, and its relation to the original; None if there is nothing to change.

    The relation is a conflict, or distinct if the altered note is about something else (environment, person).
    """
    for change in rng.choice(_ORDERS):
        changed = change(text, rng)
        if changed is not None and changed[0] != text:
            return changed
    return None


def _without_code(text: str) -> str:
    """Return the text with code blanked out, at the same length."""
    return _CODE.sub(lambda code: "\0" * len(code.group()), text)


def _swap_word(text: str, rng: random.Random) -> Altered | None:
    free = _without_code(text)
    found = [
        (place, one.others, relation)
        for exchanges, relation in ((_CONFLICTS, Relation.CONFLICT), (_OTHERS, Relation.DISTINCT))
        for one in exchanges
        for place in one.found.finditer(free)
    ]
    if not found:
        return None
    place, others, relation = rng.choice(found)
    return _splice(text, place.span(), rng.choice(others)), relation


def _splice(text: str, span: tuple[int, int], other: str) -> str:
    old = text[slice(*span)]
    rest = text[span[1] :]
    starts = span[0] == 0 or text[: span[0]].rstrip().endswith((".", "!", "?"))
    if old[:1].isupper() and starts:
        if not other.strip():
            rest = rest.lstrip()
            rest = rest[:1].upper() + rest[1:]
        other = other[:1].upper() + other[1:]
    return text[: span[0]] + (other if other.strip() else "") + rest


_NAME = re.compile(r"(?<=[a-z,:;] )[A-Z][a-z]{2,9}\b(?!['’]\w\w)")


def _swap_name(text: str, rng: random.Random) -> Altered | None:
    """Replace a person's name by another."""
    found = [
        p
        for p in _NAME.finditer(_without_code(text))
        if p.group().casefold() not in (MONTHS.keys() | WEEKDAYS.keys())
    ]
    if not found:
        return None
    place = rng.choice(found)
    other = rng.choice([name for name in NAMES if name != place.group()])
    return _splice(text, place.span(), other), Relation.DISTINCT


_WORD = r"(?:`[^`\n]+`|(?<![`\w./'’-])(?!(?:an?|the|it|they|you|we|I|is|are|was)\b)[\w.-]*\w(?![`\w'’]))"
_DIRECTIONS = tuple(
    re.compile(way.replace("ONE", f"(?P<one>{_WORD})").replace("TWO", f"(?P<two>{_WORD})"))
    for way in (
        r"\bfrom ONE to TWO",
        r"ONE (?:instead of|rather than|over|before|after|not|beats|precedes) TWO",
        r"ONE ?(?:→|->|=>|>|<) ?TWO",
    )
)


def _swap_sides(text: str, rng: random.Random) -> Altered | None:
    """Swap the two sides of an order or a direction."""
    found = [place for way in _DIRECTIONS for place in way.finditer(text) if place["one"] != place["two"]]
    if not found:
        return None
    place = rng.choice(found)
    between = text[place.end("one") : place.start("two")]
    changed = text[: place.start("one")] + place["two"] + between + place["one"] + text[place.end("two") :]
    return changed, Relation.CONFLICT


_ORDERS = (
    (_swap_word,),
    (_swap_word,),
    (_swap_word,),
    (_swap_name, _swap_word),
    (_swap_sides, _swap_word),
)
"""The orders in which kinds of change are tried; one is picked at random, each line being equally likely."""
