"""Which entries still stand after a plan: verbatim, except for the dates and links that a plan may replace."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kairos.core.change.aftermath import Shift
from kairos.core.change.effects import rendered
from kairos.core.dates.relative import absolute_dates
from kairos.core.markdown.links import Directory, Link, LinkForm, target_for
from kairos.core.markdown.parse import parse
from kairos.core.markdown.plain_text import plain
from kairos.core.markdown.render import apply_splices, edits_by_path
from kairos.core.markdown.spans import enclosing
from kairos.core.root.pointers import directory
from kairos.core.root.reading import Reading
from kairos.model import Change, CreateFile, Edit, Entry, Note, Role, Source, Span, Splice, Witness


@dataclass
class Standing:
    """The entries of a reading after the `edits` of a plan.

    `after` has the resulting bytes of every file, None for one that goes.
    """

    reading: Reading
    edits: Mapping[str, Sequence[Edit]]
    after: Mapping[str, bytes | None]
    _notes: dict[str, Note] = field(default_factory=dict, init=False)
    _entries: dict[str, dict[int, Entry]] = field(default_factory=dict, init=False)
    _shifts: dict[str, Shift | None] = field(default_factory=dict, init=False)
    _dates: dict[str, frozenset[Splice]] = field(default_factory=dict, init=False)
    _links: dict[str, dict[Span, list[Link]]] = field(default_factory=dict, init=False)
    _addresses: dict[tuple[LinkForm, bool, str], frozenset[bytes]] = field(default_factory=dict, init=False)

    def text(self, entry: Entry) -> str | None:
        """Return what an entry says afterwards, without its final line break; None if it no longer stands."""
        found = self._span_afterwards(entry)
        if found is None:
            return None
        return (self.after[entry.path] or b"")[slice(*found)].decode("utf-8", "replace").rstrip("\r\n")

    def is_content(self, entry: Entry) -> bool:
        """Whether an entry still stands and is read as content, be it in an entry or as the lead of a list."""
        found = self._span_afterwards(entry)
        if found is None:
            return False
        entries = self._entries_of(entry.path)
        if found.start in entries:
            spans = [other.span for other in entries.values()]
            return all(enclosing(spans, line) for line in _lines(self.after[entry.path] or b"", found))
        said = plain(self.text(entry) or "")
        return any(other.lead == said or other.lead.startswith(f"{said} ") for other in entries.values())

    def entry(self, entry: Entry) -> Entry | None:
        """Return an entry as it is parsed afterwards; None if it no longer stands."""
        found = self._span_afterwards(entry)
        return self._entries_of(entry.path).get(found.start) if found else None

    def links_to_removed(self, entry: Entry) -> Iterator[str]:
        """Yield the targets, as written, of the links in an entry that lead to notes that go."""
        for span, found in self._links_of(entry.path).items():
            if entry.span.start <= span.start and span.end <= entry.span.end:
                yield from (link.target for link in found if self._leads_to_removed(link, entry.path))

    def _span_afterwards(self, entry: Entry) -> Span | None:
        """Return the span of an entry afterwards; None if it no longer stands."""
        path, data = entry.path, self.after.get(entry.path)
        moved = self._shift(path)
        if data is None or moved is None:
            return None
        inside = moved.touching(entry.span)
        if not all(self.is_replacement(splice, entry) for splice in inside):
            return None
        within = (replace(splice, span=_relative_to(splice.span, entry.span)) for splice in inside)
        expected = apply_splices(self._data(path)[slice(*entry.span)], within)
        start = moved(entry.span.start)
        found = Span(start, start + len(expected))
        return found if data[slice(*found)] == expected else None

    def _shift(self, path: str) -> Shift | None:
        """Return where the bytes of a file are afterwards; None if the file is replaced as a whole."""
        if path not in self._shifts:
            edits = self.edits.get(path, ())
            is_replaced = any(isinstance(edit, CreateFile) for edit in edits)
            splices = (edit for edit in edits if isinstance(edit, Splice))
            self._shifts[path] = None if is_replaced else Shift.of(splices, self._data(path))
        return self._shifts[path]

    def _entries_of(self, path: str) -> dict[int, Entry]:
        """Return the entries that a note has afterwards, in order, by their first byte."""
        if path not in self._entries:
            note = self.note(path)
            self._entries[path] = {entry.span.start: entry for entry in (note.entries if note else ())}
        return self._entries[path]

    def note(self, path: str) -> Note | None:
        """Return a note as it is afterwards; None if there is none."""
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

        It may make a relative date of `entry` absolute, lead a link away from a note that goes, or leave only the text
        of a link that leads nowhere.
        """
        if entry is not None and splice in self._dates_of(entry):
            return True
        return any(self._repoints(splice, link) for link in self._links_of(splice.path).get(splice.span, ()))

    def _dates_of(self, entry: Entry) -> frozenset[Splice]:
        if entry.id not in self._dates:
            found = absolute_dates(self.reading.notes[entry.path], entry, self._data(entry.path))
            self._dates[entry.id] = frozenset(splice for splice, _ in found)
        return self._dates[entry.id]

    def _repoints(self, splice: Splice, link: Link) -> bool:
        target = self._directory.resolve(link, splice.path)
        if target is not None and self.after.get(target, b"") is not None:
            return False
        if splice.span == link.target_span:
            return target is not None and splice.text in self._addresses_of(link, splice.path)
        return splice.text == link.text.encode("utf-8", "surrogateescape")

    def _leads_to_removed(self, link: Link, path: str) -> bool:
        """Whether a link in the file `path` leads to a note that goes."""
        target = self._directory.resolve(link, path)
        return target is not None and self.after.get(target, b"") is None

    def _addresses_of(self, link: Link, path: str) -> frozenset[bytes]:
        """Return all addresses that would lead a link in the file `path` to a file that stays."""
        key = link.form, link.target.endswith(".md"), posixpath.dirname(path)
        if key not in self._addresses:
            stays = (other for other, data in self.after.items() if data is not None)
            self._addresses[key] = frozenset(
                target_for(link, path, other, self._directory) for other in stays
            )
        return self._addresses[key]

    def _data(self, path: str) -> bytes:
        return self.reading.sources[path].data

    def _links_of(self, path: str) -> dict[Span, list[Link]]:
        """Return the links of a file by the spans that can be replaced: the target of a link, and the whole link."""
        if path not in self._links:
            table: dict[Span, list[Link]] = {}
            for link in self.reading.facts[path].links:
                for span in {link.span, link.target_span}:
                    table.setdefault(span, []).append(link)
            self._links[path] = table
        return self._links[path]

    @property
    def _directory(self) -> Directory:
        return self.reading.derived(directory)


def with_lasting_witnesses(changes: Sequence[Change], reading: Reading) -> tuple[Change, ...]:
    """Return the changes with the final texts of their witnesses, by which the next dream will recognise them."""
    if not any(change.witness for change in changes):
        return tuple(changes)
    standing = Standing(reading, edits_by_path(changes), rendered(changes, reading))
    return tuple(
        _with_final_text(change, change.witness, standing) if change.witness else change for change in changes
    )


def _with_final_text(change: Change, witness: Witness, standing: Standing) -> Change:
    entry = standing.reading.entries.get(witness.entry_id)
    if entry is not None:
        text = standing.text(entry)
    else:  # the witness is the whole note of a twin
        data = standing.after.get(witness.place.file)
        text = None if data is None else data.decode("utf-8", "replace")
    if text is None or text == witness.place.text:
        return change
    return replace(change, witness=replace(witness, place=replace(witness.place, text=text)))


def _relative_to(inner: Span, outer: Span) -> Span:
    return Span(inner.start - outer.start, inner.end - outer.start)


def _lines(data: bytes, span: Span) -> Iterator[Span]:
    """Yield the lines of a span that are not blank, without their line breaks."""
    start = span.start
    for line in data[slice(*span)].splitlines(keepends=True):
        if line.strip():
            yield Span(start, start + len(line.rstrip(b"\r\n")))
        start += len(line)
