"""Which of two entries that say the same stays: the one that says most, then the better placed, then the newer."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from kairos.core.reading import Reading
from kairos.model import Entry, EntryKind, Relation, Role

_STEP = re.compile(r"\s*\d+[.)]\s")
_MUCH_MORE = 1.5
_PLACE = {Role.NOTE: 2, Role.INDEX: 1, Role.DAILY: 0}


def says(entry: Entry) -> int:
    """How much an entry says: the number of words of its core, scripts without spaces counted by letters."""
    return _said(entry.text)


@lru_cache(maxsize=65_536)
def _said(text: str) -> int:
    unspaced = 0 if text.isascii() else sum(1 for letter in text if ord(letter) > 0x2E7F)
    return max(len(text.split()), unspaced)


def rank(entry: Entry, reading: Reading) -> tuple[int, int, int, date, int, str]:
    """Order of survival among entries that say the same; the highest stays.

    They say the same, so some words more are no merit; what stands in a step or paragraph is needed there.
    """
    note = reading.note_of(entry)
    day = entry.dated.day if entry.dated else date.min
    fixed = entry.kind is EntryKind.PARAGRAPH or _STEP.match(entry.raw) is not None
    return (
        int(fixed),
        int(entry.kind is EntryKind.FACT),
        _PLACE.get(note.role, -1),
        day,
        says(entry),
        entry.id,
    )


def survivor(a: Entry, b: Entry, relation: Relation, reading: Reading) -> tuple[Entry, Entry]:
    """Return (kept, dropped) of a pair to be merged: the container stays, among equals the higher rank."""
    if relation is Relation.A_CONTAINS_B:
        return a, b
    if relation is Relation.B_CONTAINS_A:
        return b, a
    if says(a) > _MUCH_MORE * says(b) or says(b) > _MUCH_MORE * says(a):
        return (a, b) if says(a) > says(b) else (b, a)
    return (a, b) if rank(a, reading) > rank(b, reading) else (b, a)
