"""Joins two roots that were really one: what was done under the second name becomes the later part of its history.

Whatever both know of becomes what it would be had there been one root: a conflict, a proposal or a note keeps when it
was first seen, and how it stood last.
"""

from __future__ import annotations

import sqlite3

_CONFLICTS = """
    INSERT INTO conflicts (root, id, since, status, keep, body, txn)
    SELECT :root, id, since, status, keep, body, txn FROM conflicts WHERE root = :later
    ON CONFLICT (root, id) DO UPDATE
    SET status = excluded.status, keep = excluded.keep, body = excluded.body, txn = excluded.txn
    WHERE conflicts.status != 'resolved' OR excluded.status = 'resolved'
"""
_PROPOSALS = """
    INSERT INTO proposals (root, key, since, status, body)
    SELECT :root, key, since, status, body FROM proposals WHERE root = :later
    ON CONFLICT (root, key) DO UPDATE SET body = excluded.body, status = excluded.status
    WHERE proposals.status != 'rejected' OR excluded.status = 'approved'
"""
_NOTES = """
    INSERT INTO notes (root, path, sha256, mtime_ns, owner, sessions, outside, changed, kept, pinned, first_seen,
        first_dream, gone)
    SELECT :root, path, sha256, mtime_ns, owner, sessions, outside, changed, kept, pinned, first_seen, first_dream, gone
    FROM notes WHERE root = :later
    ON CONFLICT (root, path) DO UPDATE
    SET sha256 = excluded.sha256, mtime_ns = excluded.mtime_ns, owner = excluded.owner, changed = excluded.changed,
        kept = excluded.kept, pinned = excluded.pinned, gone = excluded.gone,
        sessions = lines_of_both(notes.sessions, excluded.sessions), outside = max(notes.outside, excluded.outside)
    WHERE notes.gone IS NOT NULL OR excluded.gone IS NOT NULL OR excluded.changed IS NOT NULL
"""
"""A note that the later dreams merely recorded stays as it was known: the next dream sees what became of it."""

_CLOSE_OPEN = """
    UPDATE {table} SET status = '{gone}' WHERE root = :root AND status = '{found}'
    AND EXISTS (SELECT 1 FROM dreams WHERE root = :later)
"""
"""Closes what was open before the later dreams, if there were any; what they found again is opened by later steps."""

_STEPS = (
    _CLOSE_OPEN.format(table="conflicts", found="open", gone="settled"),
    _CLOSE_OPEN.format(table="proposals", found="waiting", gone="gone"),
    _CONFLICTS,
    _PROPOSALS,
    _NOTES,
    "DELETE FROM conflicts WHERE root = :later",
    "DELETE FROM proposals WHERE root = :later",
    "DELETE FROM notes WHERE root = :later",
    "DELETE FROM looked_at WHERE root = :root AND EXISTS (SELECT 1 FROM looked_at WHERE root = :later)",
    "UPDATE looked_at SET root = :root WHERE root = :later",
    "UPDATE OR REPLACE decisions SET root = :root WHERE root = :later",
    "UPDATE OR REPLACE alerts SET root = :root WHERE root = :later",
    "UPDATE note_edits SET root = :root WHERE root = :later",
    "UPDATE dreams SET seen = max(coalesce(seen, 0), :upto), root = :root WHERE root = :later",
    "UPDATE transactions SET root = :root WHERE root = :later",
    "DELETE FROM roots WHERE id = :later",
)

_ORDER = """
    SELECT (SELECT max(id) FROM {table} WHERE root = ?), (SELECT min(id) FROM {table} WHERE root = ?)
"""

_WENT_BEFORE = """
    WITH last AS (SELECT max(id) AS id FROM transactions WHERE root = :first),
    there AS (
        SELECT coalesce(min(transactions.id), last.id) AS begun, coalesce(max(transactions.id), last.id - 1) AS ended
        FROM last LEFT JOIN transactions ON root = :root
    )
    SELECT kind = 'move' AND transactions.id > ended
    AND NOT EXISTS (
        SELECT 1 FROM transactions WHERE root = :first AND id > begun AND (id < ended OR kind != 'move')
    )
    AND NOT EXISTS (
        SELECT 1 FROM dreams WHERE root = :first AND id > (SELECT min(id) FROM dreams WHERE root = :root)
    )
    FROM there, last JOIN transactions ON transactions.id = last.id
"""
_LAST_BEFORE_LATER = """
    SELECT coalesce(max(id), 0) FROM transactions
    WHERE root = :root AND id < coalesce((SELECT min(id) FROM transactions WHERE root = :later), id + 1)
"""
"""The last transaction of a root from before the first one of the later root."""


def follows(connection: sqlite3.Connection, later: int, root: int) -> bool:
    """Whether everything done to the root `later` was done after everything done to `root`.

    Both are given by their numbers.
    """
    ends = (
        connection.execute(_ORDER.format(table=table), (root, later)).fetchone()
        for table in ("dreams", "transactions")
    )
    return all(last is None or first is None or last < first for last, first in ends)


def went_before(connection: sqlite3.Connection, first: int, root: int) -> bool:
    """Whether the root `first` came to its path by a move that was recorded too early.

    That is so if everything done to `root` was done after all that was done to `first`, and before that move.
    """
    row = connection.execute(_WENT_BEFORE, {"first": first, "root": root}).fetchone()
    return row is not None and bool(row[0])


def join(connection: sqlite3.Connection, root: int, later: int) -> int:
    """Join two roots, of which `later` follows `root`; returns the last transaction from before `later`."""
    (upto,) = connection.execute(_LAST_BEFORE_LATER, {"root": root, "later": later}).fetchone()
    connection.create_function("lines_of_both", 2, _lines_of_both)
    for step in _STEPS:
        connection.execute(step, {"root": root, "later": later, "upto": upto})
    return int(upto)


def _lines_of_both(first: str, second: str) -> str:
    return "\n".join(dict.fromkeys((*first.splitlines(), *second.splitlines())))
