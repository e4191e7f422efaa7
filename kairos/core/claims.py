"""Entries as what is compared: sentences with their context."""

from __future__ import annotations

from datetime import date

from kairos.core.sentences import split
from kairos.model import Claim, Entry, Note, Part, Statement

LONGEST = 2000
"""Characters of one text that are embedded; the model reads no more."""
_ENOUGH_WORDS = 4


def claims(note: Note) -> tuple[Claim, ...]:
    """Return every sentence of every part of every entry, with its context."""
    found: list[Claim] = []
    for entry in note.entries:
        context = context_of(entry, note)
        ordinal = 0
        for part in entry.parts:
            above = context if part is entry.parts[0] or part.label else _above(context, entry.parts[0])
            for sentence in split(part.text):
                embedded = sentence if len(sentence.split()) >= _ENOUGH_WORDS else f"{above}: {sentence}"
                found.append(Claim(entry.id, ordinal, sentence, above, embedded[:LONGEST], part.core))
                ordinal += 1
    return tuple(found)


def context_of(entry: Entry, note: Note) -> str:
    """Return the title, headings and lead above an entry, outermost first."""
    steps = (note.title, *entry.headings, entry.lead)
    return " > ".join(dict.fromkeys(step for step in steps if step))


def _above(context: str, first: Part) -> str:
    return f"{context} > {first.text.splitlines()[0] if first.text else ''}".strip(" >")


def statement(entry: Entry, note: Note) -> Statement:
    """Return what the judge sees of an entry."""
    dated = entry.dated
    day = dated.day if dated and dated.basis != "mtime" else None  # copies and syncs reset the mtime
    return Statement(entry.text[:LONGEST], split(entry.text), context_of(entry, note), day)


def statement_of_text(text: str, day: date | None = None) -> Statement:
    """Return what the judge sees of a text that stands alone."""
    return Statement(text[:LONGEST], split(text), "", day)
