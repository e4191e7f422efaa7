"""Labels that begin a text and say what it is about: "Naked single: …" and "Hidden single: …" are two things."""

from __future__ import annotations

import re
import unicodedata

from kairos.core.text.caching import cached
from kairos.core.text.words import STOP_WORDS, WORD, stem

_LABEL = re.compile(r"\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)?([^:.!?;,\n]{2,48}?)(?::\s+|\s+[—–]\s+)")
_REMARK = re.compile(r"\([^()]*\)")
_MAX_WORDS = 5
"""The most words that a label may have: anything longer before a colon is a sentence."""
_VALUE = re.compile(r"[^\s(),;]+")
_IDENTIFIER = re.compile(r".*[\d_./#-].*")
_ARROW = re.compile(r"\s*(?:→|⇒|➜|➔|->|=>)\s*")
_MIN_LINKS = 3
"""Number of links from which a row of arrows is a sequence rather than "this becomes that"."""


def named_apart(a: str, b: str) -> bool:
    """Whether the labels of two texts share a word, and each has a word that the other lacks."""
    one, other = _label(a), _label(b)
    return bool(one[0] & other[0]) and bool(one[0] - other[0]) and bool(other[0] - one[0])


def set_apart(a: str, b: str) -> bool:
    """Whether two texts give the same label different values: "Branch: fix/login (merged)", "Branch: fix/logout"."""
    (one, value), (other, other_value) = _label(a), _label(b)
    return bool(one) and one == other and bool(value) and bool(other_value) and value != other_value


def chained_apart(a: str, b: str) -> bool:
    """Whether both texts give a sequence with arrows, and the sequences differ.

    One that only goes on longer differs too: what came last no longer does.
    """
    one, other = _chain(a), _chain(b)
    return len(one) >= _MIN_LINKS and len(other) >= _MIN_LINKS and one != other


@cached(8192)
def _label(text: str) -> tuple[frozenset[str], str]:
    """Return the stems of a text's label and the identifier right behind it; each is empty if there is none."""
    text = unicodedata.normalize("NFKC", text)
    match = _LABEL.match(text)
    if match is None:
        return frozenset(), ""
    words = WORD.findall(_REMARK.sub("", match.group(1)).casefold())
    if len(words) > _MAX_WORDS:
        return frozenset(), ""
    value = _VALUE.match(text, match.end())
    found = value.group().rstrip(".:!?").casefold() if value else ""
    named = frozenset(stem(word) for word in words if word not in STOP_WORDS)
    return named, found if _IDENTIFIER.fullmatch(found) else ""


@cached(8192)
def _chain(text: str) -> tuple[str, ...]:
    """Return the links of the first line with arrows, without the words before and after the chain.

    So the first link is cut to its last word and the last link to its first.
    """
    line = next((line for line in text.splitlines() if _ARROW.search(line)), "")
    links = [link.casefold().split() for link in _ARROW.split(line)]
    if len(links) < _MIN_LINKS or not all(links):
        return ()
    return (links[0][-1], *(" ".join(link) for link in links[1:-1]), links[-1][0])
