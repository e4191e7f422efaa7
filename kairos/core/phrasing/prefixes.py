"""Words that a prefix turns into their opposite: reversible and irreversible, compress and decompress."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.phrases import negations
from kairos.core.text.words import WORD, stem

_ADJECTIVE = r"(?:ible|able|ent|ant|ate|ive|al|ar|ure|ct|id|ite|ous|ete)(?:ly)?"
_PREFIXED = tuple(
    re.compile(pattern)
    for pattern in (
        r"un(\w{4,})",
        r"non(\w{4,})",
        rf"(?:in|im|ir|il)(\w+{_ADJECTIVE})",
        r"de(\w+(?:at|is|iz|press|register|crypt)(?:e|es|ed|ing|s)?)",
        r"dis((?:connect|allow|able|agree|appear|trust|engage|mount|associate)(?:s|d|ed|ing)?)",
        r"a(symmetric(?:al|ally)?|synchronous(?:ly)?|typical(?:ly)?)",
        r"d[ée]s([aeiouéh]\w{3,})",
    )
)
"""Patterns for a word with a negating prefix; the group is the word that is negated."""
_PREFIXES = ("un", "non", "in", "im", "ir", "il", "de", "dis", "asym", "asyn", "atyp", "dés")
_UNPREFIXED = frozenset("until unless under unit units unite united union unique install installed".split())
"""Words that merely look as if they had such a prefix."""
_OPPOSED = (
    ("over", "under"),
    ("pre", "post"),
    ("up", "down"),
    ("inter", "intra"),
    ("hyper", "hypo"),
    ("macro", "micro"),
)
"""Prefixes that turn one word into two opposites: overfit and underfit, upstream and downstream."""
_SHORTEST = 3
"""Letters that must follow a prefix."""
_HYPHEN = re.compile(r"(?<!\w)(un|non|over|under|pre|post|inter|intra)-(?=\w)")
_LIMIT = re.compile(
    r"(?<!\w)(?:only|nothing but|all but|except|nur|seulement|solo|sólo|apenas|только)(?!\w)", re.IGNORECASE
)


def denied_by_prefix(a: str, b: str) -> bool:
    """Whether one text has a word that the other has with a negating prefix, and neither negates or limits anything."""
    ours, theirs = _stems(a), _stems(b)
    one, other = _negated_stems(a) - ours, _negated_stems(b) - theirs
    if one.isdisjoint(theirs) and other.isdisjoint(ours):
        return False
    return not any(negations(text) or _LIMIT.search(text) for text in (a, b))


def opposed_by_prefix(a: str, b: str) -> bool:
    """Whether each of two texts has a word that differs from one of the other by an opposite prefix alone."""
    ours, theirs = _after_prefixes(a), _after_prefixes(b)
    if not ours or not theirs:
        return False
    known, others = _words(a), _words(b)
    other = {found for word, found in theirs if word not in known}
    return any((number, 1 - side, rest) in other for word, (number, side, rest) in ours if word not in others)


@cached(8192)
def _after_prefixes(text: str) -> tuple[tuple[str, tuple[int, int, str]], ...]:
    """Return each word of a text that has one of the prefixes, with the number of the pair of prefixes, the side, and
    the stem of what follows."""
    return tuple(
        (word, (number, side, stem(word.removeprefix(prefix))))
        for word in _words(text)
        for number, sides in enumerate(_OPPOSED)
        for side, prefix in enumerate(sides)
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST
    )


@cached(8192)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, _words(text)))


@cached(8192)
def _negated_stems(text: str) -> frozenset[str]:
    """Return the stems of the words that a text has with a negating prefix."""
    found = (
        match[1]
        for word in _words(text)
        if word.startswith(_PREFIXES) and word not in _UNPREFIXED
        for pattern in _PREFIXED
        if (match := pattern.fullmatch(word))
    )
    return frozenset(map(stem, found))


@cached(8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(_HYPHEN.sub(r"\1", text.casefold())))
