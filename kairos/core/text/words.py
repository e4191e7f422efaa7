"""Words of notes: stop words, and the stems that inflected forms share."""

from __future__ import annotations

import re
import unicodedata

from kairos.core.text.caching import cached

WORD = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
"""A word of letters only, including what follows an apostrophe."""
WIDE = re.compile("[\u2e80-\U0010ffff]")
"""An ideograph, or a character of another script without blanks between words."""
STOP_WORDS = frozenset(
    "a an the is are was were be been to of in on at for with by from and or as it its this that these "
    "those we i he she they you her his our their your has have had do does did will would can could "
    "should must may so then than there which who when if all any each also only just der die das ein "
    "eine ist sind und oder mit von zu im in am auf für dass le la les un une est sont et ou de du des à "
    "en que el los las es son y con por para o os as um uma é são e com".split()
)

SHORT = 20
"""Texts of up to this many words are taken to be about one thing."""


def is_short(text: str, most: int = SHORT) -> bool:
    """Whether a text has at most so many words."""
    return len(WORD.findall(text)) <= most


@cached(65_536)
def stem(word: str) -> str:
    """Return a case-folded word without its ending, if that is a common one and leaves three letters or more."""
    for ending in ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "ly", "es", "s", "en", "er", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@cached(8192)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words in order. Stop words are left out."""
    return stems_of(unicodedata.normalize("NFKC", text))


def stems_of(normal: str) -> tuple[str, ...]:
    """Return the stems, as `stems` does, of a text that is in NFKC form already."""
    return tuple(stem(word) for word in WORD.findall(normal.casefold()) if word not in STOP_WORDS)
