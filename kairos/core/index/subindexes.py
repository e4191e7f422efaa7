"""Sub-indexes: they take the pointers that do not fit into the index, so that every note stays reachable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kairos.core.index.budget import subindex_path
from kairos.core.index.index import IndexWork
from kairos.core.index.index_changes import index_change
from kairos.core.index.index_skip import IndexSkip
from kairos.core.index.pointer_lines import style_of
from kairos.core.markdown.render import apply_splices, splices_of
from kairos.core.root.owned import SIGNATURE, is_own
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading
from kairos.core.text.counts import count
from kairos.model import Change, CreateFile, Edit, Note, Place, RemoveFile, Role, Splice


@dataclass(frozen=True, slots=True)
class SubIndexes:
    """The sub-indexes of an index that is being worked on; `pointers` are those of every file."""

    reading: Reading
    pointers: Mapping[str, Sequence[Pointer]]
    work: IndexWork

    def changes(self) -> list[Change]:
        """Move what does not fit, and keep the existing sub-indexes in order."""
        work = self.work
        moved = work.fit()
        arriving = _by_path(moved, work.overflow, self.reading.notes)
        existing = [path for path, source in self.reading.sources.items() if source.role is Role.SUBINDEX]
        moved_by_path: dict[str, list[Splice]] = {}
        for pointer, target in moved:
            path = subindex_path(self.reading.notes[target].type)
            moved_by_path.setdefault(path, []).append(Splice(work.source.path, pointer.entry.span, b""))
        leaving = {id(pointer) for pointer, _ in moved}
        work.kept = [item for item in work.kept if id(item[0]) not in leaving]
        in_index = {target for _, target in work.kept}
        changes: list[Change] = []
        for path in sorted({*arriving, *existing}):
            changes += self._subindex(path, arriving.get(path, ()), moved_by_path.get(path, ()), in_index)
        return changes

    def _subindex(
        self,
        path: str,
        lines: Sequence[str],
        moved: Sequence[Splice],
        in_index: set[str],
    ) -> list[Change]:
        """Create a sub-index, or mend the existing one, and add `lines` at its end."""
        work = self.work
        old = self.reading.sources.get(path)
        changes: list[Change] = []
        edits: list[Edit] = list(moved)
        if old is None:
            edits.append(_file(path, lines))
        else:
            own = IndexWork(
                source=old,
                reading=self.reading,
                found=self.pointers[path],
                edited=(),
                gone=work.gone,
                budget=work.budget,
                most_broken=work.most_broken,
                taken_back=work.taken_back,
                renewed=work.renewed,
            )
            if is_own(old):
                own.maintain(frozenset(), already=in_index)
            work.skipped += own.skipped
            left = apply_splices(old.data, splices_of(own.changes, path))
            if not lines and is_own(old) and left == _file(path, ()).data:
                return self._unless_taken_back(self._removal_of(path), "nothing is left in it: removing it")
            changes += own.changes
            edits += [own.line_at(own.end_of_pointers(), line) for line in lines]
        if not work.is_full and path not in in_index:
            style = style_of(work.found)
            line = f"{style.marker}[{_title(path)}]({path}){style.separator}older notes"
            edits.append(work.line_at(work.end_of_pointers(), line))
        if lines:
            move = count(len(lines), "of the oldest pointers moves", "of the oldest pointers move")
            reason = f"{move} here: the index is over its budget"
            changes.append(index_change(Place(path, 1, ""), edits, reason, "subindex", path, *lines))
        elif edits:
            reason = "the index now points to it, since nothing led there"
            led_to = index_change(Place(path, 1, ""), edits, reason, "subindex-pointer", path)
            changes += self._unless_taken_back(led_to, "nothing leads to it; a pointer to it", note=path)
        return changes

    def _unless_taken_back(self, change: Change, left: str, note: str = "") -> list[Change]:
        """Return a change in a list; if it was taken back before, an empty list, and a skip is added."""
        skip = self.work.taken_back.refusal(change.key, change.subject.file, left)
        self.work.skipped += [IndexSkip.of(skip, note=note)] if skip else []
        return [] if skip else [change]

    def _removal_of(self, path: str) -> Change:
        """Return the change that removes an empty sub-index and the pointers to it."""
        spans = [pointer.entry.span for pointer, target in self.work.kept if target == path]
        edits: list[Edit] = [RemoveFile(path), *(Splice(self.work.source.path, span, b"") for span in spans)]
        return index_change(Place(path, 1, ""), edits, "nothing is left in it", "subindex-end", path)


def _title(path: str) -> str:
    """Return the title of a sub-index."""
    kind = path.removeprefix("MEMORY-").removesuffix(".md")
    return "More notes" if kind == "notes" else f"More notes of type {kind}"


def _file(path: str, lines: Sequence[str]) -> CreateFile:
    """Return a sub-index file with these pointer lines."""
    head = f"# {_title(path)}\n\nOlder pointers that do not fit into MEMORY.md; {SIGNATURE}\n\n"
    return CreateFile(path, (head + "".join(f"{line}\n" for line in lines)).encode("utf-8"))


def _by_path(
    moved: Iterable[tuple[Pointer, str]], overflow: Iterable[tuple[Note, str]], notes: Mapping[str, Note]
) -> dict[str, list[str]]:
    """Group the lines that leave the index by the sub-index that takes them."""
    result: dict[str, list[str]] = {}
    for pointer, target in moved:
        result.setdefault(subindex_path(notes[target].type), []).append(pointer.entry.raw)
    for note, line in overflow:
        result.setdefault(subindex_path(note.type), []).append(line)
    return result
