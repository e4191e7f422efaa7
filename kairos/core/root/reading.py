"""A snapshot with everything parsed, in which the later steps look things up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from kairos.core.root.facts import FileFacts
from kairos.model import Entry, Note, Place, Role, Snapshot, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """The notes of a snapshot by path, and all their entries by id.

    If this is the root as a plan leaves it, `before` is the reading that the plan was made for: most of what was
    derived from it still holds.
    """

    snapshot: Snapshot
    sources: Mapping[str, Source]
    facts: Mapping[str, FileFacts]
    notes: Mapping[str, Note]
    entries: Mapping[str, Entry]
    before: Reading | None = field(default=None, repr=False, compare=False)
    _found: dict[Callable[[Reading], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        known: Mapping[str, FileFacts] | None = None,
        before: Reading | None = None,
    ) -> Reading:
        """Parse every source of a snapshot, except where `known` has the facts of its path already."""
        found = known or {}
        facts = {
            source.path: one
            if (one := found.get(source.path)) is not None and one.source is source
            else _facts(source, one)
            for source in snapshot.sources
        }
        notes = {path: one.note for path, one in facts.items()}
        entries = {entry.id: entry for note in notes.values() for entry in note.entries}
        return cls(snapshot, snapshot.by_path(), facts, notes, entries, before)

    def derived(self, find: Callable[[Reading], T]) -> T:
        """Return `find(self)`, computed on first use and then cached; it must depend on this reading alone."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast("T", self._found[find])

    def note_of(self, entry: Entry) -> Note:
        """Return the note that an entry belongs to."""
        return self.notes[entry.path]

    @property
    def index(self) -> Source | None:
        """The always-loaded file, if the root has one."""
        return self.derived(_index)


def _index(reading: Reading) -> Source | None:
    return next((source for source in reading.sources.values() if source.role is Role.INDEX), None)


def changed_files(reading: Reading) -> tuple[tuple[FileFacts, ...], tuple[FileFacts, ...]]:
    """Return the files of the reading before that changed or went, and the files that changed or are new."""
    return reading.derived(_changed_files)


def _changed_files(reading: Reading) -> tuple[tuple[FileFacts, ...], tuple[FileFacts, ...]]:
    now, then = reading.facts, reading.before.facts if reading.before else {}
    return (
        tuple(one for path, one in then.items() if now.get(path) is not one),
        tuple(one for path, one in now.items() if then.get(path) is not one),
    )


def _facts(source: Source, known: FileFacts | None) -> FileFacts:
    return (known.of(source) if known is not None else None) or FileFacts(source)


def path_of(entry_id: str) -> str:
    """Return the path of the file that holds the entry with an id."""
    return entry_id.rpartition(":")[0]


def place(entry: Entry) -> Place:
    """Return where an entry stands, with its text verbatim."""
    return Place(entry.path, entry.line, entry.raw)


def entry_at(where: Place, reading: Reading) -> Entry:
    """Return the entry that stands at a place of a reading. Raises KeyError if there is none."""
    for entry in reading.notes[where.file].entries:
        if entry.line == where.line:
            return entry
    raise KeyError(where)
