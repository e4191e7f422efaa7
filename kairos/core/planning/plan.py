"""Builds the plan of one dream: a pure value made from what was read, judged and remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from kairos.core.change.effects import gone, with_emptied_notes_removed
from kairos.core.change.foresight import Findings, Foresight
from kairos.core.change.permission import (
    excess,
    split_hidden,
    split_refused,
    split_removals,
    split_restored,
)
from kairos.core.change.standing import with_lasting_witnesses
from kairos.core.change.taken_back import TakenBack
from kairos.core.index.budget import size
from kairos.core.index.linker import Linker, most_broken
from kairos.core.index.pointer_lines import disputed
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.planning.conflicts import open_conflicts, settle_older, standing_conflicts
from kairos.core.planning.dating import date_changes
from kairos.core.planning.guard import GuardCache, guarded_pairs, too_long, twins_wait
from kairos.core.planning.limits import within_limits
from kairos.core.planning.merge import Likeness, MergeCache, Merger
from kairos.core.planning.select import Selection, deconflict, select_merges, select_stale, select_twins
from kairos.core.root.entry_count import count_of_entries
from kairos.core.root.past import past_witnesses
from kairos.core.root.reading import Reading, entry_at
from kairos.core.root.remarks import considered
from kairos.core.root.templates import templates
from kairos.core.root.trust import Trust
from kairos.model import (
    INDEX_BUDGET,
    Action,
    Change,
    Conflict,
    Considered,
    Entry,
    IndexSize,
    JudgedPair,
    Plan,
    Skip,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What config and layout say about planning. `budget` is in lines and bytes, `limits` in characters by path."""

    keep_newer: bool = False
    conflicts_note: bool = True
    prune: bool = True
    absolute_dates: bool = True
    add_missing: bool = True
    max_removed_fraction: float = 0.25
    min_age_days: int = 0
    budget: IndexSize = INDEX_BUDGET
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """What earlier dreams and the user decided.

    - `settled`: ids of settled conflicts.
    - `refused`: the verdict on each change that was rejected, undone or held back, by its key.
    - `first_seen`: when each open conflict was first seen.
    - `witnesses`: (file, text) of the witnesses of merges that still hold.
    - `restored`: (file, text) of what merges that were undone or rejected had taken away, or would have.
    - `upkeep`: undone changes of the index and of the managed note.
    - `unfindable`: keys of changes whose witness a search would not find.
    - `last_changed`: when each note was last changed.
    - `from_tools`: paths of notes that hold what a tool brought from outside.
    - `alerted`: paths of notes about which there is an alert that nobody has acknowledged.
    """

    settled: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    first_seen: Mapping[str, date] = field(default_factory=dict)
    witnesses: frozenset[tuple[str, str]] = frozenset()
    restored: frozenset[tuple[str, str]] = frozenset()
    upkeep: tuple[Change, ...] = ()
    unfindable: frozenset[str] = frozenset()
    last_changed: Mapping[str, date] = field(default_factory=dict)
    from_tools: frozenset[str] = frozenset()
    alerted: frozenset[str] = frozenset()

    @property
    def decided(self) -> frozenset[str]:
        """The keys of all changes on which there is a verdict."""
        return self.unfindable.union(self.refused)


class Sketch(NamedTuple):
    """A plan, with `remarks` on pairs that it left alone, by the ids of their entries.

    `excess` is set if the plan removes nothing because it would have removed too much.
    """

    plan: Plan
    remarks: Mapping[frozenset[str], str]
    excess: Skip | None = None


@dataclass(frozen=True)
class Planner:
    """Makes plans from one reading.

    `foreseen` is what the next dream would find after the plan; with it, a plan also takes care of its own
    consequences. `merge_cache` and `guard_cache` are caches, shared with the planners that are derived from this one.
    """

    reading: Reading
    findings: Findings
    likeness: Likeness
    settings: Settings
    history: History
    today: date
    foreseen: Foresight = field(default_factory=Foresight)
    merge_cache: MergeCache = field(default_factory=dict, repr=False, compare=False)
    guard_cache: GuardCache = field(default_factory=dict, repr=False, compare=False)

    def plan(self, only: frozenset[str] | None = None) -> Plan:
        """Return the plan; with `only`, just the changes and proposals with these keys, and what follows from them."""
        return self.sketch(only).plan

    def sketch(self, only: frozenset[str] | None = None) -> Sketch:
        """Return the plan with remarks on what became of some pairs."""
        pairs = self._actionable_pairs
        linker = self._linker(only or frozenset())
        selection = self._select(pairs, linker, self.history.decided if only is None else only)
        conflicts = self._conflicts(pairs, selection)
        if self.settings.keep_newer:
            stale = (*self.findings.stale, *self.foreseen.stale)
            settle_older(
                conflicts, selection, self.reading, linker.edits_for_removed, self.trust, stale=stale
            )
        wanted, proposals, skipped = self._wanted(selection, only)
        changes, waiting = deconflict(wanted)
        advice = "The next dream looks at it again."
        overlaps = "overlaps with another change"
        skipped += [
            Skip(c.subject.reference, f"{c.reason}: {overlaps}", advice, c.subject.text) for c in waiting
        ]
        too_much = None if only is not None else self.foreseen.excess or self._excess(changes)
        if too_much is not None:
            changes, waiting = split_removals(changes)
            proposals = [*waiting, *proposals]
            skipped.append(too_much)
        plan = self._finish(changes, proposals, conflicts, skipped=skipped, linker=linker, only=only)
        return Sketch(plan, selection.remarks, too_much)

    def _excess(self, changes: Sequence[Change]) -> Skip | None:
        return excess(changes, count_of_entries(self.reading), self.settings.max_removed_fraction)

    def considered(self, remarks: Mapping[frozenset[str], str]) -> Considered:
        """Return what became of each pair, given the remarks of a plan."""
        return considered(self.pairs, self.reading, remarks)

    def resolution(self, change: Change) -> Plan:
        """Return the plan that carries out one given change and what follows from it."""
        linker = self._linker()
        selection = Selection()
        subject = entry_at(change.subject, self.reading)
        selection.take(change, (subject,), change.witness.place.file if change.witness else None)
        conflicts = self._conflicts(self._actionable_pairs, selection)
        return self._finish((change,), (), conflicts, skipped=(), linker=linker, only=frozenset())

    @cached_property
    def pairs(self) -> tuple[JudgedPair, ...]:
        """The judged pairs, lowered to what the places of their entries and the trust in them allow."""
        return self.foreseen.applied_to(self._guarded(self.findings.pairs))

    @cached_property
    def _actionable_pairs(self) -> tuple[JudgedPair, ...]:
        """The few pairs on which a plan can act; of all others both entries stay."""
        return self.foreseen.applied_to(self._guarded(_actionable(self.findings.pairs)))

    def _guarded(self, pairs: Iterable[JudgedPair]) -> Iterator[JudgedPair]:
        common = self.reading.derived(templates)
        return guarded_pairs(pairs, self.reading, common, self.trust, self.guard_cache)

    @cached_property
    def trust(self) -> Trust:
        """What is known about the origin of the notes, and how old they have to be."""
        history = self.history
        days = self.settings.min_age_days
        return Trust(self.today, days, history.last_changed, history.from_tools, history.alerted)

    @property
    def sure_twins(self) -> tuple[tuple[str, str], ...]:
        """The pairs of byte-identical files of which one may go unattended."""
        twins = self.findings.twins
        return tuple(pair for pair in twins if not twins_wait(*pair, self.reading, self.trust))

    def open_conflicts(self) -> tuple[Conflict, ...]:
        """Return the open conflicts of the reading as it is, before any change."""
        return self._conflicts(self._actionable_pairs, Selection())

    # --- steps ---

    def _linker(self, again: frozenset[str] = frozenset()) -> Linker:
        """Return the linker, which keeps pointers and links valid.

        `again` are keys of changes that were undone and are now to be done after all.
        """
        settings = self.settings
        most = most_broken(count_of_entries(self.reading), settings.max_removed_fraction)
        taken_back = TakenBack.of(self.history.upkeep, self.history.refused, again)
        return Linker(
            self.reading,
            settings.budget,
            settings.add_missing,
            most,
            taken_back,
            settings.conflicts_note,
            disputed(self.open_conflicts()),
        )

    def _select(self, pairs: Sequence[JudgedPair], linker: Linker, known: Collection[str]) -> Selection:
        """Select what to do; `known` are the keys by which changes were decided, or are asked for."""
        selection = Selection(past_witnesses=past_witnesses(self.history.witnesses, self.reading))
        if self.settings.prune:
            stale = (*self.findings.stale, *self.foreseen.stale)
            select_stale(selection, stale, self.reading, linker.edits_for_superseded, self.trust)
        doomed = self._doomed() if self.settings.prune else frozenset()
        twins = [pair for pair in self.findings.twins if pair[0] not in doomed]
        select_twins(selection, twins, self.reading, linker.edits_for_removed, self.trust, known=known)
        select_merges(
            selection,
            pairs,
            self.reading,
            Merger(self.reading, self.likeness, linker.edits_for_removed, self.merge_cache, known),
        )
        if self.settings.absolute_dates:
            selection.changes += date_changes(self.reading, selection)
        return selection

    def _doomed(self) -> frozenset[str]:
        """Return the notes that go as a whole because they are stale, so that they cannot be a witness."""
        return frozenset(
            finding.path
            for finding in self.findings.stale
            if finding.unattended
            and (finding.entry_id is None or len(self.reading.notes[finding.path].entries) == 1)
        )

    def _conflicts(self, pairs: Sequence[JudgedPair], selection: Selection) -> tuple[Conflict, ...]:
        return open_conflicts(
            pairs,
            self.reading,
            selection,
            settled=self.history.settled,
            since=self.history.first_seen,
            today=self.today,
        )

    def _wanted(
        self, selection: Selection, only: frozenset[str] | None
    ) -> tuple[Sequence[Change], list[Change], list[Skip]]:
        """Drop what was refused before and make proposals of what has to wait; returns (changes, proposals, skips).

        With `only`, returns just the changes that were asked for, refused or not.
        """
        if only is not None:
            return [c for c in (*selection.changes, *selection.proposals) if c.key in only], [], []
        refused = self.history.refused
        allowed, skipped = split_refused(selection.changes, refused)
        allowed, again = split_restored(allowed, self.history.restored)
        changes, hidden = split_hidden(allowed, self.history.unfindable)
        # A proposal that was both found and foreseen counts once.
        proposals = {change.key: change for change in selection.proposals if change.key not in refused}
        return changes, [*again, *hidden, *proposals.values()], list(skipped)

    def _finish(
        self,
        changes: Sequence[Change],
        proposals: Sequence[Change],
        conflicts: tuple[Conflict, ...],
        *,
        skipped: Sequence[Skip],
        linker: Linker,
        only: frozenset[str] | None,
    ) -> Plan:
        """Complete a plan with what follows from its changes: pointers, the managed note, sizes, places afterwards."""
        changes, no_room = within_limits(changes, self.reading, self.settings.limits)
        changes = with_emptied_notes_removed(changes, self.reading)
        went = {(e.path, e.line) for e in map(self.reading.entries.get, gone(changes, self.reading)) if e}
        shown = tuple(c for c in conflicts if not {(c.a.file, c.a.line), (c.b.file, c.b.line)} & went)
        narrow = only is not None
        foreseen = None if narrow else self.foreseen.conflicts
        conflicts = self._standing(shown, changes) if foreseen is None else foreseen
        again = [change for change in self.history.upkeep if change.key in (only or ())]
        derived, left = linker.derived(changes, conflicts, narrow=narrow, again=again)
        changes = with_lasting_witnesses(deconflict((*changes, *derived))[0], self.reading)
        conflicts = self._standing(shown, changes) if foreseen is None else foreseen
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
            skipped=(*self.reading.snapshot.skipped, *too_long(self.reading), *no_room, *left, *skipped),
            entries=count_of_entries(self.reading),
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
            conflicts, self.reading, after, settled=self.history.settled, since=self.history.first_seen
        )

    def sides(self, conflict_id: str) -> tuple[Entry, Entry] | None:
        """Return the two entries of an open conflict of the reading; None if there is none with this id."""
        for conflict in self.open_conflicts():
            if conflict.id == conflict_id:
                return entry_at(conflict.a, self.reading), entry_at(conflict.b, self.reading)
        return None

    def _base(self, changes: Sequence[Change]) -> dict[str, str]:
        touched = {edit.path for change in changes for edit in change.edits}
        touched |= {change.witness.place.file for change in changes if change.witness}
        return {
            path: self.reading.sources[path].sha256
            for path in sorted(touched)
            if path in self.reading.sources
        }


def _actionable(pairs: Iterable[JudgedPair]) -> list[JudgedPair]:
    nothing = Action.NONE  # looked up once: there are thousands of pairs, and nearly all have it
    return [
        pair
        for pair in pairs
        if (judgement := pair.judgement).action is not nothing or judgement.relation.merging
    ]
