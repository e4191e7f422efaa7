"""The journal as a hash chain: each link hashes the link before it and everything that a closed transaction says.

Whoever changes, removes or swaps an entry breaks the chain from there on. Whoever can write to the state can forge
the whole chain; the only defence is a head that was noted elsewhere, which must remain one of its links for ever.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

ORIGIN = "0" * 64
"""Takes the place of a link before the first one."""

_ROW = """
    SELECT transactions.id, {path}, kind, status, at, note, made, cleared, witnessed
    FROM transactions JOIN roots ON roots.id = root WHERE transactions.id = ?
"""

_PATH_WHEN_CLOSED = """
    coalesce(
        (SELECT before FROM moves JOIN transactions AS move ON move.id = txn
         WHERE move.root = transactions.root AND upto >= transactions.id ORDER BY upto, txn LIMIT 1),
        path
    )
"""
"""The path that a transaction's root had when the transaction was closed; a later move gave it another."""

_BODY = (
    """
    SELECT path, before, after, interim, mode, mtime_ns, after_mtime_ns, is_index, requires, reached
    FROM files WHERE txn = ? ORDER BY path
    """,
    "SELECT position, key, kind, body FROM changes WHERE txn = ? ORDER BY position",
    "SELECT target, key FROM undoings WHERE txn = ? ORDER BY target, key",
)
"""All of a transaction that never changes once it is closed; what is derived (`active`) is left out."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which parts of a transaction are hashed.

    Later versions added those in `later`: a transaction that has none of them keeps the link it always had.
    """

    row: str
    later: tuple[str, ...] = ()


FIRST = Form(_ROW.format(path="path"))
"""How the first chains were hashed."""

_CURRENT = Form(
    _ROW.format(path=_PATH_WHEN_CLOSED),
    (
        "SELECT path, attributes FROM files WHERE txn = ? AND attributes != '{}' ORDER BY path",
        "SELECT before, after, upto FROM moves WHERE txn = ?",
    ),
)


@dataclass(frozen=True, slots=True)
class Break:
    """A place where chain and journal disagree; `transaction` None means the ends of the two."""

    transaction: int | None
    reason: str


def link(connection: sqlite3.Connection, transaction: int, form: Form = _CURRENT) -> None:
    """Append a transaction; to be called in the database transaction that closes it."""
    connection.execute(
        "INSERT INTO chain (txn, link) VALUES (?, ?)",
        (transaction, _hash_link(head(connection), _digest(connection, transaction, form))),
    )


def link_all(connection: sqlite3.Connection, form: Form = _CURRENT) -> None:
    """Start the chain of a journal that has none yet."""
    for (number,) in connection.execute(
        "SELECT id FROM transactions WHERE status != 'pending' ORDER BY id"
    ).fetchall():
        link(connection, number, form)


def head(connection: sqlite3.Connection) -> str:
    """The last link; `ORIGIN` if there is none."""
    row = connection.execute("SELECT link FROM chain ORDER BY position DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ORIGIN


def breaks(connection: sqlite3.Connection) -> Iterator[Break]:
    """Compare the chain with what the journal says now.

    A broken link is reported once: the links after it are checked against it as it is stored.
    """
    before, linked = ORIGIN, set()
    for number, found in connection.execute("SELECT txn, link FROM chain ORDER BY position").fetchall():
        linked.add(number)
        digest = _digest(connection, number)
        if digest is None:
            yield Break(number, "its entry was removed")
        elif _hash_link(before, digest) != found:
            yield Break(number, "its entry, or its place in the chain, was changed after it was closed")
        before = found
    closed = {n for (n,) in connection.execute("SELECT id FROM transactions WHERE status != 'pending'")}
    yield from (
        Break(number, "it is closed, but is not a link of the chain") for number in sorted(closed - linked)
    )
    if _max_ever(connection, "transactions") > _max_now(connection, "transactions", "id") or _max_ever(
        connection, "chain"
    ) > _max_now(connection, "chain", "position"):
        yield Break(None, "entries were removed from its end")


def _hash_link(before: str, digest: str | None) -> str:
    return hashlib.sha256(f"{before}\n{digest}".encode()).hexdigest()


def _digest(connection: sqlite3.Connection, transaction: int, form: Form = _CURRENT) -> str | None:
    """The digest of everything that a transaction says; None if it is gone."""
    parts = [connection.execute(query, (transaction,)).fetchall() for query in (form.row, *_BODY)]
    if not parts[0]:
        return None
    more = (connection.execute(query, (transaction,)).fetchall() for query in form.later)
    parts += filter(None, more)
    return hashlib.sha256(json.dumps(parts, default=bytes.hex).encode()).hexdigest()


def _max_ever(connection: sqlite3.Connection, table: str) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def _max_now(connection: sqlite3.Connection, table: str, column: str) -> int:
    return int(connection.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()[0])  # noqa: S608
