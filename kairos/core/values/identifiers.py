"""Identifiers in notes: paths, addresses, names of code, versions, tickets; and whether a text mentions one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kairos.core.text.remembered import remembered
from kairos.core.text.words import LETTERS

_PLAIN_WORDS = r"(?:(?<!\S)[\"'(]*[A-Z]?[^\W\d_A-Z]+(?:-[^\W\d_A-Z]+)*[.,;:!?)\"']*(?:\s+|\Z))+"
"""Words between blanks in which no identifier can begin; none reaches over a blank."""
_IDENTIFIER = re.compile(
    rf"{_PLAIN_WORDS}|("
    r"https?://[^\s<>()\"'`]+|(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~<>{}$-]+(?:/[\w.@%+~<>{}$*-]*)*"
    r"|\b[\w.+-]{1,64}@[\w-]+\.[\w.-]+\b|(?<![\w-])--?[a-zA-Z][\w-]+|\b\d+(?:\.\d+){2,}(?::\d+)?\b"
    r"|\b[A-Za-z_]\w*(?:[._/:]+\w+(?:-\w+)*)+\b(?:\(\))?|\b\w*_\w+\b|\b[a-z]+[A-Z]\w*\b|\b[A-Z][a-z]+[A-Z]\w*\b"
    r"|\b[A-Za-z]+-?\d[\w-]*\b|\b\d+[A-Za-z]+\d\w*\b|#\d+\b|\b[A-Z]{2,}-\d+\b|\b\w+\(\))"
)


def identifiers_in(text: str) -> tuple[tuple[tuple[int, int], str], ...]:
    """Return the identifiers of a text as they are written, with their half-open ranges of characters."""
    return tuple(
        (match.span(), name)
        for match in _IDENTIFIER.finditer(text)
        if (name := match[1]) is not None and not _ABBREVIATION.fullmatch(name)
    )


_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")


def normal_identifier(text: str) -> str:
    """Return a path, an address or a name as it is compared."""
    text = re.sub(r"^\w+://", "", text).rstrip(".,:;)").removesuffix("()")
    return text.casefold().strip("/")


def unmentioned(names: Iterable[str], known: frozenset[str], text: str) -> tuple[str, ...]:
    """Return the names that a text with the identifiers `known` does not mention, in whatever spelling.

    Part of a longer one is no mention.
    """
    unnamed = sorted(one for one in names if one not in known)
    if not unnamed:  # as for most pairs: then nobody need know what the text spells
        return ()
    run_together = f"{_run_together(text)} {' '.join(map(_flat, known))}"
    listed = frozenset(
        one for one in unnamed if _LIST.fullmatch(one) and _words_outside(text) >= {*one.split("/")}
    )
    if not any(_flat(one).removesuffix("s") in run_together for one in unnamed):
        return tuple(one for one in unnamed if one not in listed)
    spelled = _spelled(text) | _without_plural(frozenset(map(_flat, known)))
    return tuple(one for one in unnamed if one not in listed and not _is_spelled(one, spelled))


_LIST = re.compile(r"[^\W\d_]{2,}(?:/[^\W\d_]{2,})+")
"""Words with slashes between them, which list as often as they lead somewhere: "morning/evening"."""
_PATH = re.compile(r"\S*/\S*")


@remembered(8192)
def _words_outside(text: str) -> frozenset[str]:
    """Return the words of a text that stand in no path: a/b is no b/a."""
    return frozenset(map(str.casefold, LETTERS.findall(_PATH.sub(" ", text))))


@remembered(8192)
def _run_together(text: str) -> str:
    return "".join(map(_flat, text.split()))


@remembered(8192)
def _spelled(text: str) -> frozenset[str]:
    return _without_plural(frozenset(_runs(text)))


def _without_plural(names: frozenset[str]) -> frozenset[str]:
    """Return names, and those with a digit also without a final s."""
    return names | {one[:-1] for one in names if one.endswith("s") and any(map(str.isdigit, one))}


def _is_spelled(name: str, spelled: frozenset[str]) -> bool:
    """Whether words spell a name; a letter or two stand in any text, and spell none."""
    flat = _flat(name)
    return len(flat) > _TOO_SHORT and bool({flat, flat.removesuffix("s")} & spelled)


_TOO_SHORT = 2


def _runs(text: str) -> Iterator[str]:
    """Yield one, two, … words that stand in a row, written as one: "fetch orders" is `fetch_orders`."""
    words = [_flat(word) for word in text.split()]
    for size in range(1, _LONGEST_RUN + 1):
        yield from map("".join, zip(*(words[at:] for at in range(size)), strict=False))


_LONGEST_RUN = 4


_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_NO_LETTERS = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


@remembered(65_536)
def _flat(text: str) -> str:
    """Return the letters and digits of a word; what stands between digits counts: 0.1.11 is no 0.11.1."""
    return _NO_LETTERS.sub("", _BETWEEN_DIGITS.sub(".", text.casefold()))
