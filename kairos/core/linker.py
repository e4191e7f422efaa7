"""What follows for pointers and links from the changes of a plan."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote

from kairos.core.conflicts_note import CONFLICTS_NOTE, POINTER_HOOK, TITLE, conflicts_note
from kairos.core.index import (
    IndexWork,
    by_subindex,
    index_change,
    subindex_file,
    subindex_title,
)
from kairos.core.keys import content_key
from kairos.core.links import Directory, LinkForm, links, repoint
from kairos.core.parse import parse
from kairos.core.pointers import POINTING_ROLES, Pointer, directory, pointed, pointers, style_of
from kairos.core.reading import Reading, place
from kairos.core.render import apply_splices, edits_by_path, render_file
from kairos.model import (
    Change,
    ChangeKind,
    Conflict,
    CreateFile,
    Edit,
    Entry,
    IndexSize,
    Note,
    Place,
    RemoveFile,
    Role,
    Skip,
    Source,
    Splice,
)

_EDITABLE = frozenset({Role.INDEX, Role.NOTE, Role.DAILY})
_BUDGET = IndexSize(200, 25_000)


def targets(path: str, data: bytes) -> set[str]:
    """Return the paths, relative to the root, that the inline links of a file name; they need not exist."""
    found = set()
    for link in links(Source(path, data, "", 0, 0, Role.INDEX)):
        if link.form is LinkForm.INLINE:
            found.add(posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(link.target))))
    return found


@dataclass
class Linker:
    """Pointers and links of one reading, and the edits that keep them good.

    It remembers which survivors have inherited a pointer, so that two merged notes leave only one.
    """

    reading: Reading
    budget: IndexSize = _BUDGET
    add_missing: bool = True
    _inherited: set[str] = field(default_factory=set)

    @cached_property
    def directory(self) -> Directory:
        """What links can lead to."""
        return directory(self.reading)

    @cached_property
    def pointers(self) -> dict[str, tuple[Pointer, ...]]:
        """The pointers of every index and sub-index file."""
        return {
            path: pointers(source, self.reading.notes[path], self.directory)
            for path, source in self.reading.sources.items()
            if source.role in POINTING_ROLES
        }

    @cached_property
    def _pointer_ids(self) -> frozenset[str]:
        return frozenset(pointer.entry.id for found in self.pointers.values() for pointer in found)

    @cached_property
    def _pointed(self) -> frozenset[str]:
        return pointed(self.pointers)

    @cached_property
    def _linking(self) -> dict[str, tuple[str, ...]]:
        """Paths of the editable files that link to each path."""
        found: dict[str, list[str]] = {}
        for path, source in self.reading.sources.items():
            if source.role in _EDITABLE:
                for to in {self.directory.resolve(link, path) for link in links(source)}:
                    if to:
                        found.setdefault(to, []).append(path)
        return {path: tuple(sorted(by)) for path, by in found.items()}

    def is_pointer(self, entry: Entry) -> bool:
        """Whether an entry is a pointer rather than content."""
        return entry.id in self._pointer_ids

    def departure(self, path: str, successor: str | None) -> tuple[Edit, ...]:
        """Return the edits of all pointers and links to a note that goes; `successor` now holds its content."""
        taken = [
            self._pointer_edit(index, pointer, successor)
            for index, found in self.pointers.items()
            if self.reading.sources[index].role is Role.INDEX
            for pointer in found
            if pointer.is_single and pointer.target == path
        ]
        links_to_it = [
            splice
            for linking in self._linking.get(path, ())
            for splice in repoint(
                self.reading.sources[linking],
                self.directory,
                path,
                None if successor == linking else successor,
            )
        ]
        free = (splice for splice in links_to_it if not any(_inside(splice, line) for line in taken))
        return (*taken, *free)

    def _pointer_edit(self, index: str, pointer: Pointer, successor: str | None) -> Splice:
        if successor is None or successor in self._pointed | self._inherited or successor == index:
            return Splice(index, pointer.entry.span, b"")
        self._inherited.add(successor)
        line = pointer.entry.span
        for splice in repoint(self.reading.sources[index], self.directory, pointer.target or "", successor):
            if line.start <= splice.span.start < line.end:
                return splice
        return Splice(index, line, b"")

    # --- what follows from the accepted changes ---

    def derived(
        self, changes: Sequence[Change], conflicts: Sequence[Conflict], *, narrow: bool
    ) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
        """Return the changes of indexes and of the managed note that follow; `narrow` leaves all else alone."""
        after = self._after(changes)
        gone = frozenset(path for path, data in after.items() if data is None)
        note = self._note_change(conflicts)
        index = self.reading.index
        if index is None:
            return note, ()
        work = IndexWork(
            source=index,
            reading=self.reading,
            found=self.pointers[index.path],
            edited=_splices(changes, index.path),
            gone=gone,
            budget=self.budget,
        )
        elsewhere = frozenset(
            target
            for path in self.pointers
            if path != index.path
            for target in pointed({path: self.pointers[path]})
        )
        if narrow:
            work.changes += self._orphaned(work, gone)
            self._point_to_note(work, conflicts, note)
            return (*note, *work.changes), ()
        work.maintain(elsewhere)
        self._point_to_note(work, conflicts, note)
        if self.add_missing:
            work.add(self._unreachable(after, gone))
        subindexes = self._subindexes(work)
        work.insert()
        return (*note, *work.changes, *subindexes), tuple(work.skipped)

    def _after(self, changes: Sequence[Change]) -> dict[str, bytes | None]:
        after: dict[str, bytes | None] = {path: source.data for path, source in self.reading.sources.items()}
        for path, edits in edits_by_path(changes).items():
            if path in self.reading.sources:
                after[path] = render_file(self.reading.sources[path].data, edits)
        return after

    def _orphaned(self, work: IndexWork, gone: frozenset[str]) -> list[Change]:
        """Take out pointers to what goes, which no change took out itself."""
        edited = {(splice.span.start, splice.span.end) for splice in work.edited}
        found = []
        for pointer in work.found:
            span = pointer.entry.span
            touched = any(span.start <= start < span.end for start, _ in edited)
            if pointer.is_single and pointer.target in gone and not touched:
                edit = Splice(work.source.path, span, b"")
                key = ("drop", work.source.path, pointer.entry.digest, str(span.start))
                found.append(index_change(place(pointer.entry), (edit,), f"{pointer.target} goes", *key))
        return found

    def _unreachable(self, after: dict[str, bytes | None], gone: frozenset[str]) -> list[Note]:
        """Return the notes that neither an index nor a note reached from it leads to, oldest first."""
        reached = {path for path, source in self.reading.sources.items() if source.role in POINTING_ROLES}
        todo = list(reached)
        while todo:
            path = todo.pop()
            data = after.get(path)
            if data is None:
                continue
            source = self.reading.sources[path]
            for link in links(Source(path, data, "", 0, 0, source.role)):
                to = self.directory.resolve(link, path)
                if to and to not in reached and to in self.reading.notes:
                    reached.add(to)
                    todo.append(to)
        missing = [
            parse(replace(self.reading.sources[path], data=after[path] or b""))
            for path, note in self.reading.notes.items()
            if note.role is Role.NOTE and path not in reached and path not in gone and note.entries
        ]
        return sorted(missing, key=lambda note: (note.dated.day if note.dated else None, note.path))

    # --- sub-indexes ---

    def _subindexes(self, work: IndexWork) -> list[Change]:
        """Move what does not fit, and keep the sub-indexes that exist in order."""
        moved = work.fit()
        arriving = by_subindex(moved, work.overflow, self.reading.notes)
        existing = [path for path, source in self.reading.sources.items() if source.role is Role.SUBINDEX]
        moved_by_path: dict[str, list[Splice]] = {}
        for pointer, target in moved:
            path = next(path for path, lines in arriving.items() if pointer.entry.raw in lines)
            moved_by_path.setdefault(path, []).append(Splice(work.source.path, pointer.entry.span, b""))
            work.kept.remove((pointer, target))
        in_index = {target for _, target in work.kept}
        changes: list[Change] = []
        for path in sorted({*arriving, *existing}):
            changes += self._subindex(
                path, arriving.get(path, ()), moved_by_path.get(path, ()), work, in_index
            )
        return changes

    def _subindex(
        self,
        path: str,
        lines: Sequence[str],
        moved: Sequence[Splice],
        work: IndexWork,
        in_index: set[str],
    ) -> list[Change]:
        """Create a sub-index, or mend the one that exists and let `lines` arrive at its end."""
        old = self.reading.sources.get(path)
        changes: list[Change] = []
        edits: list[Edit] = list(moved)
        if old is None:
            edits.append(subindex_file(path, lines))
        else:
            own = IndexWork(
                source=old,
                reading=self.reading,
                found=self.pointers[path],
                edited=(),
                gone=work.gone,
                budget=work.budget,
            )
            own.maintain(frozenset(), already=in_index)
            work.skipped += own.skipped
            left = apply_splices(old.data, _splices(own.changes, path))
            if not lines and left == subindex_file(path, ()).data:
                return [self._without(path, work)]
            changes += own.changes
            edits += [own.line_at(own.end_of_pointers(), line) for line in lines]
        if not work.is_full and path not in in_index:
            style = style_of(work.found)
            line = f"{style.marker}[{subindex_title(path)}]({path}){style.separator}older notes"
            edits.append(work.line_at(work.end_of_pointers(), line))
        if edits:
            reason = f"{len(lines)} of the oldest pointers move here: the index is over its budget"
            changes.append(index_change(Place(path, 1, ""), edits, reason, "subindex", path, *lines))
        return changes

    def _without(self, path: str, work: IndexWork) -> Change:
        """Return the change that takes out a sub-index in which nothing is left."""
        spans = [pointer.entry.span for pointer, target in work.kept if target == path]
        edits: list[Edit] = [RemoveFile(path), *(Splice(work.source.path, span, b"") for span in spans)]
        return index_change(Place(path, 1, ""), edits, "nothing is left in it", "subindex", path)

    # --- the managed note ---

    def _note_change(self, conflicts: Sequence[Conflict]) -> tuple[Change, ...]:
        old = self.reading.sources.get(CONFLICTS_NOTE)
        edits: tuple[Edit, ...] = ()
        if conflicts:
            data = conflicts_note(conflicts)
            if old is None or old.data != data:
                edits = (CreateFile(CONFLICTS_NOTE, data),)
            reason = f"shows {len(conflicts)} open conflict{'s' * (len(conflicts) > 1)} to the agent"
        elif old is not None:
            edits = (RemoveFile(CONFLICTS_NOTE), *self._pointers_to_note())
            reason = "the last conflict is settled"
        if not edits:
            return ()
        key = content_key("conflicts", *(conflict.id for conflict in conflicts))
        subject = Place(CONFLICTS_NOTE, 1, "")
        return (Change(key, ChangeKind.CONFLICTS, reason, edits, subject, derived=True),)

    def _pointers_to_note(self) -> Iterable[Splice]:
        index = self.reading.index
        if index is None:
            return ()
        return tuple(
            Splice(index.path, pointer.entry.span, b"")
            for pointer in self.pointers[index.path]
            if pointer.is_single and pointer.target == CONFLICTS_NOTE
        )

    def _point_to_note(
        self, work: IndexWork, conflicts: Sequence[Conflict], note: tuple[Change, ...]
    ) -> None:
        """Give the managed note its pointer, where it has none."""
        going = {edit.span for change in note for edit in change.edits if isinstance(edit, Splice)}
        work.edited = (*work.edited, *(e for c in note for e in c.edits if isinstance(e, Splice)))
        has = any(
            pointer.target == CONFLICTS_NOTE for pointer in work.found if pointer.entry.span not in going
        )
        if conflicts and not has:
            style = style_of(work.found)
            line = f"{style.marker}[{TITLE}]({CONFLICTS_NOTE}){style.separator}{POINTER_HOOK}"
            edit = work.line_at(work.end_of_pointers(), line)
            subject = Place(work.source.path, 0, line)
            work.changes.append(index_change(subject, (edit,), "leads to the open conflicts", "conflicts"))


def _splices(changes: Sequence[Change], path: str) -> list[Splice]:
    return [e for change in changes for e in change.edits if isinstance(e, Splice) and e.path == path]


def _inside(splice: Splice, line: Splice) -> bool:
    return (
        splice.path == line.path and line.span.start <= splice.span.start and splice.span.end <= line.span.end
    )
