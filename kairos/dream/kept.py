"""What was found out about a root, kept between dreams: what stays as it is is neither parsed nor judged again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from kairos.core.planning.merge import Made, Merges
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading, path_of
from kairos.dream.written import Between, Merged, Name, Where
from kairos.ml.grown import End
from kairos.model import Judgement, Snapshot


@dataclass(frozen=True, slots=True)
class Grounds:
    """The file that something was read from, to which what is new can be appended: where, and how many bytes its first
    part and those behind it have."""

    end: End
    first: int
    since: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts of files, by their paths in the root and their sha256, the verdicts on pairs of their entries, and the
    merges that were made of some.

    Of a file that a plan changes, there are those before and those after it. `grounds` are where it was read, if more
    can be written there.
    """

    facts: Mapping[Name, FileFacts] = field(default_factory=dict)
    verdicts: Mapping[Where, Judgement] = field(default_factory=dict)
    merges: Mapping[Between, Merged] = field(default_factory=dict)
    grounds: Grounds | None = field(default=None, compare=False, repr=False)

    def facts_of(self, snapshot: Snapshot) -> dict[str, FileFacts]:
        """Return the facts of those files of a snapshot that are as they were, by path."""
        names = ((source.path, source.sha256) for source in snapshot.sources)
        return {name[0]: self.facts[name] for name in names if name in self.facts}

    @property
    def lasting(self) -> Kept:
        """What of it may be written down: nothing of files that hold credentials."""
        return self.without({name for name, one in self.facts.items() if one.credentials})

    def without(self, names: Container[Name]) -> Kept:
        """Return all but the facts of some files, and the verdicts on their entries."""
        facts = {name: one for name, one in self.facts.items() if name not in names}
        left_out = {name[1] for name in self.facts if name not in facts}
        if not left_out:
            return self
        verdicts = {
            where: verdict
            for where, verdict in self.verdicts.items()
            if where.file_a not in left_out and where.file_b not in left_out
        }
        merges = {
            between: merged
            for between, merged in self.merges.items()
            if between.file_kept not in left_out and between.file_dropped not in left_out
        }
        return Kept(facts, verdicts, merges)

    def with_merges(self, merges: Merges) -> Kept:
        """Return the same with the merges that were made of entries of these files."""
        found = {
            Between(*names, *made.files): Merged(made.pair, made.change)
            for names, made in merges.items()
            if all(file in self.facts for file in zip(map(path_of, names), made.files, strict=True))
        }
        return replace(self, merges=found)

    def merges_of(self, reading: Reading) -> Merges:
        """Return the merges of those entries of a reading whose files have the facts that they had.

        Facts that were told anew, as where only the time of a file changed, do not count.
        """
        found: Merges = {}
        for between, (pair, change) in self.merges.items():
            kept, dropped = reading.entries.get(between.kept), reading.entries.get(between.dropped)
            if kept is not None and dropped is not None:
                files = between.file_kept, between.file_dropped
                facts = reading.facts[kept.path], reading.facts[dropped.path]
                if all(
                    self.facts.get((one.source.path, file)) is one
                    for one, file in zip(facts, files, strict=True)
                ):
                    notes = facts[0].note, facts[1].note
                    found[kept.id, dropped.id] = Made(kept, dropped, notes, files, pair, change)
        return found
