"""Whether every entry that a plan removes is still said, or goes for a reason of its own.

This is the second line of defence: it takes nothing from the planner but the plan, and works out by itself what stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kairos.core.change.standing import Standing
from kairos.core.markdown.claims import sentences_of, statement, statement_of_text
from kairos.core.markdown.render import by_subject
from kairos.core.phrasing.retraction import (
    struck_passages,
    surrounding_text,
    taken_back,
    taken_back_by_surroundings,
)
from kairos.core.root.owned import is_own
from kairos.core.root.reading import Reading, place
from kairos.core.root.residue import first_untold_line, said_by
from kairos.core.values.loss import join_statements, losses
from kairos.core.verification.violation import Violation
from kairos.model import (
    Change,
    ChangeKind,
    Entry,
    EntryKind,
    Place,
    RemoveFile,
    Statement,
    Witness,
)

_OWN_REASON = frozenset({ChangeKind.PRUNE, ChangeKind.RESOLVE})


@dataclass(frozen=True)
class Witnesses:
    """Checks the removals of some changes; `pointer_ids` are the ids of the index lines that only point.

    Changes that a person `approved` may merge entries whose values differ, but the witnesses must stand all the same.
    """

    changes: Sequence[Change]
    reading: Reading
    standing: Standing
    pointer_ids: frozenset[str]
    approved: bool = False

    def unwitnessed(self) -> Iterator[Violation]:
        """Yield a violation for each merged entry whose witness, with all it is said to cover, will not stand."""
        for change in self.changes:
            if change.kind is ChangeKind.MERGE:
                where = change.subject.reference
                if change.witness is None or not change.witness.covers:
                    yield Violation.by(change, f"{where} would be removed without a witness")
                elif change.witness.entry_id in self.reading.notes and self._is_whole(change):
                    yield from self._twin_violations(change, change.witness, where)
                else:
                    yield from self._merge_violations(change, change.witness, where)

    def retracted(self) -> Iterator[Violation]:
        """Yield a violation for each merged entry that its witness takes back, or the reverse, now or afterwards."""
        for change in self.changes:
            kept = self.reading.entries.get(change.witness.entry_id) if change.witness else None
            dropped = self._entry(change.subject)
            if change.kind is ChangeKind.MERGE and kept is not None and dropped is not None:
                words = self._taken_back(dropped, kept)
                if words:
                    where = f"{dropped.path}:{dropped.line}"
                    why = f'{kept.path}:{kept.line}, or it, takes back what both say by "{words}"'
                    yield Violation.by(change, f"{where} would go although {why}")

    def _taken_back(self, dropped: Entry, kept: Entry) -> str:
        later = self.standing.entry(kept)
        texts = (kept.text, *([later.text] if later is not None else ()))
        surroundings = (surrounding_text(entry, self.reading.note_of(entry)) for entry in (dropped, kept))
        found = (
            *(taken_back(dropped.text, text) for text in texts),
            taken_back_by_surroundings(*surroundings),
        )
        struck = struck_passages(dropped.raw) ^ struck_passages(kept.raw)
        return next(filter(None, (*found, *struck)), "")

    def vanished(self) -> Iterator[Violation]:
        """Yield a violation for each entry of an edited file that no longer stands and that no change names."""
        for path in self.standing.edits:
            note = self.reading.notes.get(path)
            for entry in note.entries if note and not is_own(self.reading.sources[path]) else ():
                stands = entry.id in self.pointer_ids or self.standing.is_content(entry)
                if not stands and path not in self._named_notes and place(entry) not in self._named_places:
                    what = f"{path}:{entry.line} would disappear without a reason"
                    yield Violation.at(path, entry.line, what)

    def notes_losing_text(self) -> Iterator[Violation]:
        """Yield a violation for each note that would go with its entries although it says more than they do."""
        by_file = by_subject(self.changes)
        for path, data in self.standing.after.items():
            if data is not None or path in self._named_notes or path not in self.reading.notes:
                continue
            source, note = self.reading.sources[path], self.reading.notes[path]
            if is_own(source):
                continue
            taking = by_file.get(path, ())
            if first_untold_line(
                source, note, (*said_by(taking, self.reading), *self._notes_of_witnesses(taking))
            ):
                yield Violation(f"{path} would be removed although it holds more than its entries", (path,))

    def _notes_of_witnesses(self, taking: Iterable[Change]) -> Iterator[str]:
        """Yield the notes that hold the witnesses of some changes, as they will be."""
        for change in taking:
            data = self.standing.after.get(change.witness.place.file) if change.witness else None
            if data is not None:
                yield data.decode("utf-8", "replace")

    def _entry(self, where: Place) -> Entry | None:
        """Return the entry at a place, if there is one."""
        note = self.reading.notes.get(where.file)
        return next((entry for entry in note.entries if place(entry) == where), None) if note else None

    @cached_property
    def _places_with_reason(self) -> frozenset[Place]:
        """The places of what goes for a reason of its own."""
        return frozenset(change.subject for change in self.changes if change.kind in _OWN_REASON)

    @cached_property
    def _named_places(self) -> frozenset[Place]:
        """The places of what some change says it removes."""
        merged = (change.subject for change in self.changes if change.kind is ChangeKind.MERGE)
        return self._places_with_reason.union(merged)

    @cached_property
    def _named_notes(self) -> frozenset[str]:
        """The notes that some change says it removes as a whole."""
        naming = (c for c in self.changes if c.kind is ChangeKind.MERGE or c.kind in _OWN_REASON)
        return frozenset(change.subject.file for change in naming if self._is_whole(change))

    def _is_whole(self, change: Change) -> bool:
        """Whether a change removes a note as a whole."""
        source = self.reading.sources.get(change.subject.file)
        removed = any(edit == RemoveFile(change.subject.file) for edit in change.edits)
        return (
            removed and source is not None and change.subject.text == source.data.decode("utf-8", "replace")
        )

    def _twin_violations(self, change: Change, witness: Witness, where: str) -> Iterator[Violation]:
        """Yield what is wrong with removing a byte-identical twin; each of its entries must stand in the other note."""
        kept, dropped = witness.place.file, change.subject.file
        sources = self.reading.sources
        if kept == dropped or kept not in sources or sources[kept].data != sources[dropped].data:
            yield Violation.by(change, f"{where} is not identical to {kept}")
        elif self.standing.after.get(kept) is None:
            yield Violation.by(change, f"the witness of {where} would no longer be in {kept}")
        else:
            pairs = zip(self.reading.notes[dropped].entries, self.reading.notes[kept].entries, strict=True)
            for gone, twin in pairs:
                if place(gone) not in self._places_with_reason and not self.standing.is_content(twin):
                    what = f"the witness of {dropped}:{gone.line} would no longer be in {kept}"
                    yield Violation.by(change, what)

    def _merge_violations(self, change: Change, witness: Witness, where: str) -> Iterator[Violation]:
        """Yield what is wrong with merging one entry into another."""
        kept = self.reading.entries.get(witness.entry_id)
        dropped = self._entry(change.subject)
        if dropped is None:
            yield Violation.by(change, f"{where} is not what the change says it removes")
        elif kept is None or kept.id == dropped.id or kept.path != witness.place.file:
            yield Violation.by(change, f"the witness of {where} is not an entry of {witness.place.file}")
        elif not self.standing.is_content(kept):
            yield Violation.by(change, f"the witness of {where} would no longer be in {kept.path}")
        elif witness.place.text not in {kept.raw, self.standing.text(kept)}:
            yield Violation.by(change, f"the witness of {where} does not say what the change quotes")
        else:
            said = self._sentences_afterwards(kept)
            covered = {claim for claim, by in witness.covers if by in said}
            if any(sentence not in covered for sentence in _sentences(dropped)):
                what = f"not all that {where} says is covered by {kept.path}:{kept.line}"
                yield Violation.by(change, what)
            for kind in () if self.approved else self._lost_kinds(dropped, kept):
                yield Violation.by(change, f"the {kind} in {where} is not in {kept.path}:{kept.line}")

    def _lost_kinds(self, dropped: Entry, kept: Entry) -> tuple[str, ...]:
        """Return the kinds of values that go with an entry, whatever its witness is said to cover."""
        gone = self._statement(dropped)
        before, after = self._statement(kept), self.standing.entry(kept)
        if not any(losses(gone, before)):
            return ()
        stays = [before]
        if after is not None:
            later = statement(after, self.reading.note_of(kept))
            if not any(losses(gone, later)):
                return ()
            known = {part.text for part in kept.parts}
            carried = (part for part in after.parts if part.text not in known)
            stays += (later, *(statement_of_text(part.raw) for part in carried))
        # The dropped entry may name a note that goes; the witness names the one that takes its place.
        names = self.standing.links_to_removed(dropped)
        stays += (Statement(name, (name,), code=(name,)) for name in names)
        return tuple(losses(gone, join_statements(stays)))

    def _statement(self, entry: Entry) -> Statement:
        return statement(entry, self.reading.note_of(entry))

    def _sentences_afterwards(self, kept: Entry) -> set[str]:
        """Return the sentences of a witness; those of a one-fact note include what is carried over to its end."""
        after = self.standing.note(kept.path) if kept.kind is EntryKind.FACT else None
        parts = {part.text for entry in (after.entries if after else ()) for part in entry.parts}
        return parts | set(_sentences(kept)) | {kept.text}


def _sentences(entry: Entry) -> list[str]:
    return sentences_of(entry) or [entry.text]
