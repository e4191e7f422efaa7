"""Turns entries into what is compared: claims for the search, statements for the judge."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice

from kairos.core.markdown.plain_text import checkbox, code_spans, plain
from kairos.core.text.sentences import split
from kairos.model import CONTEXT_STEP, Claim, Entry, Note, Statement

StatementKey = tuple[object, ...]
"""A key of a statement: entries with equal keys have equal statements."""

LONGEST_EMBEDDED_TEXT = 2000
"""At most this many characters of a text are embedded; the model reads no more."""
_LONGEST_CONTEXT = 300
"""At most this many characters of each title, heading or lead are put in front of a sentence as its context."""
_LONGEST_SHORT_ENTRY = 300
"""Up to this many characters, one vector represents an entry as well as one per sentence. Few entries are longer."""
_ENOUGH_WORDS = 4
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힣]{2}|\S+")  # two ideographs or syllables count as one word


def claims(note: Note) -> tuple[Claim, ...]:
    """Return the claims of a note: one for each short entry, one for every sentence of every part of the others."""
    return tuple(
        claim
        for entry in note.entries
        for claim in ((Claim(entry.id, entry.text),) if _is_short(entry) else claims_of(entry, note))
    )


def _is_short(entry: Entry) -> bool:
    return (
        len(entry.parts) == 1 and len(entry.text) <= _LONGEST_SHORT_ENTRY and is_understood_alone(entry.text)
    )


def claims_of(entry: Entry, note: Note) -> list[Claim]:
    """Return a claim for every sentence of every part of an entry of `note`."""
    context, parts = context_of(entry, note), entry.parts
    first = parts[0]
    context_below = CONTEXT_STEP.join(
        filter(None, (context, first.text.partition("\n")[0][:_LONGEST_CONTEXT]))
    )
    found: list[Claim] = []
    for part in parts:
        context_here = context if part is first or part.label else context_below
        for sentence in split(part.text):
            embedded = sentence if is_understood_alone(sentence) else f"{context_here}: {sentence}"
            found.append(Claim(entry.id, embedded[:LONGEST_EMBEDDED_TEXT]))
    return found


def sentences_of(entry: Entry) -> list[str]:
    """Return every sentence of every part of an entry, in plain text."""
    return [sentence for part in entry.parts for sentence in split(part.text)]


def is_understood_alone(sentence: str) -> bool:
    """Whether a sentence has enough words to be understood without context. A mere label does not."""
    words = _WORD.finditer(sentence[:LONGEST_EMBEDDED_TEXT])
    return sum(1 for _ in islice(words, _ENOUGH_WORDS)) == _ENOUGH_WORDS


def context_of(entry: Entry, note: Note) -> str:
    """Return the title, headings and lead above an entry, outermost first, each cut to a bounded length."""
    steps = (step[:_LONGEST_CONTEXT] for step in (note.title, *entry.headings, entry.lead) if step)
    return CONTEXT_STEP.join(dict.fromkeys(steps))


def statement(entry: Entry, note: Note) -> Statement:
    """Return what the judge sees of an entry. Nothing is cut off: a clashing value could be in the missing part."""
    code: tuple[str, ...] = ()
    if "`" in entry.raw:  # few entries have code
        code = code_spans("\n\n".join(part.raw for part in entry.parts if part.core))
    return Statement(entry.text, split(entry.text), context_of(entry, note), _day(entry), code, entry.done)


def statement_key(entry: Entry, note: Note) -> StatementKey:
    """Return everything that determines the statement of an entry, as a key to compare."""
    context = note.title, entry.headings, entry.lead
    code = tuple(part.raw for part in entry.parts if part.core)
    return entry.text, code, context, _day(entry), entry.done


def _day(entry: Entry) -> date | None:
    dated = entry.dated
    return dated.day if dated and dated.basis != "mtime" else None  # copying and syncing reset the mtime


def statement_of_text(text: str, day: date | None = None) -> Statement:
    """Return what the judge sees of a Markdown text that belongs to no note."""
    shown = plain(text)
    return Statement(shown, split(shown), "", day, code_spans(text), checkbox(text))
