"""How a note writes its words: which in lower case, and which as names, capitalised inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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


def wording(entries: Iterable[Entry], description: str = "") -> Wording:
    """Return how the entries of a note write their words.

    The `description` of the note only adds names: it may be a mere slug, so lower case proves nothing there.
    """
    lower: set[str] = set()
    names = set(_inner_names(_sentences(description)))
    long: set[str] = set()
    for entry in entries:
        sentences = _sentences(entry.text)
        names.update(_inner_names(sentences))
        for word in chain.from_iterable(sentences):
            if word.islower():
                lower.add(word)
            elif len(word) >= SHORTEST_COMPOUND and word.istitle():
                long.add(word)
    return Wording(
        _as_text(map(stem, lower)),
        _as_text(stem(word.casefold()) for word in names),
        _as_text(map(str.casefold, long)),
    )


def _sentences(text: str) -> list[list[str]]:
    """Return the words of each sentence of a text."""
    return [WORD.findall(sentence) for sentence in _SENTENCE_BREAK.split(text)]


def _inner_names(sentences: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the capitalised words of some sentences, without those that begin one."""
    return (word for words in sentences for word in words[1:] if word.istitle())


def _as_text(words: Iterable[str]) -> str:
    return " ".join(sorted(set(words)))
