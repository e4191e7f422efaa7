"""A snapshot with everything parsed: what the later steps look things up in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kairos.core.parse import parse
from kairos.model import Entry, Note, Place, Role, Snapshot, Source

JUDGED_ROLES = frozenset({Role.INDEX, Role.NOTE, Role.DAILY})


@dataclass(frozen=True, slots=True)
class Reading:
    """The notes of a snapshot by path, and all their entries by id."""

    snapshot: Snapshot
    sources: Mapping[str, Source]
    notes: Mapping[str, Note]
    entries: Mapping[str, Entry]

    @classmethod
    def of(cls, snapshot: Snapshot, known: Reading | None = None) -> Reading:
        """Parse every source of a snapshot, but for those that are the same as in a `known` reading."""
        notes = {
            source.path: known.notes[source.path]
            if known and known.sources.get(source.path) == source
            else parse(source)
            for source in snapshot.sources
        }
        entries = {entry.id: entry for note in notes.values() for entry in note.entries}
        return cls(snapshot, snapshot.by_path(), notes, entries)

    def note_of(self, entry: Entry) -> Note:
        """Return the note that an entry stands in."""
        return self.notes[entry.path]

    @property
    def index(self) -> Source | None:
        """The always-loaded file, where the root has one."""
        return next((source for source in self.sources.values() if source.role is Role.INDEX), None)


def place(entry: Entry) -> Place:
    """Where an entry stands, with its text verbatim."""
    return Place(entry.path, entry.line, entry.raw)
