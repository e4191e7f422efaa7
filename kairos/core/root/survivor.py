"""Which of two entries that say the same stays: what says most, then what is better placed and named, the newer."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from kairos.core.markdown.front_matter import text_field
from kairos.core.root.reading import Reading
from kairos.core.text.remembered import remembered
from kairos.model import Entry, EntryKind, Note, Relation, Role

_STEP = re.compile(r"\s*\d+[.)]\s")
_MUCH_MORE = 1.5
_MORE = 4 / 3
"""The same of two notes of one fact each, which stand in like places."""
_SET_ASIDE = frozenset("legacy archive archives archived archiv old backup backups".split())
_PLACE = {Role.NOTE: 2, Role.INDEX: 1, Role.DAILY: 0}


def says(entry: Entry) -> int:
    """How much an entry says: the number of words of its core, scripts without spaces counted by letters."""
    return _said(entry.text)


@remembered(65_536)
def _said(text: str) -> int:
    unspaced = 0 if text.isascii() else sum(1 for letter in text if ord(letter) > 0x2E7F)
    return max(len(text.split()), unspaced)


class Rank(NamedTuple):
    """What counts among entries that say the same, the weightiest first."""

    fixed: bool
    own: bool
    position: int
    named: bool
    protected: bool
    day: date
    words: int
    id: str


def rank(entry: Entry, reading: Reading) -> Rank:
    """Return the order of survival among entries of a reading that say the same; the highest stays.

    They say the same, so some words more are no merit; what stands in a step or paragraph is needed there.
    """
    ranks = reading.once(_ranks)
    found = ranks.get(entry.id)
    if found is None:
        found = ranks[entry.id] = _rank(entry, reading.note_of(entry))
    return found


def _ranks(_: Reading) -> dict[str, Rank]:
    """Return where the ranks of a reading's entries come to stand, since each is asked for in several pairs."""
    return {}


def _rank(entry: Entry, note: Note) -> Rank:
    return Rank(
        fixed=entry.kind is EntryKind.PARAGRAPH or _STEP.match(entry.raw) is not None,
        own=entry.kind is EntryKind.FACT,
        position=_PLACE.get(note.role, -1),
        named=is_named(note),
        protected=note.protected,
        day=entry.dated.day if entry.dated else date.min,
        words=says(entry),
        id=entry.id,
    )


def is_named(note: Note) -> bool:
    """Whether the head of a note has what agents find notes by."""
    return bool(note.description or (note.front and text_field(note.front.fields, "name", "title")))


def is_set_aside(path: str) -> bool:
    """Whether a note lies in a directory for what is no longer current, by the name of that directory."""
    directory, _, _ = path.rpartition("/")
    return _is_for_what_is_over(directory)


@remembered(1024)
def _is_for_what_is_over(directory: str) -> bool:
    return any(name.strip("_.-") in _SET_ASIDE for name in directory.casefold().split("/"))


def survivor(a: Entry, b: Entry, relation: Relation, reading: Reading) -> tuple[Entry, Entry]:
    """Return (kept, dropped) of a pair to be merged: the container stays, among equals what is not set aside, then the
    higher rank."""
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
