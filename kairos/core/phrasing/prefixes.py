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
_HYPHEN = re.compile(r"(?<!\w)(un|non)-(?=\w)")
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


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(_HYPHEN.sub(r"\1", text.casefold())))
