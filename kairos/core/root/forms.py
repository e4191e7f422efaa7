"""Notes of one form, each about its own subject: the shoe sizes of two children, the ports of two servers.

What such a note is about stands only above its lines, so lines with the same words or with other values say nothing
about each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kairos.core.root.facts import FileFacts
from kairos.core.root.line_forms import SHORTEST, VALUES, digests_in
from kairos.core.root.reading import Reading
from kairos.core.text.caching import cached
from kairos.core.text.words import STOP_WORDS, WORD, stem
from kairos.model import Entry, Note, Role

_FILLED_IN = 2
"""Number of lines in which two notes of one form differ in values alone, unless they have no other lines. One such line
among others can be all that has changed since a note was copied."""
_SHARE = 0.5
"""Share of the lines of the shorter note that both must have, values aside: two topics may share some facts."""


class _Lines(NamedTuple):
    """The digests of a file's lines with all numbers and days left open, and as they are."""

    opened: frozenset[int]
    exact: frozenset[int]


def are_of_one_form(a: Entry, b: Entry, reading: Reading) -> bool:
    """Whether two entries belong to two notes of one form, and only the notes' titles say what each is about.

    Such notes have half of their lines in common, values aside, or a single line each. Besides, their titles and
    descriptions differ in one word, or several of their lines differ in values alone, or they have no other lines.
    """
    one, other = reading.note_of(a), reading.note_of(b)
    if a.path == b.path or one.role is not Role.NOTE or other.role is not Role.NOTE:
        return False
    lines, others = (reading.facts[path].cached_for(_lines, None) for path in (a.path, b.path))
    common = len(lines.opened & others.opened)
    shorter = min(len(lines.opened), len(others.opened))
    if shorter > 1 and common < _SHARE * shorter:
        return False
    said = frozenset(_words(f"{a.text} {b.text}"))
    if _are_named_alike(one, other, said):
        return True
    ours, theirs = (frozenset(_subjects(note.title)) - said for note in (one, other))
    if not ours - theirs or not theirs - ours or common < _FILLED_IN:
        return False
    return common - len(lines.exact & others.exact) >= _FILLED_IN or lines.opened == others.opened


def _are_named_alike(one: Note, other: Note, said: frozenset[str]) -> bool:
    """Whether the titles of two notes differ in one word, and so do their descriptions unless they are the same."""
    titles, descriptions = (
        (_title_words(x), _title_words(y))
        for x, y in ((one.title, other.title), (one.description, other.description))
    )
    differing = [pair for pair in (titles, descriptions) if pair[0] != pair[1]]
    return bool(differing) and all(_differ_in_one_word(x, y, said) for x, y in differing)


def _differ_in_one_word(one: Sequence[str], other: Sequence[str], said: frozenset[str]) -> bool:
    """Whether two titles are the same but for one word, which neither text says. A mere number may just count notes."""
    if len(one) != len(other) or len(one) < SHORTEST:
        return False
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and not any(word in said or word.isdigit() for word in differing[0])


def _subjects(title: str) -> Iterator[str]:
    """Yield the words of a title that can tell what a note is about: days and mere numbers cannot."""
    return (word for word in _title_words(title) if not word.isdigit() and word not in VALUES)


@cached(8192)
def _title_words(title: str) -> tuple[str, ...]:
    return tuple(_words(title))


def _words(text: str) -> Iterator[str]:
    return (stem(word) for word in WORD.findall(text.casefold()) if word not in STOP_WORDS)


def _lines(facts: FileFacts, _: None) -> _Lines:
    return _Lines(*map(digests_in, facts.line_forms))
