"""What the changes of a plan mean for pointers and links."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote

from kairos.core.change.effects import gone as gone_entries
from kairos.core.change.effects import rendered
from kairos.core.change.taken_back import TakenBack, answers
from kairos.core.index.budget import age
from kairos.core.index.hooks import names_something_unique, unlinked
from kairos.core.index.index import IndexWork
from kairos.core.index.index_changes import index_change
from kairos.core.index.managed_note import ManagedNote
from kairos.core.index.pointer_lines import Disputed, disputed, line_for, style_of
from kairos.core.index.renewal import renewals, renewed
from kairos.core.index.subindexes import SubIndexes
from kairos.core.markdown.links import Directory, LinkForm, links, repoint
from kairos.core.markdown.render import splices_of
from kairos.core.root.conflicts_note import CONFLICTS_NOTE
from kairos.core.root.facts import FileFacts
from kairos.core.root.leads import Leads, leads_in, leads_of, linking
from kairos.core.root.owned import is_own
from kairos.core.root.pointers import (
    POINTING_ROLES,
    Pointer,
    all_pointers,
    directory,
    pointed,
    pointer_ids,
)
from kairos.core.root.reading import Reading, place
from kairos.model import (
    INDEX_BUDGET,
    Change,
    Conflict,
    CreateFile,
    Edit,
    Entry,
    EntryKind,
    IndexSize,
    Note,
    Role,
    Skip,
    Source,
    Splice,
)

_FEW_POINTERS = 2


def targets(path: str, data: bytes) -> set[str]:
    """Return the paths, relative to the root, that the inline links of a file name, whether or not they exist."""
    found = set()
    for link in links(Source(path, data, "", 0, 0, Role.INDEX)):
        if link.form is LinkForm.INLINE:
            found.add(posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(link.target))))
    return found


def most_broken(entries: int, fraction: float) -> int:
    """Return how many broken pointers may be removed at once: a share of the entries, but always a few."""
    return max(_FEW_POINTERS, int(fraction * entries))


@dataclass
class Linker:
    """The pointers and links of one reading, and the edits that keep them valid.

    If more than `most_broken` pointers of an index lead nowhere, none of them is removed. What was `taken_back` is not
    done again. With `conflicts_note`, the agent is shown the open conflicts. No new index line repeats an entry that is
    `disputed`, that is, in an open conflict now. The linker remembers which survivors have inherited a pointer, so that
    two merged notes leave only one.
    """

    reading: Reading
    budget: IndexSize = INDEX_BUDGET
    add_missing: bool = True
    most_broken: int | None = None
    taken_back: TakenBack = field(default_factory=TakenBack)
    conflicts_note: bool = True
    disputed: Disputed = frozenset()
    _inherited: set[str] = field(default_factory=set)

    @property
    def directory(self) -> Directory:
        """Everything that links can lead to."""
        return self.reading.derived(directory)

    @property
    def pointers(self) -> dict[str, tuple[Pointer, ...]]:
        """The pointers of every index and sub-index file."""
        return self.reading.derived(all_pointers)

    @cached_property
    def _pointer_targets(self) -> frozenset[str]:
        return pointed(self.pointers)

    def is_pointer(self, entry: Entry) -> bool:
        """Whether an entry is a pointer rather than content."""
        return entry.id in self.reading.derived(pointer_ids)

    def edits_for_removed(self, path: str, successor: str | None) -> tuple[Edit, ...]:
        """Return the edits of all pointers and links to a note that goes; `successor`, if any, now holds its content.

        The words of a pointer stay in the index if they have a number or a name that neither note has.
        """
        says_it = f"{self._text(path)}\n{self._text(successor)}" if successor else ""
        taken: list[Splice] = []
        for index, pointer in self._pointers_to(path):
            edit = self._pointer_edit(index, pointer, successor)
            stays = not edit.text and says_it and names_something_unique(pointer, says_it)
            taken += unlinked(pointer) if stays else (edit,)
        return self._with_link_edits(taken, path, successor)

    def _text(self, path: str) -> str:
        source = self.reading.sources.get(path)
        return source.data.decode("utf-8", "replace") if source else ""

    def edits_for_superseded(self, path: str, successor: str | None) -> tuple[Edit, ...]:
        """Like `edits_for_removed`, for a note that is out of date: a pointer that its successor inherits becomes a new
        line.

        What the old line says does not hold for the successor.
        """
        taken = [
            self._retired_pointer(index, pointer, successor) for index, pointer in self._pointers_to(path)
        ]
        return self._with_link_edits(taken, path, successor)

    def _retired_pointer(self, index: str, pointer: Pointer, successor: str | None) -> Splice:
        note = self.reading.notes.get(successor or "")
        edit = self._pointer_edit(index, pointer, successor)
        if not edit.text or note is None or pointer.entry.kind is not EntryKind.BULLET:
            return edit
        span = pointer.entry.span
        old = self.reading.sources[index].data[span.start : span.end]
        line = line_for(note, style_of(self.pointers[index]), self.disputed)
        return Splice(index, span, line.encode() + old[len(old.rstrip()) :])

    def _pointers_to(self, path: str) -> Iterator[tuple[str, Pointer]]:
        for index, found in self.pointers.items():
            if self.reading.sources[index].role is Role.INDEX:
                yield from (
                    (index, pointer) for pointer in found if pointer.is_single and pointer.target == path
                )

    def _with_link_edits(self, taken: Sequence[Splice], path: str, successor: str | None) -> tuple[Edit, ...]:
        links_to_it = [
            splice
            for by in self.reading.derived(linking).get(path, ())
            for splice in repoint(
                by,
                self.reading.facts[by].links,
                self.directory,
                path,
                None if successor == by else successor,
            )
        ]
        free = (splice for splice in links_to_it if not any(_inside(splice, line) for line in taken))
        return (*taken, *free)

    def _pointer_edit(self, index: str, pointer: Pointer, successor: str | None) -> Splice:
        if successor is None or self._is_pointed(successor) or successor == index:
            return Splice(index, pointer.entry.span, b"")
        addresses = {link.target_span for link in pointer.links}
        for splice in repoint(index, pointer.links, self.directory, pointer.target or "", successor):
            if splice.span in addresses:
                self._inherited.add(successor)
                return splice
        return Splice(index, pointer.entry.span, b"")

    def _is_pointed(self, path: str) -> bool:
        """Whether a pointer leads to a note, or will."""
        return path in self._pointer_targets or path in self._inherited

    # --- what follows from accepted changes ---

    def derived(
        self,
        changes: Sequence[Change],
        conflicts: Sequence[Conflict],
        *,
        narrow: bool,
        again: Sequence[Change] = (),
    ) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
        """Return the changes that follow for the indexes and the managed note, with skips.

        `conflicts` are those that stay open. If `narrow`, there is no general upkeep: only what these changes require,
        and what was taken back and is wanted `again`.
        """
        after = rendered(changes, self.reading)
        gone = frozenset(path for path, data in after.items() if data is None)
        managed, hidden = self._managed_note(conflicts if self.conflicts_note else ())
        note = managed.changes(self.pointers)
        index = self.reading.index
        if index is None:
            return note, hidden
        in_dispute = disputed(conflicts)
        work = IndexWork(
            source=index,
            reading=self.reading,
            found=self.pointers[index.path],
            edited=splices_of(changes, index.path),
            gone=gone,
            budget=self.budget,
            most_broken=self.most_broken,
            taken_back=self.taken_back,
            renewed=self._renewed_lines(changes, after, in_dispute),
            disputed=in_dispute,
        )
        if narrow:
            for path, found in self.pointers.items():
                if path == index.path or is_own(self.reading.sources[path]):
                    work.changes += renewals(found, work.renewed, splices_of(changes, path))
            work.changes += self._orphaned(work, gone)
            managed.point_to_it(work, note)
            done = (*note, *work.changes)
            return (*done, *self._wanted_again(again, done, changes, conflicts)), ()
        elsewhere = pointed({path: found for path, found in self.pointers.items() if path != index.path})
        work.maintain(elsewhere, coming=[e.path for c in note for e in c.edits if isinstance(e, CreateFile)])
        managed.point_to_it(work, note)
        managed.drop_remains(work)
        if self.add_missing:
            work.add(self._unreachable(after, gone))
        subindexes = SubIndexes(self.reading, self.pointers, work).changes()
        work.insert()
        return (*note, *work.changes, *subindexes), (*hidden, *work.skipped)

    def _renewed_lines(
        self, changes: Sequence[Change], after: dict[str, bytes | None], disputed: Disputed
    ) -> dict[str, str]:
        """Return the new texts of index lines that the changes make out of date, by the ids of the lines."""

        def note_after(path: str) -> Note | None:
            data = after.get(path)
            return None if data is None else self._note_as_left(path, data)

        lost = gone_entries(changes, self.reading)
        return renewed(self.pointers, lost, disputed, self.reading, note_after, budget=self.budget)

    def _managed_note(self, conflicts: Sequence[Conflict]) -> tuple[ManagedNote, tuple[Skip, ...]]:
        """Return the note of the conflicts that may be shown, and skips for those that may not."""
        old = self.reading.sources.get(CONFLICTS_NOTE)
        hidden, skips = self.taken_back.hidden(conflicts, old.data if old else None)
        note, more = ManagedNote.of(self.reading, [one for one in conflicts if one.id not in hidden])
        return note, (*skips, *more)

    def _wanted_again(
        self,
        again: Sequence[Change],
        done: Sequence[Change],
        changes: Sequence[Change],
        conflicts: Sequence[Conflict],
    ) -> Iterator[Change]:
        """Yield the changes that a person wants after all and a whole plan would make, unless they are done already."""
        if again:
            known = {change.key for change in done}
            for change in self.derived(changes, conflicts, narrow=False)[0]:
                if change.key not in known and any(answers(change, one) for one in again):
                    yield change

    def _orphaned(self, work: IndexWork, gone: frozenset[str]) -> list[Change]:
        """Return changes that remove the pointers to what goes, where no other change does so."""
        edited = {(splice.span.start, splice.span.end) for splice in work.edited}
        found = []
        for pointer in work.found:
            span = pointer.entry.span
            touched = any(span.start <= start < span.end for start, _ in edited)
            if pointer.is_single and pointer.target in gone and not touched:
                edit = Splice(work.source.path, span, b"")
                key = work.key_of_drop(pointer)
                found.append(index_change(place(pointer.entry), (edit,), f"{pointer.target} goes", *key))
        return found

    def unreachable(self) -> tuple[str, ...]:
        """Return the notes that nothing leads to, as the root is now."""
        now: dict[str, bytes | None] = {path: source.data for path, source in self.reading.sources.items()}
        return tuple(note.path for note in self._unreachable(now, frozenset()))

    def _unreachable(self, after: dict[str, bytes | None], gone: frozenset[str]) -> list[Note]:
        """Return the notes that neither an index nor any note reached from it leads to, oldest first."""
        leads = self.reading.derived(leads_in)
        reached = {path for path, source in self.reading.sources.items() if source.role in POINTING_ROLES}
        todo = list(reached)
        while todo:
            path = todo.pop()
            data = after.get(path)
            if data is None:
                continue
            source = self.reading.sources[path]
            if source.role is Role.MANAGED:
                continue  # it only quotes others, which could fake being reachable that way
            same = data is source.data
            for to in leads[path] if same else self._leads_as_left(path, data):
                if to and to not in reached and to in self.reading.notes:
                    reached.add(to)
                    todo.append(to)
        missing = [
            self._note_as_left(path, after[path] or b"")
            for path, note in self.reading.notes.items()
            if path not in reached and note.role is Role.NOTE and path not in gone and note.entries
        ]
        return sorted(missing, key=age)

    def _leads_as_left(self, path: str, data: bytes) -> Leads:
        return leads_of(self.reading.facts[path].cached_for(_facts_after, data), self.directory)

    def _note_as_left(self, path: str, data: bytes) -> Note:
        facts = self.reading.facts[path]
        return (
            facts.note
            if data is self.reading.sources[path].data
            else facts.cached_for(_facts_after, data).note
        )


def _facts_after(facts: FileFacts, data: bytes) -> FileFacts:
    """Return the facts of a file as a plan leaves it. Used through `cached_for`: most plans leave a file the same."""
    return FileFacts(replace(facts.source, data=data))


def _inside(splice: Splice, line: Splice) -> bool:
    return (
        splice.path == line.path and line.span.start <= splice.span.start and splice.span.end <= line.span.end
    )
