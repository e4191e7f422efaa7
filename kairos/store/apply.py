"""The stages of a transaction on disk: add, rewrite the index, take away.

Between any two system calls a root holds everything it held before, perhaps twice. Every step looks at what is on
disk now, so the same steps serve a first run and a recovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from kairos.errors import ChangedError, KairosError, StorageError
from kairos.model import Receipt, Skip
from kairos.store.digests import ABSENT
from kairos.store.journal import Journal
from kairos.store.objects import Objects
from kairos.store.records import FileRecord, Reached, Transaction, TransactionKind
from kairos.store.tree import Tree

_ADVICE = "Their version was not touched; the next dream looks at it again."


@dataclass(frozen=True, slots=True)
class Left:
    """A file that keeps what it has, because somebody else changed `obstacle`.

    `reached` is the version that the transaction had left in it by then.
    """

    file: FileRecord
    obstacle: str
    reached: Reached

    def as_skip(self) -> Skip:
        """The report's entry for it."""
        if self.obstacle == self.file.path:
            return Skip(
                self.file.path,
                "Somebody else changed it in the meantime, or is writing it; it was left alone.",
                _ADVICE,
            )
        reason = (
            f"It was left alone, because it relies on {self.obstacle}, which was changed in the meantime."
        )
        return Skip(self.file.path, reason, _ADVICE)


@dataclass(frozen=True, slots=True)
class Stages:
    """The files of a transaction by stage; one file can be in several stages."""

    add: tuple[FileRecord, ...]
    index: tuple[FileRecord, ...]
    take: tuple[FileRecord, ...]

    @classmethod
    def of(cls, transaction: Transaction) -> Stages:
        """Sort files into stages: creations come before other additions, final versions before removals."""
        files = transaction.files
        unfinished = [file for file in files if file.first != file.after]
        return cls(
            add=tuple(
                sorted(
                    (file for file in files if file.first is not None), key=lambda file: file.before != ABSENT
                )
            ),
            index=tuple(file for file in unfinished if file.index),
            take=tuple(
                sorted((file for file in unfinished if not file.index), key=lambda file: file.after == ABSENT)
            ),
        )


class Run:
    """One transaction, carried out on one tree."""

    def __init__(self, tree: Tree, objects: Objects, journal: Journal, transaction: Transaction) -> None:
        self._tree = tree
        self._objects = objects
        self._journal = journal
        self._transaction = transaction
        self._files = {file.path: file for file in transaction.files}
        self._stages = Stages.of(transaction)
        self._written: dict[str, str] = {}
        self._resumed = False

    def apply(self) -> Receipt:
        """Carry out a new transaction.

        Until something is taken away, any exception rolls everything back and is raised. From then on the way is
        forward: a file that somebody else changed is left alone and reported. Only a fault that persists at a second
        attempt rolls the transaction back.
        """
        try:
            self._add()
        except BaseException as error:
            self._roll_back_after(error)
            raise
        with suppress(KairosError):
            return self._take_away(())
        try:  # the fault may be temporary
            return self._take_away(())
        except KairosError as error:
            self._roll_back_after(error)
            raise

    def _roll_back_after(self, error: BaseException) -> None:
        """Roll back, and let a storage fault say so; if this fails as well, the next recovery does it."""
        with suppress(KairosError):
            left = self.roll_back()
            if isinstance(error, StorageError) and not left:
                error.advice = f"Everything was restored. {error.advice}".rstrip()

    def recover(self) -> tuple[Skip, ...]:
        """Finish a transaction that a crash interrupted, or roll it back; returns what was left alone."""
        self._resumed = True
        additions_stand = all(self._sha(file.path) in {file.first, file.after} for file in self._stages.add)
        index_is_ours = all(self._sha(file.path) in file.versions for file in self._stages.index)
        if additions_stand and index_is_ours:
            with suppress(KairosError):  # what cannot be finished may still be rolled back
                return self._take_away(self._advance(self._stages.index)).skipped
        return self.roll_back()

    def roll_back(self) -> tuple[Skip, ...]:
        """Go back through the stages wherever the bytes are still ours, and close the transaction.

        Where somebody else changed a file that the transaction may have written, it is closed as committed with just
        these files, so that what it took out of them can still be brought back. An undo is closed as rolled back all
        the same: what it took out is kept by the transactions that it undid.
        """
        taken = (*reversed(self._stages.take), *self._stages.index)
        steps = [
            *((file, file.before if file.first is None else file.first) for file in taken),
            *((file, file.before) for file in reversed(self._stages.add)),
        ]
        theirs = {}
        for file, version in steps:
            if self._sha(file.path) == file.before:
                continue
            try:
                self._write_version(file, version)
            except ChangedError:
                theirs[file.path] = self._left(file, file.path)
        self._tree.drop_empty(self._transaction.made)
        reached = {path: left.reached for path, left in theirs.items() if left.reached is not Reached.BEFORE}
        if reached and self._transaction.kind is not TransactionKind.UNDO:
            self._journal.commit(self._transaction, {**dict.fromkeys(self._files, Reached.BEFORE), **reached})
        else:
            self._journal.roll_back(self._transaction)
        return tuple(left.as_skip() for left in theirs.values())

    def _add(self) -> None:
        """Stages one and two. Raises ChangedError if somebody else changed a file meanwhile."""
        left = self._advance(self._stages.add, first=True) or self._advance(self._stages.index)
        if left:
            names = sorted({item.obstacle for item in left})
            raise ChangedError(
                f"Changed by somebody else, or open for writing, while Kairos was at work: {', '.join(names)}.",
                tuple(names),
                "Everything was restored; dream again.",
            )

    def _take_away(self, left: Iterable[Left]) -> Receipt:
        """Stage three, and the commit; `left` are the files that stage two left alone."""
        kept = [*left, *self._advance(self._stages.take)]
        self._tree.drop_empty(self._transaction.cleared)
        reached = {item.file.path: item.reached for item in kept}
        self._journal.commit(self._transaction, reached)
        done = [file for file in self._transaction.files if reached.get(file.path) is not Reached.BEFORE]
        removed = {
            file.path
            for file in done
            if file.after == ABSENT and reached.get(file.path) is not Reached.INTERIM
        }
        return Receipt(
            transaction=self._transaction.id,
            written=tuple(file.path for file in done if file.path not in removed),
            removed=tuple(sorted(removed)),
            skipped=tuple(item.as_skip() for item in kept),
        )

    def _advance(self, files: Iterable[FileRecord], *, first: bool = False) -> list[Left]:
        """Bring files to their first or last version, except where somebody else interfered.

        Returns the files that were left alone.
        """
        left = []
        for file in files:
            obstacle = None if first else self._obstacle(file)
            if obstacle is None:
                try:
                    self._write_version(file, file.first if first and file.first is not None else file.after)
                except ChangedError:
                    obstacle = file.path
            if obstacle is not None:
                left.append(self._left(file, obstacle))
        return left

    def _left(self, file: FileRecord, obstacle: str) -> Left:
        """Describe a file that is left alone, and what the transaction had left in it.

        Once others have changed a file, that is only known of what this run did itself. A run before a crash may have
        written every version, and they may have edited the last one: so after a crash the file is taken to have
        reached its last version. If it had not, an undo finds that what it would bring back is already there.
        """
        found = self._sha(file.path)
        if found not in file.versions:
            written = self._written.get(file.path, file.before)
            found = file.after if self._resumed else written
        if found == file.after:
            return Left(file, obstacle, Reached.AFTER)
        return Left(file, obstacle, Reached.INTERIM if found == file.first else Reached.BEFORE)

    def _obstacle(self, file: FileRecord) -> str | None:
        """The first file this one relies on that no longer says what the plan counted on; None if there is none."""
        for path in file.requires:
            other = self._files.get(path)
            if other is None:
                good = {(self._transaction.witnessed or {}).get(path)}
            else:
                good = {other.before if other.first is None else other.first, other.after}
            if self._sha(path) not in good:
                return path
        return None

    def _write_version(self, file: FileRecord, version: str) -> None:
        """Give a file one of its versions, if it has another of them now.

        Raises ChangedError if it has bytes that the transaction does not know.
        """
        found = self._sha(file.path)
        if found == version:
            return
        if found not in file.versions:
            raise ChangedError(f"{file.path} was changed by somebody else.", (file.path,), _ADVICE)
        if version == ABSENT:
            self._tree.remove(file.path, expected=found)
            self._written[file.path] = version
            return
        mtime_ns = (
            file.mtime_ns
            if version == file.before
            else file.after_mtime_ns
            if version == file.after
            else None
        )
        self._tree.write(
            file.path,
            self._objects.get(version),
            expected=found,
            mode=file.mode,
            mtime_ns=mtime_ns,
            attributes=file.attributes,
        )
        self._written[file.path] = version

    def _sha(self, path: str) -> str:
        return self._tree.read(path).sha256
