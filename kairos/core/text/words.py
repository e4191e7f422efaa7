"""Words of notes: which carry little, and what inflected forms have in common."""

from __future__ import annotations

import re
import unicodedata

from kairos.core.text.remembered import remembered

WORD = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
"""Words without digits, with what stands behind an apostrophe."""
WIDE = re.compile("[\u2e80-\U0010ffff]")
"""An ideograph, or a letter of a script that has no blanks."""
STOP_WORDS = frozenset(
    "a an the is are was were be been to of in on at for with by from and or as it its this that these "
    "those we i he she they you her his our their your has have had do does did will would can could "
    "should must may so then than there which who when if all any each also only just der die das ein "
    "eine ist sind und oder mit von zu im in am auf für dass le la les un une est sont et ou de du des à "
    "en que el los las es son y con por para o os as um uma é são e com".split()
)


@remembered(65_536)
def stem(word: str) -> str:
    """Return a folded word without its commonest endings."""
    for ending in ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "ly", "es", "s", "en", "er", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@remembered(8192)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of a text that carry something, in order."""
    return stems_of(unicodedata.normalize("NFKC", text))


def stems_of(normal: str) -> tuple[str, ...]:
    """Return the same of a text in its NFKC form."""
    return tuple(stem(word) for word in WORD.findall(normal.casefold()) if word not in STOP_WORDS)
