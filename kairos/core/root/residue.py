"""What a file says outside its entries: in front matter, headings, HTML, comments, table heads and link targets.

An entry that goes has a witness or a reason. What surrounds it has neither, so a file goes with its last entry only if
all of that is said by the entry, by its witness, or by the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kairos.core.root.reading import Reading
from kairos.core.staleness.stale import is_stock_heading
from kairos.core.text.words import WORD, stems
from kairos.model import Change, Edit, Entry, EntryKind, Note, RemoveFile, Role, Source, Splice

_FIELD = re.compile(r"\s*([\w-]+):(?=\s|\Z)\s*(.*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|\Z)")
_DASHES = re.compile(rb" {0,3}-+[ \t]*(?:[\r\n]|\Z)")
_NAMING = frozenset({"name", "title", "description", "summary"})
"""Front matter fields that name what the note says."""
_HOUSEKEEPING = frozenset(
    "type node_type originsessionid metadata modified updated updated_at last_updated date created created_at expires "
    "expiry expires_at valid_until valid-until pinned layout permalink slug id".split()
)
"""Front matter fields that only tools read."""
_MAX_LABEL_WORDS = 2
"""How many ordinary words of its own a label may have: "when to write comments" just names what its note says."""
_SHARED_PREFIX = 6
"""Letters from which two words that begin alike are forms of one: "nullable", "nullability"."""
_STATEMENT_WORD = re.compile(
    r"\b(?:no|not|never|don't|is|are|was|were|has|have|must|nicht|kein\w*|nie|ist|sind|hat|liegt|est|sont|pas|es|son)\b",
    re.IGNORECASE,
)
"""Words by which a label says something rather than just naming it."""


class _Line(NamedTuple):
    """A line outside the entries. A `label` just names what the note says: its name, its description, a heading."""

    text: str
    label: bool = False


def first_untold_line(source: Source, note: Note, known: Iterable[str]) -> str:
    """Return the first line outside the entries of a file that says more than the `known` texts; "" for none."""
    said = frozenset(word for text in (*known, source.path) for word in stems(text))
    return next((line.text for line in _lines_outside_entries(source, note) if _says_more(line, said)), "")


def _says_more(line: _Line, said: frozenset[str]) -> bool:
    own = [word for word in stems(line.text) if word not in said]
    if not own or not line.label:
        return bool(own)
    begun = {word[:_SHARED_PREFIX] for word in said}
    own = [word for word in own if len(word) < _SHARED_PREFIX or word[:_SHARED_PREFIX] not in begun]
    if not own:
        return False
    if len(own) > _MAX_LABEL_WORDS or any(
        any(map(str.isdigit, word)) or _STATEMENT_WORD.fullmatch(word) for word in own
    ):
        return True
    if len(own) > 1 and _STATEMENT_WORD.search(line.text):
        return True
    words = WORD.findall(line.text)
    return any(not word.islower() and not set(own).isdisjoint(stems(word)) for word in words[1:])


def says_of(entry: Entry, note: Note) -> tuple[str, ...]:
    """Return all that an entry says, including what its place adds: title, description, lead and headings."""
    return (entry.raw, note.title, note.description, entry.lead, *entry.headings)


def said_by(changes: Iterable[Change], reading: Reading) -> tuple[str, ...]:
    """Return all that some changes take away, and all that their witnesses say in their places."""
    said: list[str] = []
    for change in changes:
        said.append(change.subject.text)
        kept = reading.entries.get(change.witness.entry_id) if change.witness else None
        if kept is not None:
            said += says_of(kept, reading.note_of(kept))
    return tuple(said)


def removal(entry: Entry, reading: Reading, witness: Entry | None) -> Edit:
    """Return the edit that removes an entry, or its whole file if that says nothing else."""
    note = reading.note_of(entry)
    if note.role in (Role.NOTE, Role.DAILY) and len(note.entries) == 1:
        by_witness = says_of(witness, reading.note_of(witness)) if witness else ()
        if not first_untold_line(reading.sources[entry.path], note, (entry.raw, *by_witness)):
            return RemoveFile(entry.path)
    return Splice(entry.path, entry.span, b"")


def would_form_heading(entry: Entry, reading: Reading) -> bool:
    """Whether the line above an entry and the dashes below it would form a heading if the entry went."""
    data = reading.sources[entry.path].data
    above = b"".join(data[: entry.span.start].splitlines()[-1:]).strip()
    if not above or above.startswith(b"#") or not _DASHES.match(data, entry.span.end):
        return False
    others = reading.note_of(entry).entries
    in_list = any(one.kind is EntryKind.BULLET and one.span.end == entry.span.start for one in others)
    return not in_list


def _lines_outside_entries(source: Source, note: Note) -> Iterator[_Line]:
    """Yield the lines outside the entries, as far as they may say something."""
    head = source.data[: note.body.start].decode("utf-8", "replace")
    yield from map(_front_matter_line, head.splitlines())
    position = note.body.start
    for start, end in [*(entry.span for entry in note.entries), (len(source.data), len(source.data))]:
        for line in source.data[position:start].decode("utf-8", "replace").splitlines():
            if not is_stock_heading(line):
                yield _Line(line, label=_HEADING.match(line) is not None)
        position = end


def _front_matter_line(line: str) -> _Line:
    """Return what a line of front matter says; nothing if only tools read it."""
    field = _FIELD.fullmatch(line)
    if field is None:
        return _Line(line)
    name, value = field.group(1).casefold(), field.group(2)
    if name in _NAMING:
        return _Line(value, label=True)
    return _Line("" if name in _HOUSEKEEPING else line)
