"""The lines of a note with all numbers and days left open: notes of one form have them in common."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from kairos.core.dates.written_days import MONTHS, WEEKDAYS
from kairos.core.text.caching import cached
from kairos.core.text.words import WORD, stem
from kairos.core.values.number_words import NUMBER_WORDS
from kairos.model import Entry

VALUES = frozenset((*MONTHS, *WEEKDAYS, *NUMBER_WORDS))
"""Words that stand for a value."""
SHORTEST = 2
"""Number of words of a line or title from which another word in one place is telling."""
_DIGEST_SIZE = 8
_HAS_DIGIT = re.compile(r"\d")
_hash = partial(hashlib.blake2b, digest_size=_DIGEST_SIZE, usedforsecurity=False)


class LineForms(NamedTuple):
    """The lines of a note with all numbers and days left open, and as they are: digests of eight bytes each, joined.

    Digests and not words, to save memory; bytes and not sets, since there are two of them for each file of a root.
    """

    opened: bytes
    exact: bytes


def line_forms(entries: Iterable[Entry]) -> LineForms:
    """Return the lines of some entries, shorter ones than `SHORTEST` words aside, whatever their case and marks."""
    texts = (WORD.findall(entry.text.casefold()) for entry in entries)
    lines = [words for words in texts if len(words) >= SHORTEST]
    return LineForms(_digests(map(_opened, lines)), _digests(lines))


def digests_in(joined: bytes) -> frozenset[int]:
    """Return the digests of lines that a field of `LineForms` holds; of bytes of any other length, as many as fit."""
    whole = len(joined) - len(joined) % _DIGEST_SIZE
    return frozenset(memoryview(joined)[:whole].cast("Q"))


def _digests(lines: Iterable[Iterable[str]]) -> bytes:
    return b"".join(_hash(" ".join(words).encode("utf-8", "surrogatepass")).digest() for words in lines)


def _opened(words: Sequence[str]) -> map[str]:
    return map(_open, words)


@cached(65_536)  # the notes of a root use the same words again and again
def _open(word: str) -> str:
    return "#" if word in VALUES or _HAS_DIGIT.search(word) else stem(word)
