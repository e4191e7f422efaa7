"""The always-loaded index: broken pointers mended, missing notes added, repeated ones taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from kairos.core.budget import Movable, fits, moving, size, with_lines
from kairos.core.hooks import outlives, unlinked
from kairos.core.index_changes import index_change, only_inserts, readdressed
from kairos.core.links import OUTSIDE, LinkForm, links
from kairos.core.pointers import Pointer, directory, kind_of, line_of, renamed, style_of
from kairos.core.reading import Reading, place
from kairos.core.render import apply_splices
from kairos.core.spans import reaching
from kairos.model import (
    Change,
    EntryKind,
    IndexSize,
    Note,
    Place,
    Role,
    Skip,
    Source,
    Span,
    Splice,
)

_MOVABLE = frozenset({Role.NOTE, Role.DAILY})


@dataclass(slots=True)
class IndexWork:
    """Plans the edits of one index file; `edited` are the edits that other changes make to it.

    `gone` are the paths that this dream removes, `kept` the pointers that stay after all steps so far; a file
    that its prose alone fills `is_full`. Of more than `most_broken` pointers to what is not there none goes.
    """

    source: Source
    reading: Reading
    found: Sequence[Pointer]
    edited: Sequence[Splice]
    gone: frozenset[str]
    budget: IndexSize
    most_broken: int | None = None
    changes: list[Change] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    kept: list[tuple[Pointer, str]] = field(default_factory=list)
    added: list[tuple[Note, str]] = field(default_factory=list)
    overflow: list[tuple[Note, str]] = field(default_factory=list)
    is_full: bool = False
    _mends: dict[Span, Change] = field(default_factory=dict)
    _list_opened: bool = False

    def maintain(self, elsewhere: frozenset[str], already: Collection[str] = ()) -> None:
        """Mend or take out broken pointers, take out repeated ones.

        `elsewhere` are targets of other files; what a file read before this one leads to is `already` known.
        """
        seen = dict.fromkeys(already, "")
        good = elsewhere | {target for pointer in self.found for target in pointer.targets if target}
        ordered = sorted(self.edited, key=lambda edit: edit.span)
        broken: list[Pointer] = []
        for pointer in self.found:
            if self._is_edited(pointer, ordered):
                self._note_repointed(pointer, seen, ordered)
            elif OUTSIDE in pointer.targets:
                advice = "Look whether it belongs here; it is never followed nor edited."
                self._skip(pointer, f"{pointer.links[0].target} is outside the root", advice)
            elif None in pointer.targets or self.gone.intersection(filter(None, pointer.targets)):
                if not self._mend(pointer, seen, good):
                    broken.append(pointer)
            elif pointer.is_single and pointer.target in seen and not self._says_more(pointer):
                self._drop(
                    pointer, f"a second pointer to {pointer.target}", [self._of(pointer.target or "", seen)]
                )
            else:
                self._keep(pointer, seen)
        self._take_out(broken)

    def _keep(self, pointer: Pointer, seen: dict[str, str]) -> None:
        target = pointer.target or ""
        if pointer.is_single:
            seen.setdefault(target, pointer.entry.raw)
        if len(pointer.links) == 1 and pointer.links[0].form is LinkForm.LOOSE:
            self._lead(pointer, target, f"the link to {target} has blanks, with which it is none")
        else:
            self.kept.append((pointer, target))

    def _note_repointed(self, pointer: Pointer, seen: dict[str, str], ordered: Sequence[Splice]) -> None:
        """A pointer that another change repoints leads to that change's survivor."""
        for edit in reaching(ordered, pointer.entry.span):
            if edit.text and pointer.entry.span.start <= edit.span.start:
                seen.setdefault(edit.text.decode("utf-8", "replace"), pointer.entry.raw)

    def _of(self, path: str, seen: Mapping[str, str]) -> str:
        """Return a note that is pointed to, with the line that stays for it."""
        source = self.reading.sources.get(path)
        return f"{seen.get(path, '')}\n{source.data.decode('utf-8', 'replace') if source else ''}"

    @staticmethod
    def _is_edited(pointer: Pointer, ordered: Sequence[Splice]) -> bool:
        span = pointer.entry.span
        return any(span.start < edit.span.end for edit in reaching(ordered, span))

    def _says_more(self, pointer: Pointer) -> bool:
        """Whether a line leads to a part of a note, or names other notes."""
        end = pointer.links[0].target_span.end
        return self.source.data[end : end + 1] == b"#" or bool(pointer.mentions)

    def _skip(self, pointer: Pointer, reason: str, advice: str) -> None:
        self.skipped.append(Skip(f"{self.source.path}:{pointer.entry.line}", reason, advice))

    def _mend(self, pointer: Pointer, seen: dict[str, str], good: frozenset[str]) -> bool:
        """Whether a broken pointer needs nothing more: it leads to the renamed note now, or is somebody's to mend."""
        link = pointer.links[0]
        if not pointer.is_single:
            pairs = zip(pointer.links, pointer.targets, strict=True)
            broken = next(one.target for one, to in pairs if to is None or to in self.gone)
            self._skip(
                pointer,
                f"one of its links is broken ({broken})",
                "Mend it by hand: the line has other links.",
            )
            return True
        new = renamed(link, self.reading) if pointer.target is None else None
        if new is None or new in self.gone:
            return False
        if new in seen or new in good:
            self._drop(
                pointer, f"{link.target} is now {new}, to which another line leads", [self._of(new, seen)]
            )
            return True
        self._lead(pointer, new, f"{link.target} is now {new}")
        seen[new] = self.kept[-1][0].entry.raw
        return True

    def _lead(self, pointer: Pointer, new: str, reason: str) -> None:
        """Write the address of a pointer anew, and keep the pointer."""
        edit, mended = readdressed(pointer, self.source, new, self.reading.once(directory))
        key = ("mend", pointer.links[0].target, new)
        self._mends[pointer.entry.span] = change = index_change(place(pointer.entry), (edit,), reason, *key)
        self.changes.append(change)
        self.kept.append((mended, new))

    def _take_out(self, broken: Sequence[Pointer]) -> None:
        """Take out pointers to what is not there or goes; so many that a sync may be under way wait."""
        lost = [pointer for pointer in broken if pointer.target is None]
        wait = self.most_broken is not None and len(lost) > self.most_broken
        if wait:
            reason = (
                f"{len(lost)} of its {len(self.found)} pointers lead nowhere, too many to take out unattended"
            )
            advice = "Look whether the notes are still to come; if not, raise limits.max_removed_fraction."
            self.skipped.append(Skip(self.source.path, reason, advice))
        for pointer in broken:
            if pointer.target is not None:
                self._drop(pointer, f"{pointer.target} goes", [self._of(pointer.target, {})])
            elif not wait:
                self._drop(pointer, f"{pointer.links[0].target} does not exist")

    def _drop(self, pointer: Pointer, reason: str, says_it: Sequence[str] = ()) -> None:
        """Take out a line; its words stay where neither `says_it` nor any note has them."""
        if pointer.mentions:
            self._skip(pointer, f"{reason}; it also names {pointer.mentions[0]}", "Mend it by hand.")
            return
        edits: tuple[Splice, ...] = (Splice(self.source.path, pointer.entry.span, b""),)
        if outlives(pointer, says_it, self.reading, self.gone):
            edits, reason = unlinked(pointer), f"{reason}; its words are nowhere else, and stay"
        key = ("drop", self.source.path, pointer.entry.digest, str(pointer.entry.span.start))
        self.changes.append(index_change(place(pointer.entry), edits, reason, *key))

    def add(self, missing: Iterable[Note]) -> None:
        """Remember pointers for notes that nothing leads to."""
        style = style_of(self.found)
        reached = {target for _, target in self.kept}
        lines = ((note, line_of(note, self.reading.facts[note.path], style)) for note in missing)
        self.added += [(note, line) for note, line in lines if note.path not in reached]
        if self.added and self._anchor() is None and self._ends_in_code():
            reason = f"{len(self.added)} notes have no pointer, but the file ends inside a code block"
            self.skipped.append(Skip(self.source.path, reason, "Close the code block."))
            self.added.clear()

    def _ends_in_code(self) -> bool:
        """Whether a line at the end of the file would be code."""
        opened = self._list_opened
        line = self.line_at(len(self.source.data), "[x](x.md)")
        self._list_opened = opened
        probe = replace(self.source, data=apply_splices(self.source.data, (line,)))
        return not any(link.span.start >= line.span.start for link in links(probe))

    # --- the budget ---

    def fit(self) -> tuple[tuple[Pointer, str], ...]:
        """Choose the pointers that move to sub-indexes: the oldest, until the rest is within the budget.

        New lines for which there is no room go from `added` to `overflow`; returns the existing lines that
        move. Where all that is no pointer is too large by itself nothing moves and nothing is added.
        """
        now = with_lines(
            size(apply_splices(self.source.data, self._all_splices())), (line for _, line in self.added)
        )
        if self.added:  # perhaps a blank line above them, and a line break that is missing
            now = IndexSize(now.lines + 2, now.bytes + 4)
        if fits(now, self.budget):
            return ()
        chosen = moving(now, self.budget, self._movable(), {target for _, target in self.kept})
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

    def _give_up(self) -> None:
        """Add nothing to a file that its prose alone fills."""
        self.is_full = True
        without = f"; {len(self.added)} notes stay without a pointer" if self.added else ""
        reason = (
            f"all that is no pointer is more than the {self.budget.lines} lines or {self.budget.bytes} bytes"
        )
        advice = "Move parts of it to notes of their own: what stands behind is never loaded."
        self.skipped.append(Skip(self.source.path, f"{reason} that are loaded{without}", advice))
        self.added.clear()
        self.changes = [change for change in self.changes if not only_inserts(change)]

    def _movable(self) -> Iterator[Movable]:
        lines = Counter(target for _, target in self.kept)
        for pointer, target in self.kept:
            note = self.reading.notes.get(target) if lines[target] == 1 else None
            if note is not None and note.role in _MOVABLE and pointer.can_move:
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
        """Turn the pointers to be added into changes, each after the last pointer of its kind."""
        anchors = self._anchors()
        last = next(reversed(anchors.values()), None) or self._anchor()
        for note, line in self.added:
            edit = self.line_at(self._behind(anchors.get(kind_of(note), last)), line)
            subject = Place(self.source.path, 0, line)
            self.changes.append(
                index_change(
                    subject, (edit,), f"points to {note.path} now, since nothing led there", "add", note.path
                )
            )

    def line_at(self, position: int, line: str) -> Splice:
        """Return the insertion of a whole line at a byte that begins a line, or at the end of the file.

        The first line that does not continue a list of pointers is set off by a blank one.
        """
        data = self.source.data
        newline = "\r\n" if b"\r\n" in data else "\n"
        at_end = position == len(data) and position > 0
        unfinished = at_end and not data.endswith((b"\n", b"\r"))
        text = newline + line if unfinished else line + newline
        if at_end and self._anchor() is None and not self._list_opened:
            self._list_opened = True
            text = newline + text
        return Splice(self.source.path, Span(position, position), text.encode("utf-8"))

    def _anchor(self) -> Pointer | None:
        """Return the last pointer in a list, even one that goes."""
        pointers = chain((pointer for pointer, _ in reversed(self.kept)), reversed(self.found))
        return next((pointer for pointer in pointers if pointer.entry.kind is EntryKind.BULLET), None)

    def _anchors(self) -> dict[str, Pointer]:
        """Return the last pointer in a list that leads to a note of each kind, the last of all at the end."""
        found: dict[str, Pointer] = {}
        for pointer, to in self.kept:
            note = self.reading.notes.get(to)
            if note is not None and note.role in _MOVABLE and pointer.entry.kind is EntryKind.BULLET:
                found.pop(kind_of(note), None)
                found[kind_of(note)] = pointer
        return found

    def _behind(self, anchor: Pointer | None) -> int:
        return anchor.entry.span.end if anchor else len(self.source.data)

    def end_of_pointers(self) -> int:
        """Return the byte after the last pointer that stays."""
        return self._behind(self._anchor())
