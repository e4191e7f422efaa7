"""Which entries still stand after a plan: word for word, but for the dates and links that a plan may replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kairos.core.aftermath import Shift
from kairos.core.effects import rendered
from kairos.core.links import Directory, Link, links, written
from kairos.core.parse import parse
from kairos.core.plain_text import plain
from kairos.core.pointers import directory
from kairos.core.reading import Reading
from kairos.core.relative import absolute_dates
from kairos.core.render import apply_splices, edits_by_path
from kairos.model import Change, CreateFile, Edit, Entry, Note, Role, Source, Span, Splice, Witness


@dataclass
class Standing:
    """The entries of a reading after the edits of a plan; `after` are the bytes that these leave of every file."""

    reading: Reading
    edits: Mapping[str, Sequence[Edit]]
    after: Mapping[str, bytes | None]

    def __post_init__(self) -> None:
        self._notes: dict[str, Note] = {}
        self._links: dict[str, tuple[Link, ...]] = {}

    def text(self, entry: Entry) -> str | None:
        """Return what an entry says afterwards, without its final line break; None where it does not stand any more."""
        found = self._found(entry)
        if found is None:
            return None
        return (self.after[entry.path] or b"")[slice(*found)].decode("utf-8", "replace").rstrip("\r\n")

    def is_content(self, entry: Entry) -> bool:
        """Whether an entry that stands is still read as content: in an entry, or as the lead of a list."""
        found, note = self._found(entry), self.note(entry.path)
        if found is None or note is None:
            return False
        spans = [other.span for other in note.entries]
        if any(start == found.start for start, _ in spans):
            lines = _lines(self.after[entry.path] or b"", found)
            return all(any(start <= one.start and one.end <= end for start, end in spans) for one in lines)
        said = plain(self.text(entry) or "")
        return any(other.lead == said or other.lead.startswith(f"{said} ") for other in note.entries)

    def _found(self, entry: Entry) -> Span | None:
        """Return where an entry stands afterwards."""
        path, data = entry.path, self.after.get(entry.path)
        edits = self.edits.get(path, ())
        if data is None or any(isinstance(edit, CreateFile) for edit in edits):
            return None
        splices = [edit for edit in edits if isinstance(edit, Splice)]
        inside = [splice for splice in splices if _touches(splice, entry.span)]
        if not all(self.is_replacement(splice, entry) for splice in inside):
            return None
        within = (replace(splice, span=_within(splice.span, entry.span)) for splice in inside)
        expected = apply_splices(self._data(path)[slice(*entry.span)], within)
        start = Shift.of(splice for splice in splices if splice not in inside)(entry.span.start)
        found = Span(start, start + len(expected))
        return found if data[slice(*found)] == expected else None

    def note(self, path: str) -> Note | None:
        """Return a note as it is afterwards; None where there is none."""
        data = self.after.get(path)
        if data is None:
            return None
        if path not in self._notes:
            old = self.reading.sources.get(path)
            same = old is not None and old.data == data
            role = old.role if old else Role.NOTE
            source = Source(path, data, "", old.mtime_ns if old else 0, 0, role)
            self._notes[path] = self.reading.notes[path] if same else parse(source)
        return self._notes[path]

    def is_replacement(self, splice: Splice, entry: Entry | None) -> bool:
        """Whether a splice does no more than a plan may do to words that stay.

        That is: make a relative date of `entry` absolute, lead a link away from a note that goes, or leave only the
        text of such a link.
        """
        path = splice.path
        if entry is not None:
            found = absolute_dates(self.reading.notes[path], entry, self._data(path))
            if any(splice == date for date, _ in found):
                return True
        return any(self._leads_away(splice, link) for link in self._links_of(path))

    def _leads_away(self, splice: Splice, link: Link) -> bool:
        if splice.span not in (link.span, link.target_span):
            return False
        target = self._directory.resolve(link, splice.path)
        if not target or self.after.get(target, b"") is not None:
            return False
        if splice.span == link.target_span:
            stays = (path for path, data in self.after.items() if data is not None)
            return any(written(link, splice.path, path) == splice.text for path in stays)
        return splice.text == link.text.encode("utf-8", "surrogateescape")

    def _data(self, path: str) -> bytes:
        return self.reading.sources[path].data

    def _links_of(self, path: str) -> tuple[Link, ...]:
        if path not in self._links:
            self._links[path] = links(self.reading.sources[path])
        return self._links[path]

    @cached_property
    def _directory(self) -> Directory:
        return directory(self.reading)


def with_lasting_witnesses(changes: Sequence[Change], reading: Reading) -> tuple[Change, ...]:
    """Return the changes with the texts of their witnesses as they will stand, so that the next dream knows them."""
    standing = Standing(reading, edits_by_path(changes), rendered(changes, reading))
    return tuple(
        _lasting(change, change.witness, standing) if change.witness else change for change in changes
    )


def _lasting(change: Change, witness: Witness, standing: Standing) -> Change:
    entry = standing.reading.entries.get(witness.entry_id)
    if entry is not None:
        text = standing.text(entry)
    else:  # a whole note stands for its twin
        data = standing.after.get(witness.place.file)
        text = None if data is None else data.decode("utf-8", "replace")
    if text is None or text == witness.place.text:
        return change
    return replace(change, witness=replace(witness, place=replace(witness.place, text=text)))


def _touches(splice: Splice, span: Span) -> bool:
    """Whether a splice changes bytes of a span, or inserts between them."""
    start, end = splice.span
    return start < span.end and span.start < end


def _within(inner: Span, outer: Span) -> Span:
    return Span(inner.start - outer.start, inner.end - outer.start)


def _lines(data: bytes, span: Span) -> Iterator[Span]:
    """Yield the lines of a span that are not blank, without their line breaks."""
    start = span.start
    for line in data[slice(*span)].splitlines(keepends=True):
        if line.strip():
            yield Span(start, start + len(line.rstrip(b"\r\n")))
        start += len(line)
