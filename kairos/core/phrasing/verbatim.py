"""Text in which every character counts: quotes, key chords, ratios, names in code. `user_id` is not `userId`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kairos.core.markdown.plain_text import normalised
from kairos.core.text.caching import cached
from kairos.core.text.words import WORD
from kairos.model import Statement

_CHORD = re.compile(
    r"(?<!\w)(?:ctrl|control|strg|cmd|command|alt|option|shift|super|meta|⌘|⌥|⇧|⌃)\s?[+-]\s?[^\s,;:!?()`\"']+",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r'"([^"\n]{2,80})"|“([^”\n]{2,80})”|„([^“”\n]{2,80})[“”]|«([^»\n]{2,80})»|「([^」\n]{2,80})」'
)
_RATIO = re.compile(r"(?<![\d:/.-])(\d{1,4})\s?[:/×x]\s?(\d{1,4})(?![\d:/-])")
_NAMING = re.compile(
    r"(?<!\w)(?:branch|branches|flag|path|file|folder|directory|package|module|image|tag|route|endpoint|bucket|queue|topic|"
    r"repo|repository|zweig|datei|ordner|paket|branche|fichier|dossier|rama|archivo|carpeta|ramo|arquivo|pasta)(?!\w)",
    re.IGNORECASE,
)
"""Things in whose names every character counts; elsewhere, key/value is the same as key-value."""
_COMPOUND = re.compile(r"(?<![\w/.-])[^\W\d_]\w*(?:[-/]\w+|_\w+)+(?![\w/-])")
_NAMES = re.compile(r"[\w/-]+"), re.compile(r"\S*\*\S*")
"""Matches a name in code, and a glob."""
_SIGNS = re.compile(r"[\W_]+")


def verbatim_tokens_differ(a: Statement, b: Statement) -> bool:
    """Whether two texts differ in something in which every character counts."""
    return (
        _differ_both_ways(_chords(a.text), _chords(b.text))
        or _are_quoted_apart(a.text, b.text)
        or _are_reversed(_ratios(a.text), _ratios(b.text))
        or code_names_differ(a.code, b.code)
        or code_names_differ(_compound_names(a.text), _compound_names(b.text))
    )


def _differ_both_ways(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether each side has something that the other lacks."""
    return bool(ours - theirs) and bool(theirs - ours)


@cached(8192)
def _chords(text: str) -> frozenset[str]:
    found = ("".join(chord.casefold().split()).rstrip(".") for chord in _CHORD.findall(text))
    return frozenset(
        chord.replace("strg", "ctrl").replace("control", "ctrl").replace("-", "+") for chord in found
    )


def _are_quoted_apart(a: str, b: str) -> bool:
    """Whether both texts have quotes, and neither says any of the other's at all."""
    ours, theirs = _quotes(a), _quotes(b)
    return bool(ours) and bool(theirs) and not _says_any(b, ours) and not _says_any(a, theirs)


def _says_any(text: str, quotes: Iterable[str]) -> bool:
    return any(quote in _words(text) for quote in quotes)


@cached(8192)
def _quotes(text: str) -> frozenset[str]:
    return frozenset(filter(None, (_words("".join(quote)) for quote in _QUOTE.findall(text))))


@cached(8192)
def _words(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))


@cached(8192)
def _ratios(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_RATIO.findall(text))


def _are_reversed(ours: frozenset[tuple[str, str]], theirs: frozenset[tuple[str, str]]) -> bool:
    return any(one != other and (other, one) in theirs - ours for one, other in ours - theirs)


def code_names_differ(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether the sides have names in code that differ in case or punctuation only."""
    one, other = (frozenset(name.strip("./") for name in names) for names in (ours, theirs))
    return any(_are_alike(x, y) for x in one - other for y in other - one)


def _are_alike(one: str, other: str) -> bool:
    return any(name.fullmatch(one) and name.fullmatch(other) for name in _NAMES) and _letters(
        one
    ) == _letters(other)


@cached(8192)
def _compound_names(text: str) -> frozenset[str]:
    """Return the names in a text that join several words: `new_flag` is not new-flag.

    Names with hyphens or slashes only count if the text says that it is naming something, such as a branch or a path.
    """
    found = map(str.casefold, _COMPOUND.findall(text))
    return frozenset(found if _NAMING.search(text) else (name for name in found if "_" in name))


def _letters(name: str) -> str:
    return _SIGNS.sub("", normalised(name))
