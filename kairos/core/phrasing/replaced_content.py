"""Whether each of two texts has a telling word in the place of one of the other's: "purple" for "cyan".

A preposition, another form of a negation, a colourless verb or another part of speech of a word is no other thing.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cache

from kairos.core.text.caching import cached
from kairos.core.text.synonyms import meanings, meanings_in_order
from kairos.core.text.words import WORD

_REWRITTEN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"(?<=\w)n['’]t\b|\b(?:rather than|instead of)\b", " not"),
        (r"(?i)\b(it|he|she|we|they|you|I|that|there|here|what|who)['’](?:s|re|ve|ll|d|m)\b", r"\1"),
        (
            r"\b(?:for example|for instance|such as|e\.g\.|zum Beispiel|z\. ?B\.|wie etwa|par exemple|por ejemplo)",
            " like ",
        ),
        (r"\b(?:i\.e\.|d\. ?h\.)", " "),
        (r"\bout of\b", "from"),
        (r"\bunder (?=[A-Z`])", " "),
    )
)
"""Patterns for turns of phrase, and the plain words that say the same."""
_CONTRACTED = meanings("isn aren wasn weren don doesn didn won wouldn hasn haven shouldn mustn couldn")
"""What is left of verbs in front of "n't"."""
_FUNCTION = meanings("into onto upon there here too even whose what where how which")
"""Words that stand in no other word's place."""
_LOOSE = meanings("every through")
"""More of them in long sentences, where they belong to the rest of one clause."""
_COLOURLESS = meanings(
    "live lives lie lies stand stands come comes run runs take takes taken use used exist exists"
)
"""Verbs that tell nothing from one another in a long sentence; in the place of any other word they do."""
_NEGATIONS = meanings(
    "not no never none nobody nothing without neither nor cannot forbidden avoid nicht kein keine keinen nie niemals "
    "ohne pas jamais sans aucun aucune nunca sin ningún ninguna nada não sem nenhum nenhuma не нет без никогда нельзя"
)
_ROLES = ((meanings("target destination"), "to"), (meanings("source origin"), "from"))
"""Names of parts that something plays in a sentence, and the preposition that says so: "target: x" is "to x"."""
_ENDINGS = tuple("ou nes ment ity iv ful anc enc".split())
"""What may follow a stem of four letters or more in another part of speech: "weak", "weakness"."""
_SHORTEST_STEM = 4
_LONG = 8
"""Number of common words from which two texts are long sentences."""
_EDITED = 20
"""Number of common words from which one text is an edit of the other, in which any change counts."""


def replaces_content(a: str, b: str, *, both_negate: bool) -> bool:
    """Whether each of two texts has a telling word that the other lacks; never a negation if both negate alike.

    Any word tells if the texts have so many in common that one can only be an edit of the other.
    """
    a, b = _plain(a), _plain(b)
    one, other = meanings_in_order(a), meanings_in_order(b)
    left, right = set(one) - set(other), set(other) - set(one)
    places = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) == len(other) and len(places) == 1:
        left.add(places[0][0])
        right.add(places[0][1])
    common = len(set(one) & set(other))
    if common >= _EDITED:
        return True
    is_long = common >= _LONG
    silent = _silent(is_long=is_long, both_negate=both_negate)
    left -= silent | _told_by_prepositions(b)
    right -= silent | _told_by_prepositions(a)
    derived = _derived(left, right) | _derived(right, left)
    left -= derived
    right -= derived
    telling = (left | right) - (_COLOURLESS if is_long else frozenset())
    return bool(left and right and telling)


@cached(8192)
def _plain(text: str) -> str:
    for pattern, plain in _REWRITTEN:
        text = pattern.sub(plain, text)
    return text


@cache
def _silent(*, is_long: bool, both_negate: bool) -> frozenset[str]:
    """Return the words that say nothing of the matter."""
    rest = (_LOOSE if is_long else frozenset()) | (_NEGATIONS if both_negate else frozenset())
    return frozenset(_FUNCTION | _CONTRACTED | rest)


@cached(8192)
def _told_by_prepositions(text: str) -> frozenset[str]:
    """Return the names of parts that a text tells by a preposition."""
    words = set(WORD.findall(text.casefold()))
    return frozenset().union(*(names for names, preposition in _ROLES if preposition in words))


def _derived(stems: AbstractSet[str], words: AbstractSet[str]) -> set[str]:
    """Return the stems and words of which the latter are the former in another part of speech."""
    return {
        one
        for word in words
        if word.endswith(_ENDINGS)
        for ending in _ENDINGS
        if (stem := word.removesuffix(ending)) != word and len(stem) >= _SHORTEST_STEM and stem in stems
        for one in (stem, word)
    }
