"""What Kairos knows about its roots from one dream to the next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from kairos.model import Change, Conflict, Considered, Side, Skip
from kairos.store.codec import each_to_json, from_json, parse_time, to_json
from kairos.store.database import Database, decoding_errors, open_database, open_existing, open_in_memory
from kairos.store.disk import DISK, Disk
from kairos.store.packing import packed
from kairos.store.records import (
    ConflictRecord,
    ConflictStatus,
    Dream,
    Proposal,
    ProposalStatus,
    Verdict,
)


class State(Database):
    """Roots, and for each its dreams, conflicts, proposals and what a person decided.

    A root is given as a `Path`, or as a `str` that is its real path.
    """

    @classmethod
    def open(cls, directory: Path, disk: Disk = DISK) -> State:
        """Open or create the state in a directory."""
        connection, notices = open_database(directory, disk)
        return cls(connection, notices, disk)

    @classmethod
    def open_existing(cls, directory: Path) -> State:
        """Open an existing state without checking, repairing or creating it; raises StateError."""
        return cls(open_existing(directory))

    @classmethod
    def in_memory(cls) -> State:
        """A state that is kept in memory only."""
        return cls(open_in_memory())

    def root_id(self, root: Path | str) -> int | None:
        """Number of a root; None if it was never seen."""
        rows = self.query("SELECT id FROM roots WHERE path = ?", root_name(root))
        return rows[0][0] if rows else None

    # --- roots ---

    def remember_root(self, root: Path | str, layout: str = "") -> int:
        """Record a root and, if given, its layout; returns its number."""
        return self.remember_name(root_name(root), layout)

    def remember_name(self, name: bytes, layout: str = "") -> int:
        """Like `remember_root`, for a root given by its name in the database."""
        known = self.query("SELECT id, layout FROM roots WHERE path = ?", name)
        if known and layout in {"", known[0][1]}:
            return cast("int", known[0][0])
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO roots (path, layout) VALUES (?, ?) ON CONFLICT (path) DO UPDATE "
                "SET layout = CASE excluded.layout WHEN '' THEN layout ELSE excluded.layout END",
                (name, layout),
            )
        return cast("int", self.query("SELECT id FROM roots WHERE path = ?", name)[0][0])

    def roots(self) -> Mapping[str, str]:
        """Every root ever seen, with its layout."""
        return {
            os.fsdecode(path): layout
            for path, layout in self.query("SELECT path, layout FROM roots ORDER BY path")
        }

    # --- dreams ---

    def record_dream(
        self,
        root: Path | str,
        *,
        at: datetime,
        today: date,
        outcome: str,
        transaction: int | None = None,
        stats: Mapping[str, Any] | None = None,
        skipped: Sequence[Skip] = (),
        decisions: bytes | None = None,
    ) -> int:
        """Record one pass over a root, even one that changed nothing; returns its number.

        The `decisions`, packed, replace those of the dream before: they only explain the root as it is.
        """
        number = self.remember_root(root)
        with self.writing() as connection:
            dream = connection.execute(
                "INSERT INTO dreams (root, at, today, outcome, txn, stats, skipped, seen) VALUES (?, ?, ?, ?, ?, ?, ?, "
                "(SELECT coalesce(max(id), 0) FROM transactions WHERE root = ? AND status = 'committed'))",
                (
                    number,
                    at.isoformat(),
                    today.isoformat(),
                    outcome,
                    transaction,
                    to_json(stats or {}),
                    to_json(tuple(skipped)),
                    number,
                ),
            ).lastrowid
            connection.execute(
                "INSERT OR REPLACE INTO looked_at (root, dream, decisions) VALUES (?, ?, ?)",
                (number, dream, packed(Considered()) if decisions is None else decisions),
            )
        return cast("int", dream)

    def repeat_dream(self, number: int, *, at: datetime) -> int | None:
        """Record a pass with exactly the findings of dream `number`, the latest of its root; returns the new number.

        Returns None, with nothing recorded, if the state does not know that dream as the latest one.
        """
        with self.writing() as connection:
            dream = connection.execute(
                "INSERT INTO dreams (root, at, today, outcome, txn, stats, skipped, seen) "
                "SELECT root, ?, today, outcome, txn, stats, skipped, seen FROM dreams WHERE id = ? "
                "AND EXISTS (SELECT 1 FROM looked_at WHERE dream = dreams.id) RETURNING id",
                (at.isoformat(), number),
            ).fetchone()
            if dream is not None:
                connection.execute("UPDATE looked_at SET dream = ? WHERE dream = ?", (dream[0], number))
        return None if dream is None else cast("int", dream[0])

    def dreams(self, root: Path | str | None = None, *, limit: int = -1) -> tuple[Dream, ...]:
        """Dreams of one root or of all, newest first."""
        return self._dreams("1" if root is None else "path = ?", limit, *_root_values(root))

    def dream(self, number: int) -> Dream | None:
        """One dream by its number."""
        return next(iter(self._dreams("dreams.id = ?", 1, number)), None)

    def _dreams(self, condition: str, limit: int, *values: object) -> tuple[Dream, ...]:
        rows = self.query(
            "SELECT dreams.id, path, at, today, outcome, txn, stats, skipped FROM dreams "  # noqa: S608
            f"JOIN roots ON roots.id = dreams.root WHERE {condition} ORDER BY dreams.id DESC LIMIT ?",
            *values,
            limit,
        )
        with decoding_errors():
            return tuple(
                Dream(
                    id=number,
                    root=os.fsdecode(path),
                    at=parse_time(at),
                    today=date.fromisoformat(today),
                    outcome=outcome,
                    transaction=transaction,
                    stats=from_json(dict[str, Any], stats),
                    skipped=from_json(tuple[Skip, ...], skipped),
                )
                for number, path, at, today, outcome, transaction, stats, skipped in rows
            )

    # --- conflicts ---

    def sync_conflicts(self, root: Path | str, conflicts: Iterable[Conflict]) -> None:
        """Store the conflicts that a dream found: they are open, and all others that were open are settled.

        Known conflicts keep their `since`. One that a person resolved is not found again while the resolution holds;
        if it is found, somebody undid the resolution.
        """
        number = self.remember_root(root)
        with self.writing() as connection:
            connection.execute(
                "UPDATE conflicts SET status = ? WHERE root = ? AND status = ?",
                (ConflictStatus.SETTLED, number, ConflictStatus.OPEN),
            )
            connection.executemany(
                "INSERT INTO conflicts (root, id, since, status, body) VALUES (?, ?, ?, 'open', ?) "
                "ON CONFLICT (root, id) DO UPDATE SET body = excluded.body, status = 'open', keep = NULL, "
                "txn = NULL",
                [
                    (number, conflict.id, conflict.since.isoformat(), to_json(conflict))
                    for conflict in conflicts
                ],
            )

    def conflicts(
        self, root: Path | str | None = None, *, status: ConflictStatus | None = ConflictStatus.OPEN
    ) -> tuple[ConflictRecord, ...]:
        """Conflicts of one root or of all, oldest first; `status` None means all."""
        condition, values = _filter(root, status)
        with decoding_errors():
            return tuple(
                ConflictRecord(
                    os.fsdecode(path),
                    replace(from_json(Conflict, body), since=date.fromisoformat(since)),
                    ConflictStatus(now),
                    keep,
                )
                for path, since, now, keep, body in self.query(
                    "SELECT path, since, status, keep, body FROM conflicts JOIN roots ON roots.id = root "  # noqa: S608
                    f"WHERE {condition} ORDER BY since, conflicts.id",
                    *values,
                )
            )

    def set_conflict(
        self,
        root: Path | str,
        conflict: str,
        status: ConflictStatus,
        *,
        keep: Side | None = None,
        transaction: int | None = None,
    ) -> None:
        """Record what became of a conflict, and by which transaction.

        The commit of that transaction resolves it; once it is undone, the conflict is open again.
        """
        with self.writing() as connection:
            connection.execute(
                "UPDATE conflicts SET status = ?, keep = ?, txn = ? WHERE root = ? AND id = ?",
                (status, keep, transaction, self.root_id(root), conflict),
            )

    # --- proposals ---

    def sync_proposals(self, root: Path | str, changes: Iterable[Change], *, today: date) -> None:
        """Store what a dream proposes: known proposals keep their `since`; waiting ones that it no longer makes are
        gone.

        What a person rejected stays rejected. Only differences are written, since most proposals wait through many
        dreams.
        """
        number, proposed = self.remember_root(root), tuple(changes)
        bodies = dict(zip((change.key for change in proposed), each_to_json(proposed), strict=True))
        with self.writing() as connection:
            known = {
                key: (status, body)
                for key, status, body in self.query(
                    "SELECT key, status, body FROM proposals WHERE root = ? AND status IN (?, ?)",
                    number,
                    ProposalStatus.WAITING,
                    ProposalStatus.REJECTED,
                )
            }
            connection.executemany(
                "UPDATE proposals SET status = ? WHERE root = ? AND key = ?",
                [
                    (ProposalStatus.GONE, number, key)
                    for key, (status, _) in known.items()
                    if status == ProposalStatus.WAITING and key not in bodies
                ],
            )
            connection.executemany(
                "INSERT INTO proposals (root, key, since, status, body) VALUES (?, ?, ?, 'waiting', ?) "
                "ON CONFLICT (root, key) DO UPDATE SET body = excluded.body, "
                "status = CASE status WHEN 'rejected' THEN 'rejected' ELSE 'waiting' END",
                [
                    (number, key, today.isoformat(), body)
                    for key, body in bodies.items()
                    if key not in known or known[key][1] != body
                ],
            )

    def proposals(
        self, root: Path | str | None = None, *, status: ProposalStatus | None = ProposalStatus.WAITING
    ) -> tuple[Proposal, ...]:
        """Proposals of one root or of all, oldest first; `status` None means all."""
        condition, values = _filter(root, status)
        with decoding_errors():
            return tuple(
                Proposal(
                    os.fsdecode(path),
                    from_json(Change, body),
                    date.fromisoformat(since),
                    ProposalStatus(now),
                )
                for path, since, now, body in self.query(
                    "SELECT path, since, status, body FROM proposals JOIN roots ON roots.id = root "  # noqa: S608
                    f"WHERE {condition} ORDER BY since, key",
                    *values,
                )
            )

    def set_proposal(self, root: Path | str, key: str, status: ProposalStatus) -> None:
        """Record what became of a proposal."""
        with self.writing() as connection:
            connection.execute(
                "UPDATE proposals SET status = ? WHERE root = ? AND key = ?",
                (status, self.root_id(root), key),
            )

    # --- decisions ---

    def decide(
        self, root: Path | str, key: str, verdict: Verdict, *, at: datetime, transaction: int | None = None
    ) -> None:
        """Record what a person decided about a change or conflict.

        A decision that was carried out by a transaction holds only while that does.
        """
        number = self.remember_root(root)
        with self.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO decisions (root, key, verdict, at, txn) VALUES (?, ?, ?, ?, ?)",
                (number, key, verdict, at.isoformat(), transaction),
            )

    def decisions(self, root: Path | str) -> Mapping[str, Verdict]:
        """What was decided and still holds, by key of the change or conflict."""
        rows = self.query(
            "SELECT key, verdict FROM decisions LEFT JOIN transactions ON transactions.id = txn "
            "WHERE decisions.root = ? AND (txn IS NULL OR active)",
            self.root_id(root),
        )
        with decoding_errors():
            return {key: Verdict(verdict) for key, verdict in rows}

    def forget_decision(self, root: Path | str, key: str) -> None:
        """Drop a decision, so that the next dream decides afresh."""
        with self.writing() as connection:
            connection.execute("DELETE FROM decisions WHERE root = ? AND key = ?", (self.root_id(root), key))


def root_name(root: Path | str) -> bytes:
    """The name of a root in the database: its real path.

    A `Path` is resolved. A `str` is the real path that the root had when it was opened, and is not resolved again: by
    now a link to another directory may have taken its place.
    """
    return os.fsencode(root if isinstance(root, str) else os.path.realpath(root))


def _root_values(root: Path | str | None) -> tuple[bytes, ...]:
    return () if root is None else (root_name(root),)


def _filter(root: Path | str | None, status: str | None) -> tuple[str, tuple[object, ...]]:
    conditions = ["1", *(["path = ?"] if root is not None else []), *(["status = ?"] if status else [])]
    return " AND ".join(conditions), (*_root_values(root), *([status] if status else []))
