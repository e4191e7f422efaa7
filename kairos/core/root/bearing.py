"""What the entries of a note are there for, by the note alone: facts, lines of a longer text, mere pointers, templates.

Found out once for each file: what is true of nearly all entries is told by naming the few others.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos.core.phrasing.retraction import struck_passages
from kairos.core.root.conflicts_note import is_remains
from kairos.core.text.remembered import remembered
from kairos.model import Entry, EntryKind, Note, Role

JUDGED_ROLES = frozenset({Role.INDEX, Role.NOTE, Role.DAILY})
LONGEST_JUDGED = 20_000
"""Characters: no entry of the notes we know comes near it, and the time to compare two grows faster than they do."""

_MIN_WORDS = 4
_MIN_LETTERS = 12
_DOCUMENT_HEADINGS = 10
_POINTING = re.compile(
    r"\W*(?:related(?:\s+\w+)?|see(?:\s+also)?|siehe(?:\s+auch)?|voir(?:\s+aussi)?)\s*:", re.IGNORECASE
)
_TO_A_NOTE = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*(?:\[\[|\[[^\]\n]*\]\([^)\s]*\.md\b)")


class Bearing(NamedTuple):
    """Whether a note is a text to be read as a whole, and, by their ids, its entries that are not compared (`unjudged`)
    and those whose places may change a judgement that is no merge (`stirring`)."""

    is_document: bool
    unjudged: tuple[str, ...]
    stirring: tuple[str, ...]


def bearing(note: Note) -> Bearing:
    """Return what the entries of a note are there for."""
    whole = is_document(note)
    return Bearing(
        whole,
        tuple(entry.id for entry in note.entries if not is_judged(entry, note)),
        tuple(entry.id for entry in note.entries if whole or _may_stir(entry)),
    )


def is_judged(entry: Entry, note: Note) -> bool:
    """Whether an entry is compared at all: enough words, in a file that may be edited."""
    if note.role not in JUDGED_ROLES or entry.kind is EntryKind.TABLE_ROW or len(entry.text) > LONGEST_JUDGED:
        return False
    if note.role is Role.INDEX and is_remains(entry):
        return False
    return len(entry.text) >= _MIN_LETTERS or len(entry.text.split()) >= _MIN_WORDS


def is_document(note: Note) -> bool:
    """Whether a note or a log is a text to be read as a whole rather than a list of facts: its entries lean on each
    other. An index that is itself the store is none, however many headings it has."""
    if note.role not in {Role.NOTE, Role.DAILY}:
        return False
    paths = {entry.headings for entry in note.entries}
    return any(len(path) > 2 for path in paths) or len(paths) >= _DOCUMENT_HEADINGS


def points_elsewhere(entry: Entry) -> bool:
    """Whether an entry is there to lead to another note: "Related: …", a link with a word on what is there."""
    return _points_elsewhere(entry.text, (entry.lead, *entry.headings[-1:]), entry.raw)


@remembered(65_536)  # each entry is in many pairs
def _points_elsewhere(text: str, steps: tuple[str, ...], raw: str) -> bool:
    above = (f"{step.rstrip(':')}:" for step in steps)
    return any(map(_POINTING.match, (text, *above))) or bool(_TO_A_NOTE.match(raw))


def is_terse(entry: Entry) -> bool:
    """Whether an entry has so few words that what it means hangs on where it stands."""
    return entry.kind is not EntryKind.FACT and len(entry.text.split()) < _MIN_WORDS + 2


def _may_stir(entry: Entry) -> bool:
    """Whether leaving a pair alone, or the want of context, may have to do with what an entry is."""
    is_marked = entry.struck or entry.done is not None or bool(struck_passages(entry.raw))
    return is_marked or is_terse(entry) or points_elsewhere(entry)
