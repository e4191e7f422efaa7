"""How a note writes its words: which in lower case, and which as names, with a capital inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kairos.core.text.words import WORD, stem
from kairos.model import Entry

LONG = 8
"""Letters from which on a word may be made of two."""
_BREAK = re.compile(r"[.!?:;\n]")


class Wording(NamedTuple):
    """Some words, each once, with blanks between them: the stems of those in lower case and of those like names, and
    the long ones with a capital, which may be made of two nouns.

    Texts rather than sets, since there are three of them for each file of a root.
    """

    lower: str
    names: str
    long: str


def wording(entries: Iterable[Entry]) -> Wording:
    """Return how some entries write their words."""
    lower: set[str] = set()
    names: set[str] = set()
    long: set[str] = set()
    for entry in entries:
        for sentence in _BREAK.split(entry.text):
            words = WORD.findall(sentence)
            lower.update(word for word in words if word.islower())
            names.update(word for word in words[1:] if word.istitle())
            long.update(word for word in words if len(word) >= LONG and word.istitle())
    return Wording(
        _joined(map(stem, lower)),
        _joined(stem(word.casefold()) for word in names),
        _joined(map(str.casefold, long)),
    )


def _joined(words: Iterable[str]) -> str:
    return " ".join(sorted(set(words)))
