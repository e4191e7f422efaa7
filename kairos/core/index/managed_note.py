"""The managed note of open conflicts, as changes: the note itself, and its pointer in the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kairos.core.index.index import IndexWork
from kairos.core.index.index_changes import index_change
from kairos.core.index.pointer_lines import style_of
from kairos.core.index.upkeep import leads_to_it
from kairos.core.root.conflicts_note import CONFLICTS_NOTE, POINTER_HOOK, TITLE, conflicts_note, is_remains
from kairos.core.root.owned import is_own
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading, place
from kairos.core.text.counts import count
from kairos.core.text.keys import content_key
from kairos.model import Change, ChangeKind, Conflict, CreateFile, Edit, Place, RemoveFile, Skip, Splice


@dataclass(frozen=True, slots=True)
class ManagedNote:
    """The note that shows `conflicts` to the agent; without conflicts there is none.

    Somebody else's file of the same name stays as it is, and then there is no note either.
    """

    reading: Reading
    conflicts: Sequence[Conflict]

    @classmethod
    def of(cls, reading: Reading, conflicts: Sequence[Conflict]) -> tuple[ManagedNote, tuple[Skip, ...]]:
        """Return the note for these conflicts, and a skip if it cannot show them."""
        if not conflicts or not reading.derived(_is_taken):
            return cls(reading, conflicts), ()
        why = "It was not written by Kairos, so it stays, and the agent is not shown the open conflicts"
        skip = Skip(CONFLICTS_NOTE, why, "Rename it.")
        return cls(reading, ()), (skip,)

    @property
    def _exists(self) -> bool:
        return CONFLICTS_NOTE in self.reading.sources

    def changes(self, pointers: Mapping[str, Sequence[Pointer]]) -> tuple[Change, ...]:
        """Return the change that writes the note, or removes it with its pointers; none if it is right already."""
        found = self.reading.sources.get(CONFLICTS_NOTE)
        old = found if found is not None and is_own(found) else None
        edits: tuple[Edit, ...] = ()
        if self.conflicts:
            data = conflicts_note(self.conflicts)
            if old is None or old.data != data:
                edits = (CreateFile(CONFLICTS_NOTE, data),)
            reason = f"shows {count(len(self.conflicts), 'open conflict')} to the agent"
        elif old is not None:
            edits = (RemoveFile(CONFLICTS_NOTE), *self._pointers_to_it(pointers))
            reason = "the last conflict is settled"
        if not edits:
            return ()
        key = content_key("conflicts", *(conflict.id for conflict in self.conflicts))
        subject = Place(CONFLICTS_NOTE, 1, "")
        return (Change(key, ChangeKind.CONFLICTS, reason, edits, subject, derived=True),)

    def _pointers_to_it(self, pointers: Mapping[str, Sequence[Pointer]]) -> Iterator[Splice]:
        index = self.reading.index
        for pointer in pointers[index.path] if index else ():
            if pointer.is_single and pointer.target == CONFLICTS_NOTE:
                yield Splice(pointer.entry.path, pointer.entry.span, b"")

    def point_to_it(self, work: IndexWork, own: Sequence[Change]) -> None:
        """Give the note its pointer in the index, if it has none; `own` are the changes of the note."""
        splices = [edit for change in own for edit in change.edits if isinstance(edit, Splice)]
        work.edited = (*work.edited, *splices)
        going = {splice.span for splice in splices}
        has = any(leads_to_it(pointer) for pointer in work.found if pointer.entry.span not in going)
        if self.conflicts and not has:
            style = style_of(work.found)
            line = f"{style.marker}[{TITLE}]({CONFLICTS_NOTE}){style.separator}{POINTER_HOOK}"
            edit = work.line_at(work.end_of_pointers(), line)
            subject = Place(work.source.path, 0, line)
            change = index_change(subject, (edit,), "now points to the open conflicts", "conflicts")
            left = f"nothing leads to {CONFLICTS_NOTE}; a pointer to it"
            skip = work.taken_back.refusal(change.key, work.source.path, left)
            if skip is None or not self._exists:  # a newly created note brings its pointer along
                work.changes.append(change)
            else:
                work.skipped.append(skip)

    def drop_remains(self, work: IndexWork) -> None:
        """Remove the words of former pointers to the note from the index: they lead nowhere."""
        remains = [*filter(is_remains, self.reading.notes[work.source.path].entries)]
        if not remains:
            return
        reason = f"the words of a pointer to {CONFLICTS_NOTE}, which lead nowhere"
        edits = [Splice(entry.path, entry.span, b"") for entry in remains]
        change = index_change(place(remains[0]), edits, reason, "remains")
        where = f"{remains[0].path}:{remains[0].line}"
        skip = work.taken_back.refusal(change.key, where, f"{reason}; removing them")
        if skip is None:
            work.changes.append(change)
        else:
            work.skipped.append(skip)


def _is_taken(reading: Reading) -> bool:
    """Whether something that Kairos did not write has the name of the note: another note, a link, a directory."""
    source = reading.sources.get(CONFLICTS_NOTE)
    if source is not None:
        return not is_own(source)
    below = f"{CONFLICTS_NOTE}/"
    paths = (
        *reading.sources,
        *reading.snapshot.other_paths,
        *(skip.what for skip in reading.snapshot.skipped),
    )
    return any(path == CONFLICTS_NOTE or path.startswith(below) for path in paths)
