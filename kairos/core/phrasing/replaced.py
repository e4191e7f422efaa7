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
_MOST_OWN = 1
"""How many words of its own the repeating text may have: with more it says something else, and not a word instead."""
_SAME_SENTENCE = 0.7
"""Share of a text's words, by length, that the other one must have."""


def replaced_by_own_word(a: Statement, b: Statement) -> bool:
    """Whether one of two texts of about the same words repeats a word where the other has a word of its own."""
    one, other = _prose(a.text, a.code), _prose(b.text, b.code)
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) > _LONGEST:
        return False
    return any(
        _repeats_instead(words, repeating) and _repeats_instead(words, _without_label(text, repeating))
        for words, repeating, text in ((one, other, b.text), (other, one, a.text))
    )


@cached(8192)
def _prose(text: str, code: tuple[str, ...]) -> tuple[str, ...]:
    """Return the meanings of a text's words, without what is code."""
    for span in code:
        text = text.replace(span, " ")
    words = (word for word in text.split() if not _TECHNICAL.search(word))
    return meanings_in_order(" ".join(words))


def _without_label(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a text without those of its label.

    That says what the text is about, and may repeat a word of it: "Formatting: swift-format".
    """
    label, colon, _ = text.partition(": ")
    size = len(meanings_in_order(label)) if colon else 0
    return words[size:] if words[:size] == meanings_in_order(label) else words


def _repeats_instead(words: Sequence[str], repeating: Sequence[str]) -> bool:
    ours, theirs = Counter(words), Counter(repeating)
    lost = ours.keys() - theirs.keys() - PRONOUNS
    if not 0 < len(lost) <= _MOST_LOST or len(theirs.keys() - ours.keys()) > _MOST_OWN:
        return False
    if not any(0 < ours[word] < theirs[word] for word in theirs):
        return False
    common = sum(len(word) for word in ours.keys() & theirs.keys())
    return common >= _SAME_SENTENCE * sum(map(len, theirs))
