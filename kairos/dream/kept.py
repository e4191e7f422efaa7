"""What is kept of a root between dreams, so that unchanged notes are neither parsed nor judged again."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from kairos.core.planning.merge import CachedMerge, MergeCache
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading, path_of
from kairos.dream.kept_codec import FileVersion, Merged, MergeKey, PairPosition
from kairos.dream.kept_verdicts import KeptVerdicts
from kairos.ml.append_file import FileState
from kairos.model import Judgement, Snapshot


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
    """The facts of files, by path and sha256, the verdicts on pairs of their entries, and the merges of such pairs.

    A file that the plan changes is there twice, as it is before the plan and as it is after it. `reached` are those of
    the verdicts that earlier dreams had not reached; None if nobody knows.
    """

    facts: Mapping[FileVersion, FileFacts] = field(default_factory=dict)
    verdicts: Mapping[PairPosition, Judgement] = field(default_factory=dict)
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
        """Return this without the facts of some files, and without the verdicts on and merges of their entries."""
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

        merges = {
            key: merged
            for key, merged in self.merges.items()
            if key.file_kept not in left_out and key.file_dropped not in left_out
        }
        reached = None if self.reached is None else only(self.reached)
        return Kept(facts, only(self.verdicts), merges, reached=reached)

    def with_merges(self, merges: MergeCache) -> Kept:
        """Return this with those of a planner's merges whose files it has facts of."""
        found = {
            MergeKey(*names, *cached.files): Merged(cached.pair, cached.change)
            for names, cached in merges.items()
            if all(file in self.facts for file in zip(map(path_of, names), cached.files, strict=True))
        }
        return replace(self, merges=found)

    def merges_of(self, reading: Reading) -> MergeCache:
        """Return the kept merges that still hold in a reading: those whose two files have the very facts kept here.

        Facts that were rebuilt, for example because the time of a file changed, do not count.
        """
        found: MergeCache = {}
        for key, (pair, change) in self.merges.items():
            kept, dropped = reading.entries.get(key.kept), reading.entries.get(key.dropped)
            if kept is not None and dropped is not None:
                files = key.file_kept, key.file_dropped
                facts = reading.facts[kept.path], reading.facts[dropped.path]
                if all(
                    self.facts.get((one.source.path, file)) is one
                    for one, file in zip(facts, files, strict=True)
                ):
                    notes = facts[0].note, facts[1].note
                    found[kept.id, dropped.id] = CachedMerge(kept, dropped, notes, files, pair, change)
        return found


@dataclass(frozen=True, slots=True)
class Known(Kept):
    """What earlier dreams kept, as it was read; `append_point` is the file, if more can be appended there."""

    verdicts: KeptVerdicts = field(default_factory=KeptVerdicts)
    append_point: AppendPoint | None = field(default=None, compare=False, repr=False)
