"""A store without a disk: a real implementation on dictionaries, for tests and as an oracle."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kairos.errors import NoSuchRootError
from kairos.model import Change, FileChange, Receipt, Skip
from kairos.store.digests import ABSENT, sha256
from kairos.store.journal import Intent, Journal, paths_of
from kairos.store.prepare import compare, record_of, undo_changes
from kairos.store.records import TransactionKind, Undoing
from kairos.store.state import State
from kairos.store.tree import NOTHING, Found
from kairos.store.undo import Past, compose
from kairos.store.undo_most import compose_most
from kairos.store.undo_targets import choose_targets


class MemoryStore:
    """Keeps the files of each root in `roots`; has no locks, crashes, modes or times."""

    def __init__(self) -> None:
        self.state = State.in_memory()
        self.journal = Journal(self.state)
        self.roots: dict[str, dict[str, bytes]] = {}
        self._kept: dict[str, bytes] = {}

    def close(self) -> None:
        """Close the state."""
        self.state.close()

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
        foreign_lock: Path | None = None,  # noqa: ARG002 - the same signature as on disk
        flocked: Collection[str] = (),  # noqa: ARG002 - same
    ) -> Receipt:
        """Carry out file changes as one transaction; see `Store.apply`."""
        files = self._files(root)
        found = compare(file_changes, base or {}, lambda path: _found(files, path))
        records = tuple(record_of(file, found[file.path], self._keep) for file in file_changes)
        whole = tuple(Undoing(number) for number in undoes)
        return self._carry_out(root, Intent(kind, at, records, tuple(changes), whole, note))

    def recover(
        self,
        root: Path,
        *,
        foreign_lock: Path | None = None,  # noqa: ARG002 - the same signature as on disk
        flocked: Collection[str] = (),  # noqa: ARG002 - same
    ) -> tuple[Skip, ...]:
        """Nothing to do: nothing crashes here."""
        self._files(root)
        return ()

    def undo(
        self,
        root: Path,
        *,
        at: datetime,
        transactions: Sequence[int] | None = None,
        change_key: str | None = None,
        all_: bool = False,
        foreign_lock: Path | None = None,  # noqa: ARG002 - the same signature as on disk
        flocked: Collection[str] = (),  # noqa: ARG002 - same
        sectioned: Collection[str] = (),
    ) -> Receipt:
        """Take back transactions, one change, or everything; see `Store.undo`."""
        files = self._files(root)
        past = Past(self.journal.history(os.path.realpath(root)), self._kept.__getitem__, {}, sectioned)
        targets = choose_targets(past.history, transactions=transactions, change_key=change_key, all_=all_)
        numbers = {target.target for target in targets}
        current = {
            path: files.get(path) for path in paths_of(item for item in past.history if item.id in numbers)
        }
        if all_:
            targets, restored = compose_most(past, targets, current)
        else:
            restored = compose(past, targets, current)
        records = tuple(
            record_of(file, _found(files, file.path), self._keep)
            for file in undo_changes(past, restored, current)
        )
        receipt = self._carry_out(root, Intent(TransactionKind.UNDO, at, records, undoes=targets))
        return replace(receipt, skipped=restored.skipped)

    def _carry_out(self, root: Path, intent: Intent) -> Receipt:
        files = self._files(root)
        transaction = self.journal.begin(os.path.realpath(root), intent)
        for file in transaction.files:
            if file.after == ABSENT:
                files.pop(file.path, None)
            else:
                files[file.path] = self._kept[file.after]
        self.journal.commit(transaction, {})
        return Receipt(
            transaction=transaction.id,
            written=tuple(file.path for file in transaction.files if file.after != ABSENT),
            removed=tuple(file.path for file in transaction.files if file.after == ABSENT),
        )

    def _files(self, root: Path) -> dict[str, bytes]:
        try:
            return self.roots[os.path.realpath(root)]
        except KeyError:
            raise NoSuchRootError(f"{root} does not exist.") from None

    def _keep(self, data: bytes) -> str:
        digest = sha256(data)
        self._kept[digest] = data
        return digest


def _found(files: Mapping[str, bytes], path: str) -> Found:
    data = files.get(path)
    return NOTHING if data is None else Found(sha256(data), data)
