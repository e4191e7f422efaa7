"""Guesses the language of a text from its letters and its most common words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kairos.core.text.caching import cached
from kairos.core.text.words import STOP_WORDS, WIDE, WORD

_NON_LATIN = re.compile("[^\\0-\u024f]")
_COMMON_WORDS: Sequence[tuple[str, frozenset[str]]] = (
    (
        "en",
        frozenset(
            "the a an is are of and or to in for with not be on as it this that from must never by do no".split()
        ),
    ),
    (
        "de",
        frozenset(
            "der die das ist und nicht mit auf für von im wird werden ein eine den zu sich bei auch "
            "des dem sind diese dieser diesem dieses oder wenn nur wir aus nach vor immer kein keine".split()
        ),
    ),
    ("fr", frozenset("le la les est et pas pour dans des une sur avec ne du au par que".split())),
    ("es", frozenset("el la los es y no para en una con del por que se las al".split())),
    ("pt", frozenset("o a os é e não para em uma com do da por que se ao no na".split())),
    ("ru", frozenset("и в не на с по для из от что это".split())),
)
_LANGUAGES_OF_WORD = {
    word: tuple(name for name, known in _COMMON_WORDS if word in known)
    for word in frozenset[str]().union(*(known for _, known in _COMMON_WORDS))
}
"""The languages in which each of these words is common."""


@cached(8192)
def is_other_script(text: str) -> bool:
    """Whether over a quarter of a text's letters are not Latin: an English model's vectors say little about it."""
    foreign = sum(map(str.isalpha, _NON_LATIN.findall(text)))
    return foreign > 0 and foreign > sum(map(str.isalpha, text)) / 4


def are_in_two_languages(a: str, b: str) -> bool:
    """Whether the most common words of two texts are those of two different languages."""
    one, other = _language(a), _language(b)
    return bool(one) and bool(other) and one != other


def are_both_ideographic(a: str, b: str) -> bool:
    """Whether two texts both have ideographs, and no small words of a language that is written in Latin letters.

    Then names and commands are all that is Latin in them, however long these are.
    """
    return _is_ideographic(a) and _is_ideographic(b)


@cached(8192)
def _is_ideographic(text: str) -> bool:
    return WIDE.search(text) is not None and STOP_WORDS.isdisjoint(WORD.findall(text.casefold()))


def is_german(text: str) -> bool:
    """Whether the most common words of a text are German, where every noun has a capital."""
    return _language(text) == "de"


@cached(8192)
def _language(text: str) -> str:
    """Guess the language of a text by its most common words.

    Returns "" unless at least two of them are in the text, and at least two more than of any other language.
    """
    counts = dict.fromkeys((name for name, _ in _COMMON_WORDS), 0)
    for word in WORD.findall(text.casefold()):
        for name in _LANGUAGES_OF_WORD.get(word, ()):
            counts[name] += 1
    name, count = max(counts.items(), key=lambda item: item[1])
    others = max(value for key, value in counts.items() if key != name)
    return name if count >= 2 and count > others + 1 else ""
