"""The direction in which two texts relate the same things.

"B beat A" reverses "A is faster than B"; "B is slower than A" does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from kairos.core.text.caching import cached
from kairos.core.text.words import WORD, stem, stems_of

_AHEAD = "ahead"
_CHOSEN = "chosen"
_EARLIER = "earlier"
_COMPARED = (
    (_AHEAD, "faster quicker better stronger speedier snappier", "slower worse weaker"),
    ("size", "bigger larger wider thicker", "smaller narrower thinner"),
    ("height", "higher taller", "lower"),
    ("age", "older", "newer younger"),
    ("length", "longer", "shorter"),
    ("weight", "heavier", "lighter"),
    ("number", "more greater", "less fewer"),
    ("price", "dearer pricier costlier", "cheaper"),
    ("heat", "hotter warmer", "colder cooler"),
    (_EARLIER, "earlier sooner", "later"),
)
"""Kinds of comparison, each with the words that make what is named first the greater, and the lesser."""
_RELATING = (
    *(("than", f"(?:{'|'.join(more.split())}) than", kind, 1) for kind, more, _ in _COMPARED),
    *(("than", f"(?:{'|'.join(less.split())}) than", kind, -1) for kind, _, less in _COMPARED),
    (
        "beat beats outperform outperforms outperformed outrun outruns outpace outpaces win wins won ahead",
        "beats?|out(?:performs?|performed|runs?|paces?)|(?:wins?|won) against|ahead of",
        _AHEAD,
        1,
    ),
    (
        "beaten outperformed outrun outpace outpaced",
        "(?:is|was|are|were|gets?|got) (?:beaten|out(?:performed|run|paced)) by",
        _AHEAD,
        -1,
    ),
    ("lose loses lost behind", "(?:loses?|lost) (?:to|against)|behind", _AHEAD, -1),
    (
        "before prior precede precedes then vor bevor",
        "before|prior to|precedes?|and only then|vor dem|vor der|bevor",
        _EARLIER,
        1,
    ),
    ("after follows nach nachdem once", "after|follows|nach dem|nach der|nachdem|only once", _EARLIER, -1),
    ("instead rather place statt anstatt", "instead of|rather than|in place of|statt|anstatt", _CHOSEN, 1),
    (
        "replaces supersedes replaced superseded",
        "replaces|supersedes|(?:replaced|superseded)(?! (?:by|with))",
        _CHOSEN,
        1,
    ),
    ("replaced superseded way", "(?:replaced|superseded) by|g[ai]ves? way to", _CHOSEN, -1),
    ("depend depends needs requires", "depends? on|needs|requires", "needs", 1),
    ("needed required", "(?:is|are) (?:needed|required) by", "needs", -1),
    ("calls invokes", "calls|invokes", "calls", 1),
    ("called invoked", "(?:is|are) (?:called|invoked) by", "calls", -1),
    ("imports", "imports", "imports", 1),
    ("imported", "(?:is|are) imported by", "imports", -1),
    ("reports", "reports to", "reports", 1),
    (
        "feeds forwards writes pushes sync syncs copies",
        "feeds|forwards to|writes to|pushes to|syncs? to|copies to",
        "flows",
        1,
    ),
    (
        "fed reads pulls sync syncs fetches from",
        r"(?:is|are) fed by|reads from|pulls from|syncs? from|fetches from|(?:is|are|gets?) \w+ed from",
        "flows",
        -1,
    ),
)
"""Phrases that relate the words before them to the words after them: (trigger words, pattern, kind of relation, sign).

Whatever the pattern matches has one of the trigger words. The sign is −1 for the inverse relation."""
_PIVOTS = (
    *(
        (frozenset(told_by.split()), re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), kind, sign)
        for told_by, words, kind, sign in _RELATING
    ),
    (frozenset({"not"}), re.compile(r", not(?!\w)"), _CHOSEN, 1),
)
_UNTIL = r"(?=[.,;!?:]?(?:\s*$|\n)|[.,;!?:]\s)"
_ROUTES = tuple(
    re.compile(rf"(?<!\w){words}{_UNTIL}", re.IGNORECASE)
    for words in (
        "from (?P<source>[^,;!?\n]+?) (?:in|on)?to (?P<target>[^,;!?\n]+?)",
        "(?:in|on)?to (?P<target>[^,;!?\n]+?) from (?P<source>[^,;!?\n]+?)",
        "von (?P<source>[^,;!?\n]+?) (?:nach|zu|zum|zur|auf) (?P<target>[^,;!?\n]+?)",
    )
)
"""Patterns that lead from a source to a target."""
_TRIGGERS = frozenset({"from", "von"}).union(*(told_by for told_by, _, _, _ in _PIVOTS))
"""Words of which any text that relates two things has at least one: most notes have none and need no search."""
_NEGATION = re.compile(
    r"(?<!\w)(?:no|not|never|nothing|nobody|none|without|nicht|kein\w*|nie)(?!\w)|n['’]t(?!\w)", re.IGNORECASE
)
"""Words that may reverse a relation: "not before"."""
PRONOUNS = frozenset(map(stem, "them him me us one ones mine yours it's".split()))
"""Stems of words that stand for something that is named elsewhere."""
_END = re.compile(r"[.;!?:\n](?:\s|$)")
_COMMA = re.compile(r"[,–—]\s")


class _Related(NamedTuple):
    """Two things that a text relates, as the stems of their words; `first` and `second` are swapped if `sign` is −1."""

    kind: str
    sign: int
    first: frozenset[str]
    second: frozenset[str]


def reversed_relation(a: str, b: str) -> bool:
    """Whether both texts relate the same two things, in opposite directions."""
    ways = {_way(one, other) for one, other in _common_relations(a, b)}
    return -1 in ways and 1 not in ways


def inverse_wording(a: str, b: str) -> bool:
    """Whether both texts relate the same two things in the same direction, but by inverse words: one says that A is
    slower than B, the other that B is faster than A."""
    both = list(_common_relations(a, b))
    return any(
        one.sign != other.sign and _way(one, other) > 0 for one, other in both
    ) and not reversed_relation(a, b)


def _common_relations(a: str, b: str) -> Iterator[tuple[_Related, _Related]]:
    one, other = _related(a), _related(b)
    return ((one[kind], other[kind]) for kind in one.keys() & other.keys())


def _way(one: _Related, other: _Related) -> int:
    """Return 1 if two relations have the same direction, −1 if they have opposite ones, 0 if that is unclear."""
    first, second = one.first - one.second, one.second - one.first
    ahead, behind = other.first - other.second, other.second - other.first
    if first & ahead and second & behind:
        return 1
    return -1 if first & behind and second & ahead else 0


@cached(8192)
def _related(text: str) -> dict[str, _Related]:
    """Return the relations of a text by kind; kinds that occur several times are left out as ambiguous."""
    words = _TRIGGERS.intersection(WORD.findall(text.casefold()))
    if not words:
        return {}
    found = list(_relations(text, words))
    count = Counter(one.kind for one in found)
    return {one.kind: one for one in found if count[one.kind] == 1}


def _relations(text: str, words: frozenset[str]) -> Iterator[_Related]:
    for way in _ROUTES:  # despite a negation: "from a to b, not the other way round"
        for match in way.finditer(text):
            yield _Related("way", 1, _words(match["source"]), _words(match["target"]))
    likely = [pivot for pivot in _PIVOTS if not pivot[0].isdisjoint(words)]
    if not likely or _NEGATION.search(text.replace(", not", "")):
        return
    for _, pivot, kind, sign in likely:
        for match in pivot.finditer(text):
            left, right = _sides(text, match.start(), match.end())
            if left and right:
                yield _Related(kind, sign, *((left, right) if sign > 0 else (right, left)))


def _sides(text: str, start: int, end: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words before and after a pivot in its sentence; for "Before Y, do X" that is X and Y."""
    begin = max((match.end() for match in _END.finditer(text, 0, start)), default=0)
    stop = _END.search(text, end)
    until = stop.start() if stop else len(text)
    if text[begin:start].strip(" -*•\t"):
        return _words(text[begin:start]), _words(text[end:until])
    comma = _COMMA.search(text, end, until)
    if comma is None:
        return frozenset(), frozenset()
    return _words(text[comma.end() : until]), _words(text[end : comma.start()])


def _words(text: str) -> frozenset[str]:
    return frozenset(stems_of(text)) - PRONOUNS
