"""A snapshot with everything parsed: what the later steps look things up in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from kairos.core.root.facts import FileFacts
from kairos.core.root.owned import is_own
from kairos.model import Entry, Note, Place, Role, Snapshot, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """The notes of a snapshot by path, and all their entries by id.

    Where it is `before` as a plan leaves it, most that follows from it is as it was there.
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
        """Parse every source of a snapshot, but for those whose facts, by path, are `known`."""
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

    def once(self, find: Callable[[Reading], T]) -> T:
        """Return what follows from this reading alone: `find` finds it out when it is first asked for, and once."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast("T", self._found[find])

    def note_of(self, entry: Entry) -> Note:
        """Return the note that an entry stands in."""
        return self.notes[entry.path]

    @property
    def index(self) -> Source | None:
        """The always-loaded file, where the root has one."""
        return next((source for source in self.sources.values() if source.role is Role.INDEX), None)


def came(reading: Reading) -> tuple[tuple[FileFacts, ...], tuple[FileFacts, ...]]:
    """Return the files of the reading before that are gone, and those that came instead."""
    return reading.once(_came)


def _came(reading: Reading) -> tuple[tuple[FileFacts, ...], tuple[FileFacts, ...]]:
    now, then = reading.facts, reading.before.facts if reading.before else {}
    return (
        tuple(one for path, one in then.items() if now.get(path) is not one),
        tuple(one for path, one in now.items() if then.get(path) is not one),
    )


def count_of_entries(reading: Reading) -> int:
    """Return how many entries a reading has; those of the note that Kairos writes only quote others."""
    own = (
        source.path for source in reading.sources.values() if source.role is Role.MANAGED and is_own(source)
    )
    return len(reading.entries) - sum(len(reading.notes[path].entries) for path in own)


def _facts(source: Source, known: FileFacts | None) -> FileFacts:
    return (known.of(source) if known is not None else None) or FileFacts(source)


def path_of(entry_id: str) -> str:
    """Return the path of the file in which the entry with an id stands."""
    return entry_id.rpartition(":")[0]


def place(entry: Entry) -> Place:
    """Where an entry stands, with its text verbatim."""
    return Place(entry.path, entry.line, entry.raw)
