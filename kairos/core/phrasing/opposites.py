"""Opposite words on the two sides of a pair: "enabled" and "disabled"."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.words import WORD, stem

_OPPOSITES = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("always every all must required mandatory", "never optional none rarely sometimes"),
        (
            "enabled enable on active allowed allow permitted yes true open",
            "disabled disable off inactive forbidden denied deny no false closed",
        ),
        ("before earlier first", "after later last"),
        (
            "increase increased increases raise raised raises up more higher highest maximum max most above over",
            "decrease decreased decreases lower lowers lowered lowest down less minimum min least below under",
        ),
        (
            "add added keep kept include included includes with",
            "remove removed drop dropped delete deleted exclude excluded excludes without",
        ),
        ("start started starts begin begins", "stop stopped stops end ends finish finished"),
        ("manual manually hand", "automatic automatically automated auto"),
        ("public", "private internal"),
        ("short brief concise", "long detailed verbose"),
        ("prefer prefers like likes love loves wants", "hate hates dislikes avoid avoids"),
        ("sync synchronous", "async asynchronous"),
        ("tabs", "spaces"),
        ("light", "dark"),
        (
            "done fixed finished resolved complete completed",
            "todo open pending broken unfixed incomplete unfinished",
        ),
        (
            "succeeds succeed succeeded works passes pass passed green",
            "fails fail failed broken breaks crashes red",
        ),
        (
            "accepted accept accepts approved approve",
            "rejected reject rejects refused declined",
        ),
        ("ascending oldest earliest smallest", "descending newest latest largest"),
        ("cheapest cheaper", "dearest dearer priciest"),
        ("encrypted", "unencrypted plaintext"),
        ("local locally", "remote remotely"),
        ("stateless", "stateful"),
        ("mutable", "immutable"),
        ("blocking", "non-blocking nonblocking"),
        ("opt-in opts-in opted-in", "opt-out opts-out opted-out"),
        ("skip skips skipped skipping", "only"),
        ("horizontal horizontally", "vertical vertically"),
        ("import imports", "export exports"),
        ("inside indoors", "outside outdoors"),
        ("immer alle jeder erlaubt", "nie niemals keine verboten"),
        ("vorher zuerst", "nachher danach zuletzt"),
        ("toujours obligatoire avant", "jamais facultatif après"),
        ("siempre obligatorio antes", "nunca opcional después"),
    )
)


_PLACES: dict[str, list[tuple[int, int]]] = {}
"""For each word with opposites, the (number, side) of every pair in `_OPPOSITES` to which it belongs."""
for _number, _sides in enumerate(_OPPOSITES):
    for _side, _words in enumerate(_sides):
        for _word in _words:
            _PLACES.setdefault(_word, []).append((_number, _side))


def opposites(a: str, b: str, *, both_negate: bool) -> int:
    """Count the pairs of opposites of which one text uses one side and the other text the other.

    If both texts negate, "always" against "never" does not count: then one of them says the same in the positive.
    """
    return _count_opposed(_tokens(a), _tokens(b), both_negate=both_negate)


def plainly_opposed(a: str, b: str, *, both_negate: bool) -> bool:
    """Whether two texts have several pairs of opposites: "off, opt-in" and "on, opt-out".

    A small word counts only where it can be nothing else: "no" as an answer, "on" as a state, "with" beside "without"
    of the same thing, "min" beside a word other than a number.
    """
    ours, theirs = _with(a), _with(b)
    opposed = _count_opposed(_plain_tokens(a), _plain_tokens(b), both_negate=both_negate)
    return opposed + any((not has, what) in theirs for has, what in ours) >= _PLAINLY


def _count_opposed(wa: frozenset[str], wb: frozenset[str], *, both_negate: bool) -> int:
    ours = {place for word in wa - wb for place in _PLACES[word]}
    theirs = {(number, 1 - side) for word in wb - wa for number, side in _PLACES[word]}
    opposed = {number for number, _ in ours & theirs}
    return len(opposed - {0}) if both_negate else len(opposed)


_COMPOUND = re.compile(r"(?<!\w)(opt(?:s|ed)?|non)[ -](in|out|blocking)(?!\w)")

_PLAINLY = 2
"""Number of opposites from which two texts are plainly opposed."""
_SMALL = re.compile(
    r"(?<!\w)(?:no(?= \w)|(?<!\bis )(?<!\bare )(?<!\bbe )(?<!turned )(?<!switched )(?<!\bstays )(?<!\bstay )on(?= \w)|"
    r"with|without|(?<=\d )min)(?!\w)"
)
_WITH = re.compile(r"(?<!\w)with(out)? (?:(?:an?|the|any|some) )?(\w+)")


@cached(8192)
def _with(text: str) -> frozenset[tuple[bool, str]]:
    """Return the words after "with" and "without", and whether it was the former."""
    return frozenset((not out, stem(what)) for out, what in _WITH.findall(text.casefold()))


@cached(8192)
def _plain_tokens(text: str) -> frozenset[str]:
    return _tokens(_SMALL.sub(" ", text.casefold()))


@cached(8192)
def _tokens(text: str) -> frozenset[str]:
    folded = text.casefold()
    compounds = {f"{first}-{second}" for first, second in _COMPOUND.findall(folded)}
    return frozenset(_PLACES.keys() & compounds.union(WORD.findall(folded)))
