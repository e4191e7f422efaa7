"""What is kept of a root between dreams, so that unchanged notes are neither parsed nor judged again."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from kairos.core.planning.guard import CachedGuard, GuardCache
from kairos.core.planning.merge import CachedMerge, MergeCache
from kairos.core.planning.scopes import NamesOf
from kairos.core.root.facts import FileFacts
from kairos.core.root.names import still_hold
from kairos.core.root.reading import Reading, path_of
from kairos.dream.kept_codec import FileVersion, Guarded, GuardKey, Merged, MergeKey, PairPosition
from kairos.dream.kept_verdicts import KeptVerdicts
from kairos.ml.append_file import FileState
from kairos.model import JudgedPair, Judgement, Snapshot


class MadeLater(Mapping[PairPosition, Judgement]):
    """Verdicts by position that `make` collects once somebody looks into them."""

    def __init__(self, make: Callable[[], Mapping[PairPosition, Judgement]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[PairPosition, Judgement]:
        return self._make()

    def __getitem__(self, position: PairPosition) -> Judgement:
        """Return the verdict on the pair in a position."""
        return self._made[position]

    def __iter__(self) -> Iterator[PairPosition]:
        """Iterate over the positions."""
        return iter(self._made)

    def __len__(self) -> int:
        """Return the number of verdicts."""
        return len(self._made)


@dataclass(frozen=True, slots=True)
class AppendPoint:
    """The file that something was read from, if new parts can be appended to it.

    `end` is its end as it was read, `first` the size in bytes of its first part, `since` that of all later ones.
    """

    end: FileState
    first: int
    since: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts of files, by path and sha256; the verdicts on pairs of their entries, what the places of such pairs
    allow, and their merges.

    A file that the plan changes is there twice, as it is before the plan and as it is after it. `reached` are those of
    the verdicts that earlier dreams had not reached; None if nobody knows.
    """

    facts: Mapping[FileVersion, FileFacts] = field(default_factory=dict)
    verdicts: Mapping[PairPosition, Judgement] = field(default_factory=dict)
    guards: Mapping[GuardKey, Guarded] = field(default_factory=dict)
    merges: Mapping[MergeKey, Merged] = field(default_factory=dict)
    reached: Mapping[PairPosition, Judgement] | None = field(default=None, compare=False, repr=False)

    def facts_of(self, snapshot: Snapshot) -> dict[str, FileFacts]:
        """Return the facts of those files of a snapshot that have not changed, by path."""
        names = ((source.path, source.sha256) for source in snapshot.sources)
        return {name[0]: self.facts[name] for name in names if name in self.facts}

    @property
    def persistable(self) -> Kept:
        """The part that may be written to disk: nothing of files that hold credentials."""
        return self.without({name for name, one in self.facts.items() if one.credentials})

    def without(self, names: Container[FileVersion]) -> Kept:
        """Return this without the facts of some files, and without what was found out about their entries."""
        facts = {name: one for name, one in self.facts.items() if name not in names}
        left_out = {name[1] for name in self.facts if name not in facts}
        if not left_out:
            return self

        def only(verdicts: Mapping[PairPosition, Judgement]) -> dict[PairPosition, Judgement]:
            return {
                position: verdict
                for position, verdict in verdicts.items()
                if position.file_a not in left_out and position.file_b not in left_out
            }

        guards = {
            key: guarded
            for key, guarded in self.guards.items()
            if key.file_a not in left_out and key.file_b not in left_out
        }
        merges = {
            key: merged
            for key, merged in self.merges.items()
            if key.file_kept not in left_out and key.file_dropped not in left_out
        }
        reached = None if self.reached is None else only(self.reached)
        return Kept(facts, only(self.verdicts), guards, merges, reached=reached)

    def with_guards(self, guards: GuardCache) -> Kept:
        """Return this with those of a planner's lowered judgements whose notes it has."""
        file_of = {id(facts.note): name[1] for name, facts in self.facts.items()}
        found: dict[GuardKey, Guarded] = {}
        for ids, cached in guards.items():
            judgement, *notes, is_common = cached.given
            file_a, file_b = (file_of.get(id(note)) for note in notes)
            if file_a is not None and file_b is not None:
                guarded = Guarded(judgement, is_common, cached.names, cached.pair.judgement)
                found[GuardKey(*ids, file_a, file_b)] = guarded
        return replace(self, guards=found)

    def with_merges(self, merges: MergeCache) -> Kept:
        """Return this with those of a planner's merges whose files it has facts of."""
        found = {
            MergeKey(*names, *cached.files): Merged(cached.pair, cached.change)
            for names, cached in merges.items()
            if all(file in self.facts for file in zip(map(path_of, names), cached.files, strict=True))
        }
        return replace(self, merges=found)

    def guards_of(self, reading: Reading) -> GuardCache:
        """Return the kept lowered judgements that still hold in a reading: its words give the same names, and both
        files have the very facts kept here, as in `merges_of`.
        """
        known, found = NamesOf(reading), GuardCache()
        for key, (judgement, is_common, names, lowered) in self.guards.items():
            facts = self._same_facts((key.a, key.b), (key.file_a, key.file_b), reading)
            if facts is not None and still_hold(names, known):
                given = judgement, facts[0].note, facts[1].note, is_common
                usage = known.usage if names else None
                found[key.a, key.b] = CachedGuard(given, names, usage, JudgedPair(key.a, key.b, lowered))
        return found

    def merges_of(self, reading: Reading) -> MergeCache:
        """Return the kept merges that still hold in a reading: those whose two files have the very facts kept here.

        Facts that were rebuilt, for example because the time of a file changed, do not count.
        """
        found: MergeCache = {}
        for key, (pair, change) in self.merges.items():
            files = key.file_kept, key.file_dropped
            facts = self._same_facts((key.kept, key.dropped), files, reading)
            if facts is not None:
                kept, dropped = reading.entries[key.kept], reading.entries[key.dropped]
                notes = facts[0].note, facts[1].note
                found[kept.id, dropped.id] = CachedMerge(kept, dropped, notes, files, pair, change)
        return found

    def _same_facts(
        self, ids: tuple[str, str], files: tuple[str, str], reading: Reading
    ) -> tuple[FileFacts, FileFacts] | None:
        """Return the facts of the files of two entries, if they are the very facts kept here of these versions."""
        one, other = (
            reading.facts[entry.path] if (entry := reading.entries.get(id_)) is not None else None
            for id_ in ids
        )
        if one is None or other is None:
            return None
        same = all(
            self.facts.get((facts.source.path, file)) is facts
            for facts, file in zip((one, other), files, strict=True)
        )
        return (one, other) if same else None


@dataclass(frozen=True, slots=True)
class Known(Kept):
    """What earlier dreams kept, as it was read; `append_point` is the file, if more can be appended there."""

    verdicts: KeptVerdicts = field(default_factory=KeptVerdicts)
    append_point: AppendPoint | None = field(default=None, compare=False, repr=False)
