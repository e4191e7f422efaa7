"""Index lines whose hook Kairos took from an entry: they are rewritten when that entry goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kairos.core.index.budget import size
from kairos.core.index.index_changes import index_change
from kairos.core.index.pointer_lines import Disputed, first_words, line_for, line_saying, style_of
from kairos.core.markdown.spans import overlapping
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading, place
from kairos.model import Change, Entry, IndexSize, Note, Role, Span, Splice

NoteAfter = Callable[[str], Note | None]
"""Returns a note as a plan leaves it; None if it goes."""


def renewed(
    pointers: Mapping[str, Sequence[Pointer]],
    gone: Collection[str],
    disputed: Disputed,
    reading: Reading,
    note_after: NoteAfter,
    *,
    budget: IndexSize,
) -> dict[str, str]:
    """Return what index lines say once the entries with the ids `gone` are gone, by the ids of the lines.

    Only a line that says exactly what Kairos would have written for such an entry is rewritten. It loses its hook if
    the index would outgrow its `budget` otherwise.
    """
    lost = _by_note(gone, reading)
    found: dict[str, str] = {}
    for path, lines in pointers.items() if lost else ():
        source = reading.sources[path]
        room = budget.bytes - size(source.data).bytes if source.role is Role.INDEX else None
        for pointer in lines:
            target = pointer.target
            note = note_after(target) if target in lost and pointer.is_single else None
            if note is None or not _is_line_for_one(pointer, lost[note.path], reading.notes[note.path]):
                continue
            style = style_of((pointer,))
            line = line_for(note, style, disputed)
            more = len(line.encode()) - len(pointer.entry.raw.encode())
            if room is not None and more > max(room, 0):
                line, more = line_saying(note, style, ""), 0
            if line != pointer.entry.raw:
                found[pointer.entry.id] = line
                room = None if room is None else room - max(more, 0)
    return found


def _by_note(gone: Collection[str], reading: Reading) -> dict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for id_ in gone:
        entry = reading.entries[id_]
        found[entry.path].append(entry)
    return dict(found)


def _is_line_for_one(pointer: Pointer, entries: Iterable[Entry], note: Note) -> bool:
    """Whether a line is the one that Kairos would write for one of these entries of a note."""
    style = style_of((pointer,))
    hooks = filter(None, map(first_words, entries))
    return any(pointer.entry.raw == line_saying(note, style, hook) for hook in hooks)


def renewal(pointer: Pointer, line: str) -> tuple[Change, Pointer]:
    """Return the change that rewrites a line, and the pointer afterwards."""
    entry = pointer.entry
    span = Span(entry.span.start, entry.span.start + len(entry.raw.encode()))
    reason = f"{pointer.target} no longer says what this line quoted from it"
    key = ("hook", entry.path, entry.digest, line)
    change = index_change(place(entry), (Splice(entry.path, span, line.encode()),), reason, *key)
    return change, replace(pointer, entry=entry._replace(raw=line))


def renewals(
    found: Iterable[Pointer], lines: Mapping[str, str], edited: Iterable[Splice]
) -> Iterator[Change]:
    """Yield the changes that rewrite pointers of one file; `lines` are the new texts by pointer id.

    Lines that are `edited` already are left out.
    """
    ordered = sorted(edited, key=lambda edit: edit.span)
    for pointer in found:
        line, span = lines.get(pointer.entry.id), pointer.entry.span
        if line and not any(span.start < edit.span.end for edit in overlapping(ordered, span)):
            yield renewal(pointer, line)[0]
