"""A word replaced by another word of the same text: "logs 30 days, audit logs a year", "logs and audit logs 30 days".

A set of words does not show it: the text that says a word twice seems to be contained in the other one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kairos.core.phrasing.turned import PRONOUNS
from kairos.core.text.caching import cached
from kairos.core.text.synonyms import meanings_in_order
from kairos.model import Statement

_TECHNICAL = re.compile(r"[/_@\d]|\w[.:]\w")
"""In addresses, paths, names and numbers: their parts are no words, and values are compared elsewhere."""
_LONGEST = 20
"""Number of meaningful words up to which a word said twice counts: in a longer text it may just be its subject."""
_MOST_LOST = 3
"""How many words the repeated one may take the place of: anything more is another way to say it."""
_SAME_SENTENCE = 0.7
"""Share of a text's words, by length, that the other one must have."""


def replaced_by_own_word(a: Statement, b: Statement) -> bool:
    """Whether one of two texts of about the same words repeats a word where the other has a word of its own."""
    one, other = _prose(a.text, a.code), _prose(b.text, b.code)
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) > _LONGEST:
        return False
    return _repeats_instead(one, other) or _repeats_instead(other, one)


@cached(8192)
def _prose(text: str, code: tuple[str, ...]) -> tuple[str, ...]:
    """Return the meanings of a text's words, without what is code."""
    for span in code:
        text = text.replace(span, " ")
    words = (word for word in text.split() if not _TECHNICAL.search(word))
    return meanings_in_order(" ".join(words))


def _repeats_instead(words: Sequence[str], repeating: Sequence[str]) -> bool:
    ours, theirs = Counter(words), Counter(repeating)
    lost = ours.keys() - theirs.keys() - PRONOUNS
    if not 0 < len(lost) <= _MOST_LOST or not any(0 < ours[word] < theirs[word] for word in theirs):
        return False
    common = sum(len(word) for word in ours.keys() & theirs.keys())
    return common >= _SAME_SENTENCE * sum(map(len, theirs))
