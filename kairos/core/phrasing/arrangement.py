"""How two texts that share words arrange them: who does what, where names change their places."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from kairos.core.text.remembered import remembered
from kairos.core.text.synonyms import meanings_in_order
from kairos.core.text.words import stems, stems_of

_NAME = re.compile(r"`[^`]+`|(?<!\w)(?:[A-Z][\w-]*|\w*\d[\w-]*)")
_SEVERAL = 3
"""Names in common from which their order says something."""
_IN_ORDER = 0.85
"""Share of the words in common that come in the same order, below which a sentence was put anew."""
_FEW = 4
"""Words in common from which their order says something."""
_JOINS = (
    "and while but whereas when whenever if unless until because since after before once und wenn falls sobald weil "
    "bevor nachdem et quand lorsque y cuando porque e quando если когда"
)
_CLAUSE = re.compile(
    rf"[.;,!?\n|]+(?:\s|$)|\s[–—/-]\s|(?:^|\s)(?:{'|'.join(_JOINS.split())})\s", re.IGNORECASE
)
_MOST_CLAUSES = 12
"""Of longer texts the clauses are not compared: they are seldom about the same few words."""


def swapped(a: str, b: str) -> bool:
    """Whether two words traded places, and all else kept its order: "x leads y, z leads w", "z leads y, x leads w"."""
    one, other = _once(a), _once(b)
    left = [word for word in one if word in other]
    right = [word for word in other if word in one]
    moved = [at for at, (x, y) in enumerate(zip(left, right, strict=True)) if x != y]
    if len(moved) != 2 or moved[1] - moved[0] == 1:
        return False
    return left[moved[0]] == right[moved[1]]


def differ_in_one_place(a: str, b: str) -> bool:
    """Whether the same words follow each other but in one place, where another word stands: "each minute (600/min)",
    "each hour (600/min)". It may be said elsewhere in the text."""
    one, other = meanings_in_order(a), meanings_in_order(b)
    return len(one) == len(other) and sum(x != y for x, y in zip(one, other, strict=True)) == 1


def reordered(a: str, b: str) -> bool:
    """Whether names that both sides have come in another order: "Ghent has A, Tartu B", "A: Tartu, B: Ghent"."""
    one, other = _names(a), _names(b)
    left = [name for name in one if name in other]
    right = [name for name in other if name in one]
    return len(left) >= _SEVERAL and left != right


def rearranged(a: str, b: str) -> bool:
    """Whether names that both sides have come in another order, and more than one piece of it moved: where all else is
    the same, a piece that comes first instead of last says nothing else."""
    one, other = _names(a), _names(b)
    left = [name for name in one if name in other]
    right = [name for name in other if name in one]
    return len(left) >= _SEVERAL and not _is_one_move(left, right)


def _is_one_move(left: list[str], right: list[str]) -> bool:
    """Whether one piece of `left` moved, at most, to make `right`: two pieces beside each other changed places."""
    moved = [at for at, (x, y) in enumerate(zip(left, right, strict=True)) if x != y]
    if not moved:
        return True
    start, end = moved[0], moved[-1] + 1
    at = left[start:end].index(right[start])
    return left[start:end][at:] + left[start:end][:at] == right[start:end]


def moved(a: str, b: str) -> bool:
    """Whether a good part of the words in common come in another order."""
    one, other = _once(a), _once(b)
    places = {word: at for at, word in enumerate(other)}
    common = [places[word] for word in one if word in places]
    return len(common) >= _FEW and _longest_rise(common) < _IN_ORDER * len(common)


def _longest_rise(numbers: Sequence[int]) -> int:
    """Return the length of the longest part of a sequence that rises, whatever stands between."""
    ends: list[int] = []
    for number in numbers:
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
    return len(ends)


def regrouped(a: str, b: str) -> bool:
    """Whether clauses share out the same words crosswise: "master in Lyon, spare in Nice", "Nice: master. Lyon: spare".

    Two words that stand in one clause of `a` stand in two clauses of `b`, and each of them there with a word from which
    it is apart in `a`.
    """
    once = frozenset(_once(a)) & frozenset(_once(b))
    one, other = _places(_clauses(a), once), _places(_clauses(b), once)
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


def _places(clauses: tuple[frozenset[str], ...], common: frozenset[str]) -> dict[str, int]:
    """Return in which clause each common word stands; nothing where there is but one clause, or too many."""
    if not 1 < len(clauses) <= _MOST_CLAUSES:
        return {}
    return {word: at for at, clause in enumerate(clauses) for word in clause if word in common}


@remembered(8192)
def _clauses(text: str) -> tuple[frozenset[str], ...]:
    parts = _CLAUSE.split(unicodedata.normalize("NFKC", text))
    return tuple(found for part in parts if (found := frozenset(stems_of(part))))


@remembered(8192)
def _names(text: str) -> tuple[str, ...]:
    """Return what looks like a name, each once, in order: words with a capital or a digit, and code."""
    return tuple(dict.fromkeys(match.group().casefold() for match in _NAME.finditer(text)))


@remembered(8192)
def _once(text: str) -> tuple[str, ...]:
    """Return the stems that stand in a text exactly once, in order."""
    found = stems(text)
    count = Counter(found)
    return tuple(stem for stem in found if count[stem] == 1)
