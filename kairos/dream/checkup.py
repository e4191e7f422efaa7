"""Checks a root without changing it: for broken pointers, unreachable notes, and an index that is over its budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kairos.config import Config
from kairos.core.change.aftermath import aftermath
from kairos.core.change.taken_back import TakenBack
from kairos.core.index.budget import fits, size
from kairos.core.index.index_skip import Fault, IndexSkip, about_fault, about_note
from kairos.core.index.linker import Linker, most_broken
from kairos.core.index.pointer_lines import disputed
from kairos.core.markdown.render import splices_of
from kairos.core.markdown.spans import overlapping
from kairos.core.planning.plan import History
from kairos.core.root.entry_count import count_of_entries
from kairos.core.root.pointers import Pointer
from kairos.core.root.reading import Reading
from kairos.dream.root_layout import snapshot_of
from kairos.errors import KairosError
from kairos.layouts import Layout
from kairos.model import Change, Conflict, IndexSize, Skip
from kairos.report.phrases import shell_path
from kairos.store.check import Flaw


@dataclass(frozen=True)
class Upkeep:
    """What the next dream would do about a root's index, and why it would leave the rest alone."""

    reading: Reading
    layout: Layout
    config: Config
    history: History
    conflicts: Sequence[Conflict]

    @property
    def budget(self) -> IndexSize:
        """How much of the index the agent loads, if that is limited."""
        return self.layout.budget(IndexSize(self.config.index.lines, self.config.index.bytes))

    @cached_property
    def linker(self) -> Linker:
        """The linker of the root, set up as the next dream would have it."""
        return Linker(
            self.reading,
            self.budget,
            self.config.index.add_missing and self.layout.indexes_notes,
            most_broken(count_of_entries(self.reading), self.config.limits.max_removed_fraction),
            TakenBack.of(self.history.upkeep, self.history.refused),
            self.config.conflicts_note,
            disputed(self.conflicts),
        )

    @cached_property
    def _plan(self) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
        return self.linker.derived((), self.conflicts, narrow=False)

    @cached_property
    def _reading_after(self) -> Reading:
        return aftermath(self._plan[0], self.reading, self.layout.role_of, 0).reading

    @cached_property
    def _unreachable(self) -> frozenset[str]:
        return frozenset(Linker(self._reading_after).unreachable())

    def for_pointer(self, pointer: Pointer) -> str:
        """Return how to repair a broken pointer."""
        entry = pointer.entry
        edits = sorted(splices_of(self._plan[0], entry.path), key=lambda edit: edit.span)
        if any(entry.span.start < edit.span.end for edit in overlapping(edits, entry.span)):
            return self._dream_command
        lines = (skip for skip in self._skips if skip.what == f"{entry.path}:{entry.line}")
        too_many = about_fault(Fault.BROKEN_POINTERS, entry.path, self._skips)
        return self._advice((*lines, *too_many), "Fix it by hand.")

    def for_lonely(self, path: str) -> str:
        """Return how to make an unreachable note reachable."""
        if path not in self._unreachable:
            return self._dream_command
        if not self.config.index.add_missing:
            return "Add a pointer to it, or set `index.add_missing`, which is off."
        said = (f"{skip.what}: {skip.why} {skip.advice}" for skip in self._about_index(Fault.NO_POINTER))
        return self._advice(about_note(path, self._skips), next(said, self._dream_command))

    def for_size(self) -> str:
        """Return how to bring the index back within its budget."""
        index = self._reading_after.index
        if index is None or fits(size(index.data), self.budget):
            return self._dream_command
        return self._advice(self._about_index(Fault.TOO_LARGE), self._dream_command)

    def _about_index(self, fault: Fault) -> tuple[IndexSkip, ...]:
        index = self.reading.index
        return about_fault(fault, index.path, self._skips) if index else ()

    @staticmethod
    def _advice(skips: Iterable[Skip], otherwise: str) -> str:
        """Return the first advice among some skips, after what was turned down before if that is what it is about."""
        said = (f"{skip.what}: {skip.why} {skip.advice}" if skip.key else skip.advice for skip in skips)
        return next(filter(None, said), otherwise)

    @property
    def _skips(self) -> tuple[Skip, ...]:
        return self._plan[1]

    @property
    def _dream_command(self) -> str:
        return f"kairos dream {shell_path(self.reading.snapshot.root, '')}"


def root_flaws(
    root: Path,
    layout: Layout,
    config: Config,
    history: History = History(),  # noqa: B008 - frozen
    conflicts: Sequence[Conflict] = (),
) -> Iterator[Flaw]:
    """Yield the flaws in a root's notes, each with what to do; none is serious, since none is in Kairos' own files.

    `history` and the open `conflicts` determine what the next dream would repair by itself.
    """
    try:
        snapshot = snapshot_of(root, layout, config)
    except KairosError as error:
        yield Flaw("root", error.what, error.advice, serious=False)
        return
    for skip in snapshot.skipped:
        yield Flaw("root", f"{skip.what}: {skip.why}", skip.advice, serious=False)
    upkeep = Upkeep(Reading.of(snapshot), layout, config, history, conflicts)
    yield from _budget_flaws(upkeep)
    for path, found in upkeep.linker.pointers.items():
        for pointer in found:
            yield from _pointer_flaws(path, pointer, upkeep)
    if layout.indexes_notes and upkeep.reading.index is not None:
        for path in upkeep.linker.unreachable():
            yield Flaw("index", f"Nothing leads to {path}.", upkeep.for_lonely(path), serious=False)


def _pointer_flaws(path: str, pointer: Pointer, upkeep: Upkeep) -> Iterator[Flaw]:
    where = f"{path}:{pointer.entry.line}"
    for link, target in zip(pointer.links, pointer.targets, strict=True):
        if target is None:
            what = f"{where} leads to {link.target}, which does not exist."
            yield Flaw("index", what, upkeep.for_pointer(pointer), serious=False)
        elif not target:
            what = f"{where} leads out of the directory, to {link.target}."
            mend = "It is never followed; remove it if you do not want it."
            yield Flaw("index", what, mend, serious=False)


def _budget_flaws(upkeep: Upkeep) -> Iterator[Flaw]:
    index, budget = upkeep.reading.index, upkeep.budget
    if index is None or fits(now := size(index.data), budget):
        return
    what = (
        f"{index.path} has {now.lines:,} lines and {now.bytes:,} bytes; "
        f"the agent loads {budget.lines:,} and {budget.bytes:,}."
    )
    yield Flaw("index", what, upkeep.for_size(), serious=False)
