"""The always-loaded index: broken pointers are mended, missing notes added, duplicates removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from kairos.core.index.budget import Movable, fits, lines_to_move, size, with_lines
from kairos.core.index.index_changes import index_change, index_key
from kairos.core.index.index_skip import Fault, IndexSkip
from kairos.core.index.pointer_lines import Disputed, line_of, style_of
from kairos.core.index.upkeep import Upkeep
from kairos.core.markdown.links import links
from kairos.core.markdown.render import apply_splices
from kairos.core.root.pointers import Pointer, kind_of
from kairos.core.text.counts import count
from kairos.model import (
    EntryKind,
    IndexSize,
    Note,
    Place,
    Role,
    Skip,
    Span,
    Splice,
)

_MOVABLE = frozenset({Role.NOTE, Role.DAILY})


@dataclass(slots=True, kw_only=True)
class IndexWork(Upkeep):
    """Plans all edits of one index file.

    New lines are in `added`, or in `overflow` if they have to go to a sub-index; none repeats what is `disputed`.
    `is_full` means that the prose of the file alone fills its budget.
    """

    budget: IndexSize
    added: list[tuple[Note, str]] = field(default_factory=list)
    overflow: list[tuple[Note, str]] = field(default_factory=list)
    is_full: bool = False
    disputed: Disputed = frozenset()
    _list_opened: bool = False

    def add(self, missing: Iterable[Note]) -> None:
        """Plan pointers to the notes that nothing leads to."""
        style = style_of(self.found)
        reached = {target for _, target in self.kept} | self._refused_targets
        lines = (
            (note, line_of(note, self.reading.facts[note.path], style, self.disputed)) for note in missing
        )
        self.added += [
            (n, line) for n, line in lines if n.path not in reached and not self._is_refused(n, line)
        ]
        if self.added and self._anchor() is None and self._ends_in_code():
            reason = f"{_without_pointer(len(self.added))}, but the file ends inside a code block"
            skip = Skip(self.source.path, reason, "Close the code block.")
            self.skipped.append(IndexSkip.of(skip, Fault.NO_POINTER))
            self.added.clear()

    def _is_refused(self, note: Note, line: str) -> bool:
        """Whether the pointer to a note was taken back before, be it from the index or from a sub-index."""
        if not self.taken_back.verdicts:
            return False
        key = self.taken_back.key_of(line) or index_key(*_key_of_addition(note))
        left = f"nothing leads to {note.path}; a pointer to it"
        skip = self.taken_back.refusal(key, self.source.path, left)
        self.skipped += [IndexSkip.of(skip, note=note.path)] if skip else []
        return skip is not None

    def _ends_in_code(self) -> bool:
        """Whether a line at the end of the file would be part of a code block."""
        opened = self._list_opened
        line = self.line_at(len(self.source.data), "[x](x.md)")
        self._list_opened = opened
        probe = replace(self.source, data=apply_splices(self.source.data, (line,)))
        return not any(link.span.start >= line.span.start for link in links(probe))

    # --- the budget ---

    def fit(self) -> tuple[tuple[Pointer, str], ...]:
        """Choose the pointers that move to sub-indexes: the oldest, until the rest is within the budget.

        Returns the existing lines that move; new lines without room go from `added` to `overflow`. If everything but
        the pointers is too large by itself, nothing moves and nothing is added.
        """
        now = with_lines(
            size(apply_splices(self.source.data, self._all_splices())), (line for _, line in self.added)
        )
        if self.added:  # perhaps for a blank line above them and a missing line break
            now = IndexSize(now.lines + 2, now.bytes + 4)
        room = self._room()
        if fits(now, room):
            return ()
        chosen = lines_to_move(now, room, self._movable(), {target for _, target in self.kept})
        if chosen is None:
            self._give_up()
            return ()
        self.overflow += [(line.note, line.text) for line in chosen if line.pointer is None]
        overflowing = {note.path for note, _ in self.overflow}
        self.added = [item for item in self.added if item[0].path not in overflowing]
        moved = tuple(line.pointer for line in chosen if line.pointer)
        arriving_mended = {id(self._mends.get(pointer.entry.span)) for pointer, _ in moved}
        self.changes = [change for change in self.changes if id(change) not in arriving_mended]
        return moved

    def _room(self) -> IndexSize:
        """Return the budget, extended by the lines brought back from a sub-index, but not beyond the present size."""
        back = [pointer.entry.raw for pointer, _ in self.kept if self.taken_back.holds(pointer.entry.raw)]
        now, budget = size(self.source.data), self.budget
        if not back or fits(now, budget):
            return budget
        staying = self.taken_back.staying(self.source.path, back)
        self.skipped += (IndexSkip.of(skip, Fault.TOO_LARGE) for skip in staying)
        most = with_lines(budget, back)
        return IndexSize(
            max(budget.lines, min(now.lines, most.lines)), max(budget.bytes, min(now.bytes, most.bytes))
        )

    def _give_up(self) -> None:
        """Add nothing to a file whose prose alone fills its budget."""
        self.is_full = True
        without = f"; {_without_pointer(len(self.added))}" if self.added else ""
        reason = f"everything besides pointers exceeds the {self.budget.lines:,} lines or {self.budget.bytes:,} bytes"
        advice = "Move parts of it to separate notes: whatever comes after the limit is never loaded."
        faults = (Fault.TOO_LARGE, Fault.NO_POINTER) if self.added else (Fault.TOO_LARGE,)
        skip = Skip(self.source.path, f"{reason} that are loaded{without}", advice)
        self.skipped.append(IndexSkip.of(skip, *faults))
        self.added.clear()
        self.changes = [change for change in self.changes if not change.only_inserts]

    def _movable(self) -> Iterator[Movable]:
        lines = Counter(target for _, target in self.kept)
        for pointer, target in self.kept:
            note = self.reading.notes.get(target) if lines[target] == 1 else None
            is_back = self.taken_back.holds(pointer.entry.raw)
            if note is not None and note.role in _MOVABLE and pointer.can_move and not is_back:
                yield Movable(note, pointer.entry.raw, (pointer, target))
        for note, line in self.added:
            yield Movable(note, line)

    def _all_splices(self) -> list[Splice]:
        own = [
            e for c in self.changes for e in c.edits if isinstance(e, Splice) and e.path == self.source.path
        ]
        return [*self.edited, *own]

    # --- new lines ---

    def insert(self) -> None:
        """Turn the new pointers into changes, each inserted after the last pointer of its kind."""
        anchors = self._anchors()
        last = next(reversed(anchors.values()), None) or self._anchor()
        for note, line in self.added:
            edit = self.line_at(self._position_after(anchors.get(kind_of(note), last)), line)
            subject = Place(self.source.path, 0, line)
            reason = f"now points to {note.path}, since nothing led there"
            self.changes.append(index_change(subject, (edit,), reason, *_key_of_addition(note)))

    def line_at(self, position: int, line: str) -> Splice:
        """Return the insertion of a whole line where a line begins, or at the end of the file.

        At the end, the first line that does not continue a list of pointers is set off by a blank line, unless the file
        ends with one: that of an earlier list, whose lines are gone.
        """
        data = self.source.data
        newline = "\r\n" if b"\r\n" in data else "\n"
        at_end = position == len(data) and position > 0
        unfinished = at_end and not data.endswith((b"\n", b"\r"))
        text = newline + line if unfinished else line + newline
        if at_end and self._anchor() is None and not self._list_opened:
            self._list_opened = True
            text = text if data.endswith(2 * newline.encode()) else newline + text
        return Splice(self.source.path, Span(position, position), text.encode("utf-8"))

    def _anchor(self) -> Pointer | None:
        """Return the last pointer in a list: one that stays, else one that goes."""
        pointers = chain((pointer for pointer, _ in reversed(self.kept)), reversed(self.found))
        return next((pointer for pointer in pointers if pointer.entry.kind is EntryKind.BULLET), None)

    def _anchors(self) -> dict[str, Pointer]:
        """Return, by kind of note, the last pointer in a list to a note of that kind, in the order of the file."""
        found: dict[str, Pointer] = {}
        for pointer, to in self.kept:
            note = self.reading.notes.get(to)
            if note is not None and note.role in _MOVABLE and pointer.entry.kind is EntryKind.BULLET:
                found.pop(kind_of(note), None)
                found[kind_of(note)] = pointer
        return found

    def _position_after(self, anchor: Pointer | None) -> int:
        return anchor.entry.span.end if anchor else len(self.source.data)

    def end_of_pointers(self) -> int:
        """Return the position after the last pointer, or the end of a file without any."""
        return self._position_after(self._anchor())


def _without_pointer(number: int) -> str:
    """Say how many notes have no pointer."""
    return count(number, "note has no pointer", "notes have no pointer")


def _key_of_addition(note: Note) -> tuple[str, ...]:
    """Return the key of a new pointer, which changes with the title and the description of its note.

    A hook taken from the first entry has no influence: undoing a merge along with the pointer brings that entry back.
    """
    return ("add", note.path, note.title, note.description)
