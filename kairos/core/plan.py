"""The plan of one dream: a pure value made from what was read, judged and remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from kairos.core.conflicts import open_conflicts, settle, standing_conflicts
from kairos.core.guard import boilerplate, guarded
from kairos.core.index import size
from kairos.core.keys import content_key
from kairos.core.linker import Linker
from kairos.core.merge import Likeness, Merger
from kairos.core.reading import Reading, place
from kairos.core.relative import absolute_dates
from kairos.core.render import edits_by_path, render_file
from kairos.core.select import Selection, deconflict, select_merges, select_stale, select_twins
from kairos.model import (
    Action,
    Change,
    ChangeKind,
    Conflict,
    Decision,
    Edit,
    Entry,
    Evidence,
    Finding,
    IndexSize,
    JudgedPair,
    Plan,
    RemoveFile,
    Role,
    Skip,
    Splice,
)

BUDGET = IndexSize(200, 25_000)
_REMARKS_PER_ENTRY = 5
_REMOVING = frozenset({ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the config says about planning. Sizes of the index in lines and bytes."""

    keep_newer: bool = False
    conflicts_note: bool = True
    prune: bool = True
    absolute_dates: bool = True
    add_missing: bool = True
    max_removed_fraction: float = 0.25
    budget: IndexSize = BUDGET


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier dreams and the user decided: settled conflict ids, keys of changes that were rejected or
    undone (with the word for it), when each open conflict was first seen, and (file, text) of the witnesses of
    merges that still hold."""

    settled: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)
    witnesses: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a reading."""

    pairs: tuple[JudgedPair, ...] = ()
    stale: tuple[Finding, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans from one reading."""

    reading: Reading
    findings: Findings
    likeness: Likeness
    settings: Settings
    remembered: Remembered
    today: date

    def plan(self, only: frozenset[str] | None = None) -> Plan:
        """Return the plan; with `only`, just the changes and proposals with these keys, and what follows."""
        pairs = self._guarded()
        linker = Linker(self.reading, self.settings.budget, self.settings.add_missing)
        selection = self._select(pairs, linker)
        conflicts = self._conflicts(pairs, selection)
        self._settle_older(conflicts, selection, linker)
        wanted, proposals, skipped = self._allowed(selection, only)
        changes, waiting = deconflict(wanted)
        advice = "The next dream looks again."
        skipped += [Skip(_where(c), f"{c.reason}: overlaps with another change", advice) for c in waiting]
        if only is None:
            changes, proposals, limit = self._within_limit(changes, proposals)
            skipped += limit
        return self._finish(
            changes,
            proposals,
            conflicts,
            skipped=skipped,
            remarks=selection.remarks,
            pairs=pairs,
            linker=linker,
            narrow=only is not None,
        )

    def resolution(self, change: Change) -> Plan:
        """Return the plan that does one given change and what follows from it."""
        linker = Linker(self.reading, self.settings.budget, self.settings.add_missing)
        selection = Selection()
        pairs = self._guarded()
        gone = [e for e in self.reading.entries.values() if e.id == _subject_id(change, self.reading)]
        selection.take(change, gone, change.witness.place.file if change.witness else None)
        conflicts = self._conflicts(pairs, selection)
        return self._finish(
            (change,), (), conflicts, skipped=(), remarks={}, pairs=pairs, linker=linker, narrow=True
        )

    # --- steps ---

    def _guarded(self) -> tuple[JudgedPair, ...]:
        templates = boilerplate(self.reading.entries.values())
        return tuple(guarded(pair, self.reading, templates) for pair in self.findings.pairs)

    def _select(self, pairs: Sequence[JudgedPair], linker: Linker) -> Selection:
        selection = Selection(past_witnesses=self._past_witnesses())
        if self.settings.prune:
            select_stale(selection, self.findings.stale, self.reading, linker.departure)
        doomed = self._doomed() if self.settings.prune else frozenset()
        twins = [pair for pair in self.findings.twins if pair[0] not in doomed]
        select_twins(selection, twins, self.reading, linker.departure)
        select_merges(selection, pairs, self.reading, Merger(self.reading, self.likeness, linker.departure))
        if self.settings.absolute_dates:
            selection.changes += self._dates(selection)
        return selection

    def _past_witnesses(self) -> frozenset[str]:
        """Return the entries that stand for others since earlier dreams; they may have grown by what was carried."""
        return frozenset(
            entry.id
            for file, text in self.remembered.witnesses
            if file in self.reading.notes
            for entry in self.reading.notes[file].entries
            if entry.raw.startswith(text.rstrip())
        )

    def _doomed(self) -> frozenset[str]:
        """Return the notes that go as a whole because they are stale: they are nobody's witness."""
        return frozenset(
            finding.path
            for finding in self.findings.stale
            if finding.unattended
            and (finding.entry_id is None or len(self.reading.notes[finding.path].entries) == 1)
        )

    def _dates(self, selection: Selection) -> list[Change]:
        changes = []
        for entry in self.reading.entries.values():
            note = self.reading.note_of(entry)
            if not selection.is_free(entry) or note.role in (Role.MANAGED, Role.SUBINDEX, Role.READ_ONLY):
                continue
            found = absolute_dates(note, entry, self.reading.sources[entry.path].data)
            if found:
                changes.append(_date_change(entry, found))
        return changes

    def _conflicts(self, pairs: Sequence[JudgedPair], selection: Selection) -> tuple[Conflict, ...]:
        return open_conflicts(
            pairs,
            self.reading,
            selection,
            settled=self.remembered.settled,
            since=self.remembered.since,
            today=self.today,
        )

    def _settle_older(self, conflicts: Sequence[Conflict], selection: Selection, linker: Linker) -> None:
        """With `conflicts: keep-newer`, take out the older side where the words themselves say so."""
        if not self.settings.keep_newer:
            return
        by_place = {(entry.path, entry.line): entry for entry in self.reading.entries.values()}
        for conflict in conflicts:
            if conflict.newer is None:
                continue
            a, b = by_place[conflict.a.file, conflict.a.line], by_place[conflict.b.file, conflict.b.line]
            winner, loser = (a, b) if conflict.newer == "a" else (b, a)
            if (
                not (selection.is_free(winner) and selection.is_free(loser))
                or loser.id in selection.witnesses
            ):
                continue
            change = settle(
                conflict,
                loser,
                winner,
                self.reading,
                linker.departure,
                reason=f"{winner.path}:{winner.line} is newer",
            )
            if self.reading.note_of(loser).protected:
                selection.proposals.append(change)
            else:
                selection.take(change, (loser,), winner.path)

    def _allowed(
        self, selection: Selection, only: frozenset[str] | None
    ) -> tuple[list[Change], list[Change], list[Skip]]:
        """Sort out what the user has refused before; or keep only what was asked for."""
        if only is not None:
            wanted = [c for c in (*selection.changes, *selection.proposals) if c.key in only]
            return wanted, [], []
        changes, skipped = [], []
        for change in selection.changes:
            verdict = self.remembered.refused.get(change.key)
            if verdict is None:
                changes.append(change)
            else:
                advice = f"To do it after all: kairos approve {change.key}."
                skipped.append(Skip(_where(change), f"{change.reason}: {verdict} before", advice))
        proposals = [change for change in selection.proposals if change.key not in self.remembered.refused]
        return changes, proposals, skipped

    def _within_limit(
        self, changes: tuple[Change, ...], proposals: list[Change]
    ) -> tuple[tuple[Change, ...], list[Change], list[Skip]]:
        """Let everything that removes wait where together it would remove too much of the root."""
        removing = [change for change in changes if change.kind in _REMOVING and not _is_verbatim(change)]
        total = len(self.reading.entries)
        share = len(removing) / total if total else 0.0
        if share <= self.settings.max_removed_fraction:
            return changes, proposals, []
        rest = tuple(change for change in changes if change not in removing)
        reason = (
            f"{len(removing)} of {total} entries would go, more than limits.max_removed_fraction "
            f"({self.settings.max_removed_fraction:.0%}) allows unattended"
        )
        skip = Skip("the whole plan", reason, "Look at the proposals and approve them, or raise the limit.")
        return rest, [*removing, *proposals], [skip]

    def _finish(
        self,
        changes: Sequence[Change],
        proposals: Sequence[Change],
        conflicts: tuple[Conflict, ...],
        *,
        skipped: Sequence[Skip],
        remarks: Mapping[frozenset[str], str],
        pairs: Sequence[JudgedPair],
        linker: Linker,
        narrow: bool,
    ) -> Plan:
        """Add what follows from the changes: pointers, the managed note, sizes, places after the edits."""
        changes = _emptied(changes, self.reading)
        went = {(e.path, e.line) for e in map(self.reading.entries.get, gone(changes, self.reading)) if e}
        shown = tuple(c for c in conflicts if not {(c.a.file, c.a.line), (c.b.file, c.b.line)} & went)
        conflicts = self._standing(shown, changes)
        note = conflicts if self.settings.conflicts_note else ()
        derived, left = linker.derived(changes, note, narrow=narrow)
        changes, _ = deconflict((*changes, *derived))
        conflicts = self._standing(shown, changes)
        index = self.reading.index
        before = size(index.data) if index else None
        after = None
        if index:
            data = render_file(index.data, edits_by_path(changes).get(index.path, []))
            after = size(data) if data is not None else None
        return Plan(
            root=self.reading.snapshot.root,
            layout=self.reading.snapshot.layout,
            today=self.today,
            base=self._base(changes),
            changes=tuple(changes),
            proposals=tuple(sorted(proposals, key=lambda c: (c.kind, c.subject.file, c.subject.line))),
            conflicts=conflicts,
            skipped=(*self.reading.snapshot.skipped, *left, *skipped),
            decisions=_decisions(pairs, self.reading, remarks),
            entries=len(self.reading.entries),
            index_before=before,
            index_after=after,
        )

    def _standing(self, conflicts: Sequence[Conflict], changes: Sequence[Change]) -> tuple[Conflict, ...]:
        after = {
            path: render_file(self.reading.sources[path].data, edits)
            for path, edits in edits_by_path(changes).items()
            if path in self.reading.sources
        }
        return standing_conflicts(
            conflicts, self.reading, after, settled=self.remembered.settled, since=self.remembered.since
        )

    def sides(self, conflict_id: str) -> tuple[Entry, Entry] | None:
        """Return the two entries of a conflict that stands in the reading."""
        places = {(entry.path, entry.line): entry for entry in self.reading.entries.values()}
        for conflict in self._conflicts(self._guarded(), Selection()):
            if conflict.id == conflict_id:
                a, b = conflict.a, conflict.b
                return places[a.file, a.line], places[b.file, b.line]
        return None

    def _base(self, changes: Sequence[Change]) -> dict[str, str]:
        touched = {edit.path for change in changes for edit in change.edits}
        touched |= {change.witness.place.file for change in changes if change.witness}
        return {
            path: self.reading.sources[path].sha256
            for path in sorted(touched)
            if path in self.reading.sources
        }


def _date_change(entry: Entry, found: Sequence[tuple[Splice, Evidence]]) -> Change:
    evidence = tuple(item for _, item in found)
    return Change(
        key=content_key("date", entry.path, entry.digest),
        kind=ChangeKind.DATE,
        reason="; ".join(item.text for item in evidence),
        edits=tuple(splice for splice, _ in found),
        subject=place(entry),
        evidence=evidence,
    )


def gone(changes: Iterable[Change], reading: Reading) -> frozenset[str]:
    """Return the ids of the entries that changes take away."""
    edits = edits_by_path(changes)
    found = set()
    for path, of_file in edits.items():
        removed = any(isinstance(edit, RemoveFile) and not edit.if_empty for edit in of_file)
        deleted = [edit.span for edit in of_file if isinstance(edit, Splice) and not edit.text]
        for entry in reading.notes[path].entries if path in reading.notes else ():
            if removed or any(s.start <= entry.span.start and entry.span.end <= s.end for s in deleted):
                found.add(entry.id)
    return frozenset(found)


def _emptied(changes: Sequence[Change], reading: Reading) -> list[Change]:
    """Let a note that loses all its entries go as a whole."""
    edits = edits_by_path(changes)
    empty = set()
    for path, of_file in edits.items():
        note = reading.notes.get(path)
        if note is None or note.role not in (Role.NOTE, Role.DAILY):
            continue
        splices = [edit for edit in of_file if isinstance(edit, Splice)]
        probe: list[Edit] = [*splices, RemoveFile(path, if_empty=True)]
        if (
            any(not splice.text for splice in splices)
            and render_file(reading.sources[path].data, probe) is None
        ):
            empty.add(path)
    result = []
    for change in changes:
        own = {edit.path for edit in change.edits if isinstance(edit, Splice) and not edit.text} & empty
        extra = tuple(RemoveFile(path, if_empty=True) for path in sorted(own))
        result.append(replace(change, edits=(*change.edits, *extra)) if extra else change)
    return result


def _decisions(
    pairs: Sequence[JudgedPair], reading: Reading, remarks: Mapping[frozenset[str], str]
) -> tuple[Decision, ...]:
    """Keep, for every entry, its most telling pairs: what `kairos explain` shows."""
    count: dict[str, int] = {}
    decisions = []
    telling = sorted(
        pairs, key=lambda p: (p.judgement.action is Action.NONE, -p.judgement.confidence, p.a, p.b)
    )
    for pair in telling:
        if min(count.get(pair.a, 0), count.get(pair.b, 0)) >= _REMARKS_PER_ENTRY:
            continue
        for side in (pair.a, pair.b):
            count[side] = count.get(side, 0) + 1
        outcome = remarks.get(frozenset((pair.a, pair.b)), "")
        judgement = pair.judgement
        decisions.append(
            Decision(
                places=(place(reading.entries[pair.a]), place(reading.entries[pair.b])),
                outcome=f"{judgement.relation.value}, {judgement.action.value}"
                + (f": {outcome}" if outcome else ""),
                evidence=judgement.evidence,
                confidence=judgement.confidence,
            )
        )
    return tuple(decisions)


def _is_verbatim(change: Change) -> bool:
    """Whether what goes stands word for word in its witness: then nothing is lost however many go."""
    return change.witness is not None and change.subject.text.strip() == change.witness.place.text.strip()


def _subject_id(change: Change, reading: Reading) -> str:
    for entry in reading.entries.values():
        if (entry.path, entry.line) == (change.subject.file, change.subject.line):
            return entry.id
    return ""


def _where(change: Change) -> str:
    return f"{change.subject.file}:{change.subject.line}"
