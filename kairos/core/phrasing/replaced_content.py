"""Whether each of two texts has a telling word in the place of one of the other's: "purple" for "cyan".

A preposition, another form of a negation, a colourless verb or another part of speech of a word is no other thing.
"""

from __future__ import annotations

import re

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
_DERIVED = frozenset("ou nes ment ity iv ful anc enc".split())
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
    silent = _FUNCTION | _CONTRACTED | (_LOOSE if is_long else set()) | (_NEGATIONS if both_negate else set())
    left -= silent | _told_by_prepositions(b)
    right -= silent | _told_by_prepositions(a)
    derived = {(x, y) for x in left for y in right if _is_derived(x, y) or _is_derived(y, x)}
    left -= {x for x, _ in derived}
    right -= {y for _, y in derived}
    telling = (left | right) - (_COLOURLESS if is_long else frozenset())
    return bool(left and right and telling)


@cached(8192)
def _plain(text: str) -> str:
    for pattern, plain in _REWRITTEN:
        text = pattern.sub(plain, text)
    return text


def _told_by_prepositions(text: str) -> frozenset[str]:
    """Return the names of parts that a text tells by a preposition."""
    words = set(WORD.findall(text.casefold()))
    return frozenset().union(*(names for names, preposition in _ROLES if preposition in words))


def _is_derived(stem: str, word: str) -> bool:
    return len(stem) >= _SHORTEST_STEM and word.startswith(stem) and word[len(stem) :] in _DERIVED
