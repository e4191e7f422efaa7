"""How a note writes its words: which in lower case, and which as names, capitalised inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kairos.core.text.words import WORD, stem
from kairos.model import Entry

SHORTEST_COMPOUND = 8
"""From this many letters on, a word may be a compound of two."""
_SENTENCE_BREAK = re.compile(r"[.!?:;\n]")


class Wording(NamedTuple):
    """Words of a note, each once, separated by blanks.

    `lower` holds the stems of words in lower case, `names` the stems of words capitalised inside a sentence, and
    `long` the long capitalised words, case folded: these may be compounds of two nouns.

    Strings rather than sets, since there are three of them for each file of a root.
    """

    lower: str
    names: str
    long: str


def wording(entries: Iterable[Entry]) -> Wording:
    """Return how these entries write their words."""
    lower: set[str] = set()
    names: set[str] = set()
    long: set[str] = set()
    for entry in entries:
        for sentence in _SENTENCE_BREAK.split(entry.text):
            words = WORD.findall(sentence)
            lower.update(word for word in words if word.islower())
            names.update(word for word in words[1:] if word.istitle())
            long.update(word for word in words if len(word) >= SHORTEST_COMPOUND and word.istitle())
    return Wording(
        _as_text(map(stem, lower)),
        _as_text(stem(word.casefold()) for word in names),
        _as_text(map(str.casefold, long)),
    )


def _as_text(words: Iterable[str]) -> str:
    return " ".join(sorted(set(words)))
