"""Word order: whether two texts arrange the same words differently, so that, say, names trade places."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from kairos.core.text.caching import cached
from kairos.core.text.synonyms import meanings_in_order
from kairos.core.text.words import stems, stems_of

_NAME = re.compile(r"`[^`]+`|(?<!\w)(?:[A-Z][\w-]*|\w*\d[\w-]*)")
_MIN_NAMES = 3
"""Number of common names from which their order matters."""
_ORDERED_SHARE = 0.85
"""If a smaller share of the common words than this is in the same order, a sentence counts as rephrased."""
_MIN_WORDS = 4
"""Number of common words from which their order matters."""
_CONJUNCTIONS = (
    "and while but whereas when whenever if unless until because since after before once und wenn falls sobald weil "
    "bevor nachdem et quand lorsque y cuando porque e quando если когда"
)
CLAUSE = re.compile(
    rf"[.;,!?\n|]+(?:\s|$)|\s[–—/-]\s|(?:^|\s)(?:{'|'.join(_CONJUNCTIONS.split())})\s", re.IGNORECASE
)
MAX_CLAUSES = 12
"""Texts with more clauses are not compared clause by clause: those are seldom about the same few words."""


def swapped(a: str, b: str) -> bool:
    """Whether two words traded places and all others kept theirs: "x leads y, z leads w" and "z leads y, x leads w".

    Two neighbouring words do not count.
    """
    left, right = _common(_unique_stems(a), _unique_stems(b))
    displaced = [at for at, (x, y) in enumerate(zip(left, right, strict=True)) if x != y]
    if len(displaced) != 2 or displaced[1] - displaced[0] == 1:
        return False
    return left[displaced[0]] == right[displaced[1]]


def differ_in_one_place(a: str, b: str) -> bool:
    """Whether two texts are the same sequence of words but for one: "each minute (600/min)" and "each hour (600/min)".

    The word that differs may occur elsewhere in the other text.
    """
    one, other = meanings_in_order(a), meanings_in_order(b)
    return len(one) == len(other) and sum(x != y for x, y in zip(one, other, strict=True)) == 1


def reordered(a: str, b: str) -> bool:
    """Whether common names come in another order: "Ghent has A, Tartu B" and "A: Tartu, B: Ghent"."""
    left, right = _common(_names(a), _names(b))
    return len(left) >= _MIN_NAMES and left != right


def rearranged(a: str, b: str) -> bool:
    """Whether common names come in another order, and it takes more than moving one piece to get there.

    A piece that comes first instead of last does not change what is said.
    """
    left, right = _common(_names(a), _names(b))
    return len(left) >= _MIN_NAMES and not _is_one_move(left, right)


def _common(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what two sequences have in common, in the order of either."""
    return [item for item in one if item in other], [item for item in other if item in one]


def _is_one_move(left: list[str], right: list[str]) -> bool:
    """Whether `right` is `left` with at most one piece moved, that is, with two adjacent pieces swapped."""
    displaced = [at for at, (x, y) in enumerate(zip(left, right, strict=True)) if x != y]
    if not displaced:
        return True
    start, end = displaced[0], displaced[-1] + 1
    at = left[start:end].index(right[start])
    return left[start:end][at:] + left[start:end][:at] == right[start:end]


def moved(a: str, b: str) -> bool:
    """Whether a good part of the common words comes in another order."""
    one, other = _unique_stems(a), _unique_stems(b)
    places = {word: at for at, word in enumerate(other)}
    common = [places[word] for word in one if word in places]
    return len(common) >= _MIN_WORDS and _longest_increase(common) < _ORDERED_SHARE * len(common)


def _longest_increase(numbers: Sequence[int]) -> int:
    """Return the length of the longest increasing subsequence."""
    ends: list[int] = []
    for number in numbers:
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
    return len(ends)


def regrouped(a: str, b: str) -> bool:
    """Whether clauses pair the same words differently: "master in Lyon, spare in Nice" and "Nice: master. Lyon: spare".

    That is, two words that share a clause in `a` are in different clauses of `b`, each together with a word that is in
    another clause of `a`.
    """
    once = frozenset(_unique_stems(a)) & frozenset(_unique_stems(b))
    one, other = _clause_numbers(_clauses(a), once), _clause_numbers(_clauses(b), once)
    common = one.keys() & other.keys()
    return any(
        one[x] == one[y]
        and other[x] != other[y]
        and _is_with_another(x, one, other)
        and _is_with_another(y, one, other)
        for x, y in combinations(sorted(common), 2)
    )


def _is_with_another(word: str, one: dict[str, int], other: dict[str, int]) -> bool:
    return any(other[word] == other[peer] and one[word] != one[peer] for peer in one.keys() & other.keys())


def _clause_numbers(clauses: tuple[frozenset[str], ...], common: frozenset[str]) -> dict[str, int]:
    """Return the number of the clause of each common word; empty if there is only one clause, or too many."""
    if not 1 < len(clauses) <= MAX_CLAUSES:
        return {}
    return {word: at for at, clause in enumerate(clauses) for word in clause if word in common}


@cached(8192)
def _clauses(text: str) -> tuple[frozenset[str], ...]:
    parts = CLAUSE.split(unicodedata.normalize("NFKC", text))
    return tuple(found for part in parts if (found := frozenset(stems_of(part))))


@cached(8192)
def _names(text: str) -> tuple[str, ...]:
    """Return what looks like a name (words with a capital or a digit, and code), each once, in order."""
    return tuple(dict.fromkeys(match.group().casefold() for match in _NAME.finditer(text)))


@cached(8192)
def _unique_stems(text: str) -> tuple[str, ...]:
    """Return the stems that occur exactly once in a text, in order."""
    found = stems(text)
    count = Counter(found)
    return tuple(stem for stem in found if count[stem] == 1)
