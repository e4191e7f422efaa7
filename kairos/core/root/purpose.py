"""What the entries of a note are for, judged by the note alone: facts, lines of a longer text, or mere pointers.

Computed once per file. What holds for nearly all entries is recorded by listing the few exceptions.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos.core.phrasing.retraction import struck_passages
from kairos.core.root.conflicts_note import is_remains
from kairos.core.text.caching import cached
from kairos.model import Entry, EntryKind, Note, Role

JUDGED_ROLES = frozenset({Role.INDEX, Role.NOTE, Role.DAILY, Role.SECTIONS})
LONGEST_JUDGED = 20_000
"""Characters. No entry in the notes we know comes near this, and the cost of a comparison grows faster than length."""

_MIN_WORDS = 4
_MIN_LETTERS = 12
_DOCUMENT_HEADINGS = 10
_POINTING = re.compile(
    r"\W*(?:related(?:\s+\w+)?|see(?:\s+also)?|siehe(?:\s+auch)?|voir(?:\s+aussi)?)\s*:", re.IGNORECASE
)
_TO_A_NOTE = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*(?:\[\[|\[[^\]\n]*\]\([^)\s]*\.md\b)")


class Purpose(NamedTuple):
    """What the entries of a note are for.

    `is_document`: the note is a text to be read as a whole. `unjudged`: the ids of the entries that are not compared.
    `place_sensitive`: the ids of the entries whose places may change a judgement other than a merge.
    """

    is_document: bool
    unjudged: tuple[str, ...]
    place_sensitive: tuple[str, ...]


def purpose(note: Note) -> Purpose:
    """Return what the entries of a note are for."""
    whole = is_document(note)
    return Purpose(
        whole,
        tuple(entry.id for entry in note.entries if not is_judged(entry, note)),
        tuple(entry.id for entry in note.entries if whole or _is_place_sensitive(entry)),
    )


def is_judged(entry: Entry, note: Note) -> bool:
    """Whether an entry is compared at all: neither too short nor too long, no table row, in an editable file."""
    if note.role not in JUDGED_ROLES or entry.kind is EntryKind.TABLE_ROW or len(entry.text) > LONGEST_JUDGED:
        return False
    if note.role is Role.INDEX and is_remains(entry):
        return False
    return len(entry.text) >= _MIN_LETTERS or len(entry.text.split()) >= _MIN_WORDS


def is_document(note: Note) -> bool:
    """Whether a note or a log is to be read as a whole, rather than as a list of facts: its entries depend on each
    other.

    An index that itself holds the facts is never such a document, however many headings it has.
    """
    if note.role not in {Role.NOTE, Role.DAILY}:
        return False
    paths = {entry.headings for entry in note.entries}
    return any(len(path) > 2 for path in paths) or len(paths) >= _DOCUMENT_HEADINGS


def points_elsewhere(entry: Entry) -> bool:
    """Whether an entry only leads to another note: "Related: …", or a link with a few words on its target."""
    return _points_elsewhere(entry.text, (entry.lead, *entry.headings[-1:]), entry.raw)


@cached(65_536)  # each entry is in many pairs
def _points_elsewhere(text: str, steps: tuple[str, ...], raw: str) -> bool:
    above = (f"{step.rstrip(':')}:" for step in steps)
    return any(map(_POINTING.match, (text, *above))) or bool(_TO_A_NOTE.match(raw))


def is_terse(entry: Entry) -> bool:
    """Whether an entry has so few words that its meaning depends on where it stands."""
    return entry.kind is not EntryKind.FACT and len(entry.text.split()) < _MIN_WORDS + 2


def _is_place_sensitive(entry: Entry) -> bool:
    """Whether an entry may itself be the reason to leave a pair alone, or to find that it lacks context."""
    is_marked = entry.struck or entry.done is not None or bool(struck_passages(entry.raw))
    return is_marked or entry.kind is EntryKind.SECTION or is_terse(entry) or points_elsewhere(entry)
