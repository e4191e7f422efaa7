"""Texts that use different words of one kind: "must" and "should", inbound and outbound, `npm` and `yarn`.

Vectors and a small model take such words for nearly the same, but a person who rephrases a statement keeps them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kairos.core.dates.written_days import WEEKDAYS
from kairos.core.phrasing.kind_words import (
    BOUND,
    CONDITION,
    DAY,
    FORCE,
    FREQUENCY,
    NEGATIVE,
    NEVER,
    NEVER_AND_ALWAYS,
    OF_NO_KIND,
    TERM,
    TURNED_BY_NEGATION,
    UNAFFECTED_BY_NEGATION,
    UNSPECIFIC,
)
from kairos.core.text.caching import cached
from kairos.core.text.words import SHORT, WORD
from kairos.core.values.number_words import HOURS, NUMBER_WORDS
from kairos.core.values.values import are_disjoint

Phrase = tuple[str, ...]
Member = tuple[str, int]
"""A kind and the number of one of its members."""

_NEGATIONS = frozenset(
    "not no t never none nobody nothing neither nor without only nicht kein keine keinen nie niemals ohne nur ne pas "
    "jamais sans seulement sin nunca ningún solo sólo não sem só не нет без никогда только".split()
)
"""Words that may reverse what a text says about a bound, a condition or a duty. That includes "only": "only if" means
"not unless"."""


def _phrases(words: str) -> Iterator[tuple[Phrase, int]]:
    for member, alternatives in enumerate(words.split("|")):
        for phrase in alternatives.split(","):
            yield tuple(phrase.split()), member


def _table() -> dict[Phrase, tuple[Member, ...]]:
    """Return the members that each phrase stands for."""
    found: dict[Phrase, tuple[Member, ...]] = {}
    for kind, words in (*TURNED_BY_NEGATION.items(), *UNAFFECTED_BY_NEGATION.items()):
        for phrase, member in _phrases(words):
            found[phrase] = (*found.get(phrase, ()), (kind, member))
    return found | {phrase: () for phrase, _ in _phrases(OF_NO_KIND)}


_MEMBERS = _table()
_MAX_PHRASE_LENGTH = max(map(len, _MEMBERS))
_FIRST = frozenset(phrase[0] for phrase in _MEMBERS)
_WITH_DIGITS = frozenset(word for phrase in _MEMBERS for word in phrase if any(map(str.isdigit, word)))
"""Words with digits that do not count as numbers: "2nd", "flake8"."""

_UNTIL = frozenset({1, 2})
"""The members of `DAY` for "by" and "before", which are the same with a time of day: "by noon", "before noon"."""
_ON = 0
"""The member of `DAY` for "on", which is a deadline too if one follows: "on Friday by noon" is "by Friday noon"."""
_BEFORE_TIME = frozenset("by before until till bis vor avant hasta antes até".split())

_SIGNS = tuple(
    (re.compile(sign), words)
    for sign, words in (
        (r"≤|<=", " at most "),
        (r"≥|>=", " at least "),
        (r"(?<![<=-])<\s*(?=[\d$€£])", " under "),
        (r"(?<![>=-])>\s*(?=[\d$€£])", " over "),
    )
)
"""Patterns for bounds written as signs, and the words for them; arrows do not match."""


class _Mentions(NamedTuple):
    """The members of each kind that a text names, and whether it negates or limits anything besides."""

    members: Mapping[str, frozenset[int]]
    negates: bool

    @property
    def says_never(self) -> bool:
        return NEVER in self.members.get(FREQUENCY, ())


def kinds_apart(a: str, b: str) -> str:
    """Return a kind of which both texts name members, but none in common; "" if there is none."""
    one, other = _mentions(a), _mentions(b)
    kinds = (kind for kind in sorted(one.members.keys() & other.members.keys()) if _differ(kind, one, other))
    return next(kinds, "")


def _differ(kind: str, one: _Mentions, other: _Mentions) -> bool:
    negates = one.negates or other.negates
    if kind in (BOUND, CONDITION):
        negates |= one.says_never != other.says_never  # "never above 30" is "at most 30"
    if kind == TERM and one.negates != other.negates:
        return False  # "not answered within 12 s" is "gives up after 12 s"
    return _are_apart(kind, one.members[kind], other.members[kind], negates=negates)


def _are_apart(kind: str, ours: frozenset[int], theirs: frozenset[int], *, negates: bool) -> bool:
    if kind == FORCE:
        duties = not negates and are_disjoint(ours - NEGATIVE, theirs - NEGATIVE)
        return duties or are_disjoint(ours & NEGATIVE, theirs & NEGATIVE)
    if kind in (BOUND, CONDITION) and negates:
        return False
    if kind == FREQUENCY and negates and ours | theirs >= NEVER_AND_ALWAYS:
        return False  # "never with" is "always without"
    return are_disjoint(ours, theirs)


@cached(8192)
def _mentions(text: str) -> _Mentions:
    words = tuple(map(_token, WORD.findall(_signs_as_words(unicodedata.normalize("NFKC", text)).casefold())))
    found: dict[str, set[int]] = {}
    negates = False
    at = 0
    while at < len(words):
        phrase = _phrase_at(words, at)
        for kind, member in _MEMBERS.get(phrase, ()):
            found.setdefault(kind, set()).add(member)
            if kind == DAY and _is_deadline(member, words, at + len(phrase)):
                found[kind] |= _UNTIL
        negates |= not phrase and words[at] in _NEGATIONS
        at += len(phrase) or 1
    negates |= not NEGATIVE.isdisjoint(found.get(FORCE, ()))
    told = {
        kind: frozenset(members)
        for kind, members in found.items()
        if len(words) <= SHORT or kind not in UNSPECIFIC
    }
    return _Mentions(told, negates)


def _is_deadline(member: int, words: Phrase, at: int) -> bool:
    """Whether a member of `DAY`, whose words end before `at`, sets a time by which something is due."""
    if member == _ON and words[at : at + 1] and words[at] in _BEFORE_TIME:
        return _is_time(words, at + 1)
    return member in _UNTIL and _is_time(words, at)


def _is_time(words: Phrase, at: int) -> bool:
    return at < len(words) and (words[at] == "#" or words[at] in HOURS)


def _signs_as_words(text: str) -> str:
    """Return a text with the signs for bounds replaced by words."""
    for sign, words in _SIGNS:
        text = sign.sub(words, text)
    return text


def _phrase_at(words: Phrase, at: int) -> Phrase:
    """Return the longest phrase of the tables that begins at a position; empty if there is none."""
    if words[at] not in _FIRST:
        return ()
    phrases = (words[at : at + size] for size in range(_MAX_PHRASE_LENGTH, 0, -1))
    return next((phrase for phrase in phrases if phrase in _MEMBERS), ())


def _token(word: str) -> str:
    if word in WEEKDAYS:
        return "@"
    if word in _WITH_DIGITS:
        return word
    return "#" if word in NUMBER_WORDS or any(map(str.isdigit, word)) else word
