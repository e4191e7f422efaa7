"""The store: applies, recovers and undoes transactions on roots, one at a time per root."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kairos.errors import KairosError
from kairos.model import Change, FileChange, Receipt, Skip
from kairos.store.apply import Run
from kairos.store.digests import ABSENT, IRREGULAR
from kairos.store.disk import DISK, Disk
from kairos.store.flocks import holding_flocks
from kairos.store.interruption import INTERRUPTION
from kairos.store.journal import Intent, Journal, paths_of
from kairos.store.lock import RootLock
from kairos.store.moved import Move, MoveResult, carry_over, plan_move
from kairos.store.objects import Objects
from kairos.store.prepare import compare, made_by, record_of, undo_changes, with_original_metadata
from kairos.store.queries import dreams_by_transaction
from kairos.store.records import FileRecord, Settlement, TransactionKind, Undoing
from kairos.store.retention import collected
from kairos.store.state import State
from kairos.store.sweep import sweep
from kairos.store.tree import Found, Tree
from kairos.store.undo import Past, compose
from kairos.store.undo_most import compose_most
from kairos.store.undo_targets import blocked_paths, choose_targets, within_reach


class Store:
    """Everything that Kairos keeps in its state directory, and the only way it writes to roots."""

    def __init__(self, state_dir: Path, disk: Disk = DISK) -> None:
        self._directory = state_dir
        self._disk = disk
        self.state = State.open(state_dir, disk)
        self.journal = Journal(self.state)
        self.objects = Objects(state_dir / "objects", disk)

    def close(self) -> None:
        """Close the state database."""
        self.state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def apply(
        self,
        root: Path,
        file_changes: Sequence[FileChange],
        *,
        kind: TransactionKind,
        at: datetime,
        changes: Sequence[Change] = (),
        base: Mapping[str, str] | None = None,
        undoes: Sequence[int] = (),
        note: str = "",
        settles: Settlement | None = None,
        foreign_lock: Path | None = None,
        flocked: Collection[str] = (),
    ) -> Receipt:
        """Carry out file changes as one transaction.

        `foreign_lock` is the agent's lock on the root; the files `flocked` are written only under a lock of their own.
        The conflict that it `settles`, if any, is resolved with it. `base` maps paths, whether changed or only relied
        on, to the sha256 that the plan was made from. Raises LockedError, and ChangedError with nothing written if a
        file differs. If somebody else interferes before anything is taken away (ChangedError), or the disk refuses
        (StorageError), everything is put back.
        """
        with self._locked(root, foreign_lock) as tree, self._recovered(tree, flocked) as left:
            found = compare(file_changes, base or {}, tree.read)
            changed = {file.path for file in file_changes}
            intent = Intent(
                kind=kind,
                at=at,
                files=tuple(self._record(tree, file, found[file.path]) for file in file_changes),
                changes=tuple(changes),
                undoes=tuple(Undoing(number) for number in undoes),
                note=note,
                settles=settles,
                witnessed={path: item.sha256 for path, item in found.items() if path not in changed},
            )
            return _with_skips(self._carry_out(tree, intent, flocked), left)

    def recover(
        self, root: Path, *, foreign_lock: Path | None = None, flocked: Collection[str] = ()
    ) -> tuple[Skip, ...]:
        """Finish or roll back what a crash interrupted; returns what had to be left alone."""
        with self._locked(root, foreign_lock) as tree:
            return self._recover(tree, flocked)

    def undo(
        self,
        root: Path,
        *,
        at: datetime,
        transactions: Sequence[int] | None = None,
        change_key: str | None = None,
        all_: bool = False,
        foreign_lock: Path | None = None,
        flocked: Collection[str] = (),
        sectioned: Collection[str] = (),
    ) -> Receipt:
        """Take back transactions, one change, or everything that still holds; itself a transaction.

        In the files `sectioned`, lines of `§` separate the entries. Raises UsageError if there is nothing to undo,
        OriginalsGoneError if the originals it needs are no longer kept, and UndoConflictError, with nothing written, if
        it clashes with later edits. An undo of everything leaves the changes that clash as they are, and the receipt
        says so.
        """
        with self._locked(root, foreign_lock) as tree, self._recovered(tree, flocked) as left:
            dreams = dreams_by_transaction(self.state)
            past = Past(self.journal.history(tree.name), self.objects.get, dreams, sectioned)
            targets = choose_targets(
                past.history, transactions=transactions, change_key=change_key, all_=all_
            )
            targets, lost = within_reach(past, targets, collected(self.state), all_=all_)
            numbers = {target.target for target in targets}
            touched = paths_of(item for item in past.history if item.id in numbers)
            found = {path: tree.read(path) for path in touched}
            blocked = blocked_paths(past, targets, found)
            found = {path: item for path, item in found.items() if item.sha256 != IRREGULAR}
            current = {path: None if item.sha256 == ABSENT else item.data for path, item in found.items()}
            if all_:
                targets, restored = compose_most(past, targets, current)
            else:
                restored = compose(past, targets, current)
            intent = Intent(
                kind=TransactionKind.UNDO,
                at=at,
                files=tuple(
                    with_original_metadata(self._record(tree, file, found[file.path]), past)
                    for file in undo_changes(past, restored, current)
                ),
                undoes=targets,
                cleared=made_by(past, tuple(target.target for target in targets)),
            )
            receipt = self._carry_out(tree, intent, flocked)
            return _with_skips(receipt, (*restored.skipped, *blocked, *lost, *left))

    def move(
        self,
        before: str,
        after: Path,
        *,
        at: datetime,
        foreign_lock: Path | None = None,
        flocked: Collection[str] = (),
    ) -> tuple[Move, MoveResult]:
        """Carry everything known about a root that is gone over to the directory it was moved to.

        What a crash interrupted is recovered there first. Raises LockedError and whatever `plan_move` raises, with
        nothing recorded.
        """
        with INTERRUPTION.held_back(), closing(Tree(after, self._disk)) as tree:
            there = tree.known_as(before)
            # The old name first: after a crash, the note on how the agent's lock was is filed under it.
            with self._lock(there, after, None), self._lock(tree, after, foreign_lock), self.objects.shared():
                move = plan_move(self.state, before, tree)
                with self._recovered(there, flocked) as left:
                    return move, carry_over(self.state, move, at, left)

    def _record(self, tree: Tree, file: FileChange, found: Found) -> FileRecord:
        """The journal's record of a file change.

        For a removed file it includes the extended attributes, so that an undo restores them too.
        """
        record = record_of(file, found, self.objects.put)
        return replace(record, attributes=tree.attributes(file.path)) if file.after is None else record

    def _carry_out(self, tree: Tree, intent: Intent, flocked: Collection[str]) -> Receipt:
        made = tree.missing_directories(file.path for file in intent.files if file.after != ABSENT)
        with holding_flocks(tree, {file.path for file in intent.files}.intersection(flocked)):
            transaction = self.journal.begin(tree.name, replace(intent, made=made))
            return Run(tree, self.objects, self.journal, transaction).apply()

    def _recover(self, tree: Tree, flocked: Collection[str]) -> tuple[Skip, ...]:
        pending = self.journal.pending(tree.name)
        paths = paths_of(pending)
        with holding_flocks(tree, set(paths).intersection(flocked)):
            # Sweep first: a directory that has to be removed again must not hold a temporary file.
            found = sweep(tree, self.objects, paths)
            runs = (Run(tree, self.objects, self.journal, transaction) for transaction in pending)
            return (*found, *(skip for run in runs for skip in run.recover()))

    @contextmanager
    def _recovered(self, tree: Tree, flocked: Collection[str]) -> Iterator[tuple[Skip, ...]]:
        """Recover before the block, which reports what had to be left alone; if it fails, its error does."""
        left = self._recover(tree, flocked)
        with adding_recovery_notes(left):
            yield left

    @contextmanager
    def _locked(self, root: Path, foreign_lock: Path | None) -> Iterator[Tree]:
        with INTERRUPTION.held_back():
            tree = Tree(root, self._disk)
            try:
                with self._lock(tree, root, foreign_lock), self.objects.shared():
                    yield tree
            finally:
                tree.close()

    def _lock(self, tree: Tree, root: Path, foreign_lock: Path | None) -> RootLock:
        foreign = None if foreign_lock is None else str(foreign_lock.relative_to(root))
        return RootLock(self._directory / "locks", tree, foreign=foreign, disk=self._disk)


@contextmanager
def adding_recovery_notes(left: Sequence[Skip]) -> Iterator[None]:
    """Add to the advice of an error raised in the block what recovery had to leave alone: no report will say it."""
    try:
        yield
    except KairosError as error:
        error.advice = " ".join(filter(None, (error.advice, *map(_sentence, left))))
        raise


def _with_skips(receipt: Receipt, more: Sequence[Skip]) -> Receipt:
    return replace(receipt, skipped=(*receipt.skipped, *more))


def _sentence(skip: Skip) -> str:
    return f"What a crash left: {skip.what}: {skip.why} {skip.advice}".rstrip()
