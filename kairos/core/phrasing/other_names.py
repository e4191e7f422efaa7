"""Different names in otherwise similar sentences: the project INGEST and the project EXPORT.

A name can also take the place of another one: "Ana reviews, Ben deploys" and "Ana reviews, and it is Ana who deploys".
"""

from __future__ import annotations

import re
from collections import Counter

from kairos.core.text.caching import cached
from kairos.core.text.language import is_german
from kairos.core.text.words import WORD, is_short
from kairos.core.values.values import NOT_NAMES

_NAME = re.compile(
    r"(?<![.!?:;→]\s)(?<!^)(?<![\w\"“„'`(*-])\b([A-ZÀ-ÝА-Я][a-zà-ÿа-я]{2,}|[A-Z]{3,})\b(?!['’])", re.MULTILINE
)
"""A word, not at the start of a sentence, that begins with a capital or is all capitals."""
_STRESSED = frozenset("must never not only all always any should may shall required optional but and".split())
_STEM_LETTERS = 3
"""How many letters a name shares with words derived from it: Swiss, Switzerland."""
_SHORT = 30
"""Number of words up to which a text is taken to be about one thing, as far as names go."""


def named_otherwise(a: str, b: str) -> bool:
    """Whether each of two short texts has exactly one name that the other lacks, and both are capitalised alike.

    Never for German, where every noun has a capital.
    """
    if not _names(a) or not _names(b) or is_german(a) or is_german(b):
        return False
    ours, theirs = _missing_names(a, b), _missing_names(b, a)
    return len(ours) == len(theirs) == 1 and ours[0].isupper() == theirs[0].isupper()


def named_again(a: str, b: str) -> bool:
    """Whether one of two short texts has a name that the other lacks, and the other one of its names once more."""
    if not _names(a) or not _names(b) or is_german(a) or is_german(b):
        return False
    return _repeats_name(a, b) or _repeats_name(b, a)


def _repeats_name(text: str, repeating: str) -> bool:
    if not _missing_names(text, repeating):
        return False
    ours, theirs = (Counter(WORD.findall(side.casefold())) for side in (text, repeating))
    return any(0 < ours[name] < theirs[name] for name in map(str.casefold, _names(repeating)))


def _missing_names(text: str, other: str) -> list[str]:
    folded = other.casefold()
    words = frozenset(WORD.findall(folded))
    return [
        name
        for name in _names(text)
        if (name.casefold() not in words if name.isupper() else name[:_STEM_LETTERS].casefold() not in folded)
    ]


@cached(8192)
def _names(text: str) -> tuple[str, ...]:
    if not is_short(text, _SHORT):
        return ()
    found = dict.fromkeys(_NAME.findall(text))
    return tuple(name for name in found if name.casefold() not in _STRESSED | NOT_NAMES)
