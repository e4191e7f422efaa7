"""Transactions in the state database: intents before anything is written, history afterwards."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from kairos.model import Change, ChangeKind
from kairos.store.activity import what_holds
from kairos.store.chain import link
from kairos.store.codec import from_json, parse_time, to_json
from kairos.store.database import decoding_errors
from kairos.store.records import (
    ConflictStatus,
    FileRecord,
    Reached,
    Settlement,
    Transaction,
    TransactionKind,
    TransactionStatus,
    Undoing,
    Verdict,
)
from kairos.store.state import State


@dataclass(frozen=True, slots=True)
class Intent:
    """What a transaction is going to do; the fields are those of `Transaction`, and the conflict that it settles."""

    kind: TransactionKind
    at: datetime
    files: tuple[FileRecord, ...]
    changes: tuple[Change, ...] = ()
    undoes: tuple[Undoing, ...] = ()
    note: str = ""
    made: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    witnessed: Mapping[str, str] | None = None
    settles: Settlement | None = None


class Journal:
    """The transactions of all roots; a root is given by its real path."""

    def __init__(self, state: State) -> None:
        self._state = state

    def begin(self, root: str, intent: Intent) -> Transaction:
        """Record an intent durably; from here on, recovery finishes or rolls back the transaction after a crash."""
        root_id = self._state.remember_name(os.fsencode(root))
        with self._state.writing() as connection:
            number = cast(
                "int",
                connection.execute(
                    "INSERT INTO transactions (root, kind, status, at, note, made, cleared, witnessed) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        root_id,
                        intent.kind,
                        TransactionStatus.PENDING,
                        intent.at.isoformat(),
                        intent.note,
                        to_json(intent.made),
                        to_json(intent.cleared),
                        to_json(intent.witnessed or {}),
                    ),
                ).lastrowid,
            )
            _insert_parts(connection, number, intent)
            if intent.settles is not None:
                self._settle(root, intent.settles, intent.at, number)
        return self.get(number)

    def _settle(self, root: str, settles: Settlement, at: datetime, number: int) -> None:
        """Record how a conflict is settled, which holds once the transaction is committed."""
        state, conflict = self._state, settles.conflict
        state.set_conflict(root, conflict, ConflictStatus.OPEN, keep=settles.keep, transaction=number)
        if settles.keep is None:
            state.decide(root, conflict, Verdict.KEEP_BOTH, at=at, transaction=number)

    def commit(self, transaction: Transaction, reached: Mapping[str, Reached]) -> None:
        """Close a transaction; `reached` names the files that did not get their last version.

        The changes that it undoes are recorded as undone, so that the next dream does not repeat them; undoing an
        undo removes those records.
        """
        with self._state.writing() as connection:
            connection.execute(
                "UPDATE transactions SET status = ? WHERE id = ?",
                (TransactionStatus.COMMITTED, transaction.id),
            )
            connection.executemany(
                "UPDATE files SET reached = ? WHERE txn = ? AND path = ?",
                [(how, transaction.id, os.fsencode(path)) for path, how in reached.items()],
            )
            link(connection, transaction.id)
            _update_activity(connection, transaction)

    def roll_back(self, transaction: Transaction) -> None:
        """Close a transaction that left nothing behind."""
        with self._state.writing() as connection:
            connection.execute(
                "UPDATE transactions SET status = ? WHERE id = ?",
                (TransactionStatus.ROLLED_BACK, transaction.id),
            )
            connection.execute(
                "UPDATE conflicts SET keep = NULL, txn = NULL WHERE txn = ?", (transaction.id,)
            )
            connection.execute("DELETE FROM decisions WHERE txn = ?", (transaction.id,))
            link(connection, transaction.id)

    def get(self, number: int) -> Transaction:
        """One transaction by its number; raises KeyError."""
        found = self._select("transactions.id = ?", number)
        if not found:
            raise KeyError(number)
        return found[0]

    def pending(self, root: str) -> tuple[Transaction, ...]:
        """Transactions of a root that a crash interrupted, newest first."""
        return self._select("path = ? AND status = ?", os.fsencode(root), TransactionStatus.PENDING)

    def history(self, root: str, *, limit: int = -1) -> tuple[Transaction, ...]:
        """Committed transactions of a root, newest first; -1 means all."""
        return self._select(
            "path = ? AND status = ?", os.fsencode(root), TransactionStatus.COMMITTED, limit=limit
        )

    def _select(self, condition: str, *values: object, limit: int = -1) -> tuple[Transaction, ...]:
        rows = self._state.query(
            "SELECT transactions.id, path, kind, status, at, note, active, made, cleared, witnessed "  # noqa: S608
            f"FROM transactions JOIN roots ON roots.id = root WHERE {condition} "
            "ORDER BY transactions.id DESC LIMIT ?",
            *values,
            limit,
        )
        with decoding_errors():
            return tuple(self._transaction(*row) for row in rows)

    def _transaction(  # noqa: PLR0917 - the columns of the SELECT above
        self,
        number: int,
        root: bytes,
        kind: str,
        status: str,
        at: str,
        note: str,
        active: int,
        made: str,
        cleared: str,
        witnessed: str,
    ) -> Transaction:
        changes = self._state.query(
            "SELECT key, active, body FROM changes WHERE txn = ? ORDER BY position", number
        )
        undoes = self._state.query("SELECT target, key FROM undoings WHERE txn = ?", number)
        return Transaction(
            id=number,
            root=os.fsdecode(root),
            kind=TransactionKind(kind),
            status=TransactionStatus(status),
            at=parse_time(at),
            note=note,
            active=bool(active),
            files=self._files(number),
            changes=tuple(from_json(Change, body) for _, _, body in changes),
            undone_keys=frozenset(key for key, holds, _ in changes if not holds),
            undoes=tuple(Undoing(target, key) for target, key in undoes),
            made=from_json(tuple[str, ...], made),
            cleared=from_json(tuple[str, ...], cleared),
            witnessed=from_json(dict[str, str], witnessed),
        )

    def _files(self, number: int) -> tuple[FileRecord, ...]:
        return tuple(
            FileRecord(
                path=os.fsdecode(path),
                before=before,
                after=after,
                interim=interim,
                mode=mode,
                mtime_ns=mtime_ns,
                after_mtime_ns=after_mtime_ns,
                index=bool(is_index),
                requires=from_json(tuple[str, ...], requires),
                reached=Reached(reached),
                attributes=from_json(dict[str, bytes], attributes),
            )
            for (
                path,
                before,
                after,
                interim,
                mode,
                mtime_ns,
                after_mtime_ns,
                is_index,
                requires,
                reached,
                attributes,
            ) in self._state.query(
                "SELECT path, before, after, interim, mode, mtime_ns, after_mtime_ns, is_index, requires, "
                "reached, attributes FROM files WHERE txn = ? ORDER BY path",
                number,
            )
        )


def _insert_parts(connection: sqlite3.Connection, number: int, intent: Intent) -> None:
    connection.executemany(
        "INSERT INTO files (txn, path, before, after, interim, mode, mtime_ns, after_mtime_ns, is_index, "
        "requires, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                number,
                os.fsencode(file.path),
                file.before,
                file.after,
                file.interim,
                file.mode,
                file.mtime_ns,
                file.after_mtime_ns,
                file.index,
                to_json(file.requires),
                to_json(dict(file.attributes)),
            )
            for file in intent.files
        ],
    )
    connection.executemany(
        "INSERT INTO changes (txn, position, key, kind, body) VALUES (?, ?, ?, ?, ?)",
        [
            (number, position, change.key, change.kind, to_json(change))
            for position, change in enumerate(intent.changes)
        ],
    )
    connection.executemany(
        "INSERT INTO undoings (txn, target, key) VALUES (?, ?, ?)",
        [(number, undoing.target, undoing.key) for undoing in intent.undoes],
    )


def _update_activity(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Recompute what holds.

    Every change and every resolved conflict that `transaction` undid or brought back is recorded as such.
    """
    root = connection.execute("SELECT root FROM transactions WHERE id = ?", (transaction.id,)).fetchone()[0]
    committed: dict[int, list[Undoing]] = {}
    for number, target, key in connection.execute(
        "SELECT id, target, key FROM transactions LEFT JOIN undoings ON txn = id "
        "WHERE root = ? AND status = 'committed' ORDER BY id DESC",
        (root,),
    ):
        targets = committed.setdefault(number, [])
        if target is not None:
            targets.append(Undoing(target, key))
    holding, undone = what_holds(committed.items())
    connection.executemany(
        "UPDATE transactions SET active = ? WHERE id = ?",
        [(number in holding, number) for number in committed],
    )
    rows = connection.execute(
        "SELECT txn, position, key, changes.active FROM changes "
        "JOIN transactions ON transactions.id = txn WHERE root = ? AND status = 'committed'",
        (root,),
    ).fetchall()
    for number, position, key, active in rows:
        holds = number in holding and Undoing(number, key) not in undone
        if holds == bool(active):
            continue
        connection.execute(
            "UPDATE changes SET active = ? WHERE txn = ? AND position = ?", (holds, number, position)
        )
        if number != transaction.id:
            _record_undone(connection, root, key, transaction.at, undone=not holds)
    connection.execute(
        "UPDATE conflicts SET status = CASE WHEN (SELECT active FROM transactions WHERE id = conflicts.txn) "
        "AND NOT EXISTS (SELECT 1 FROM changes WHERE changes.txn = conflicts.txn AND kind = ? AND NOT active) "
        "THEN 'resolved' ELSE 'open' END WHERE root = ? AND txn IS NOT NULL AND status != 'settled'",
        (ChangeKind.RESOLVE, root),
    )


def _record_undone(
    connection: sqlite3.Connection, root: int, key: str, at: datetime, *, undone: bool
) -> None:
    if undone:
        connection.execute(
            "INSERT OR IGNORE INTO decisions (root, key, verdict, at) VALUES (?, ?, ?, ?)",
            (root, key, Verdict.UNDONE, at.isoformat()),
        )
    else:
        connection.execute(
            "DELETE FROM decisions WHERE root = ? AND key = ? AND verdict = ?", (root, key, Verdict.UNDONE)
        )


def paths_of(transactions: Iterable[Transaction]) -> tuple[str, ...]:
    """Every path that the transactions touch, sorted."""
    return tuple(sorted({file.path for transaction in transactions for file in transaction.files}))
