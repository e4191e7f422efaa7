"""Which of two entries that say the same survives: the one that says more, is better placed and named, or is newer."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from kairos.core.markdown.front_matter import text_field
from kairos.core.root.reading import Reading
from kairos.core.text.caching import cached
from kairos.core.text.words import WIDE
from kairos.model import Entry, EntryKind, Note, Relation, Role

_STEP = re.compile(r"\s*\d+[.)]\s")
_MUCH_MORE = 1.5
"""An entry with more than this many times the words of the other survives for that alone."""
_MORE = 4 / 3
"""The same for two one-fact notes, whose places are comparable."""
_ARCHIVE_NAMES = frozenset("legacy archive archives archived archiv old backup backups".split())
_BEYOND = 10**12 - 1
"""Above any position in a file."""
_PRIORITY_BY_ROLE = {Role.NOTE: 2, Role.INDEX: 1, Role.DAILY: 0}


def says(entry: Entry) -> int:
    """Return how much an entry says: the number of words of its core text, or of letters in scripts without spaces."""
    return _length_in_words(entry.text)


@cached(65_536)
def _length_in_words(text: str) -> int:
    unspaced = 0 if text.isascii() else len(WIDE.findall(text))
    return max(len(text.split()), unspaced)


class Rank(NamedTuple):
    """What decides between entries that say the same, most important first."""

    in_place: bool
    is_fact: bool
    position: int
    named: bool
    protected: bool
    day: date
    words: int
    place: str


def rank(entry: Entry, reading: Reading) -> Rank:
    """Return the rank of an entry among entries that say the same; the highest survives.

    Word count comes late: since they say the same, a few more words are no merit. Steps and paragraphs come first,
    because they are needed where they stand.
    """
    ranks = reading.derived(_ranks)
    found = ranks.get(entry.id)
    if found is None:
        found = ranks[entry.id] = _rank(entry, reading.note_of(entry))
    return found


def _ranks(_: Reading) -> dict[str, Rank]:
    """Return an empty cache for the ranks of a reading's entries: each rank is needed for several pairs."""
    return {}


def _rank(entry: Entry, note: Note) -> Rank:
    return Rank(
        in_place=entry.kind is EntryKind.PARAGRAPH or is_step(entry),
        is_fact=entry.kind is EntryKind.FACT,
        position=_PRIORITY_BY_ROLE.get(note.role, -1),
        named=is_named(note),
        protected=note.protected,
        day=entry.dated.day if entry.dated else date.min,
        words=says(entry),
        place=_place(entry),
    )


def _place(entry: Entry) -> str:
    """Return a key that tells entries apart. Of equal sections the first stays, as when Hermes drops repeated ones."""
    if entry.kind is EntryKind.SECTION:
        return f"{entry.path}:{_BEYOND - entry.span.start:012}"
    return entry.id


def is_step(entry: Entry) -> bool:
    """Whether an entry is a numbered step."""
    return _STEP.match(entry.raw) is not None


def is_named(note: Note) -> bool:
    """Whether the front matter of a note has what agents find notes by: a description, a name or a title."""
    return bool(note.description or (note.front and text_field(note.front.fields, "name", "title")))


def is_set_aside(path: str) -> bool:
    """Whether a note lies in a directory whose name says that its content is no longer current, such as `archive`."""
    directory, _, _ = path.rpartition("/")
    return _is_archive(directory)


@cached(1024)
def _is_archive(directory: str) -> bool:
    return any(name.strip("_.-") in _ARCHIVE_NAMES for name in directory.casefold().split("/"))


def survivor(a: Entry, b: Entry, relation: Relation, reading: Reading) -> tuple[Entry, Entry]:
    """Return (kept, dropped) for a pair to be merged.

    An entry that contains the other stays. Between equals, the one that is not set aside stays, else the one that says
    clearly more, else the one with the higher rank.
    """
    if relation is Relation.A_CONTAINS_B:
        return a, b
    if relation is Relation.B_CONTAINS_A:
        return b, a
    if (aside := is_set_aside(a.path)) != is_set_aside(b.path):
        return (b, a) if aside else (a, b)
    more = _MORE if a.kind is b.kind is EntryKind.FACT else _MUCH_MORE
    if says(a) > more * says(b) or says(b) > more * says(a):
        return (a, b) if says(a) > says(b) else (b, a)
    return (a, b) if rank(a, reading) > rank(b, reading) else (b, a)
