"""The tables of the state database, as numbered migrations: SQL, or a function for what SQL cannot do.

- Paths are BLOBs, since a file name need not be text.
- `undoings.key` is empty if a whole transaction is undone.
- `active` is derived from `undoings`, and stored to keep reports cheap.
- `collected` are the transactions whose originals were discarded.
- `notes` are as they were last seen; `alerts` are deleted once a person has seen them.
- `txn` of a decision or a conflict is the transaction that carried it out: once that is undone, the decision does not
  hold, and the conflict is open again.
- `dreams.seen` is the latest transaction of the root when the dream ended.
- `moves` tells which path a root had before a transaction of the kind `move`; `upto` is the last transaction under
  that path.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable

Migration = str | Callable[[sqlite3.Connection], None]


def _link_all(connection: sqlite3.Connection) -> None:
    from kairos.store.chain import FIRST, link_all  # noqa: PLC0415 - needed once per state

    link_all(connection, FIRST)  # later columns and tables do not exist yet


def _considered(text: str) -> bytes:
    """Convert decisions that were stored in full to the packed form: each place once, and compressed."""
    places: dict[tuple[object, ...], int] = {}
    try:
        rows = [
            (
                [places.setdefault((p["file"], p["line"], p["text"]), len(places)) for p in one["places"]],
                *(one[name] for name in ("outcome", "evidence", "confidence")),
            )
            for one in json.loads(text)
        ]
    except (ValueError, TypeError, KeyError, RecursionError):  # the next dream computes all of it again
        places, rows = {}, []
    return zlib.compress(json.dumps({"places": list(places), "rows": rows}).encode())


def _pack_decisions(connection: sqlite3.Connection) -> None:
    connection.create_function("considered", 1, _considered)
    connection.execute("ALTER TABLE looked_at RENAME TO looked_at_in_full")
    connection.execute(
        """
        CREATE TABLE looked_at (
            root INTEGER PRIMARY KEY REFERENCES roots,
            dream INTEGER NOT NULL REFERENCES dreams,
            decisions BLOB NOT NULL
        ) STRICT
        """
    )
    connection.execute(
        "INSERT INTO looked_at (root, dream, decisions) "
        "SELECT root, dream, considered(decisions) FROM looked_at_in_full"
    )
    connection.execute("DROP TABLE looked_at_in_full")


MIGRATIONS: tuple[Migration, ...] = (
    """
    CREATE TABLE roots (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,
        layout TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE TABLE transactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        root INTEGER NOT NULL REFERENCES roots,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        at TEXT NOT NULL,
        note TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 0,
        made TEXT NOT NULL,
        cleared TEXT NOT NULL,
        witnessed TEXT NOT NULL
    ) STRICT;
    CREATE INDEX transactions_of_root ON transactions (root, status);
    CREATE TABLE files (
        txn INTEGER NOT NULL REFERENCES transactions,
        path BLOB NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        interim TEXT,
        mode INTEGER,
        mtime_ns INTEGER,
        after_mtime_ns INTEGER,
        is_index INTEGER NOT NULL,
        requires TEXT NOT NULL,
        reached TEXT NOT NULL DEFAULT 'after',
        PRIMARY KEY (txn, path)
    ) STRICT;
    CREATE TABLE changes (
        txn INTEGER NOT NULL REFERENCES transactions,
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        active INTEGER NOT NULL DEFAULT 0,
        body TEXT NOT NULL,
        PRIMARY KEY (txn, position)
    ) STRICT;
    CREATE INDEX changes_by_key ON changes (key);
    CREATE TABLE undoings (
        txn INTEGER NOT NULL REFERENCES transactions,
        target INTEGER NOT NULL REFERENCES transactions,
        key TEXT NOT NULL,
        PRIMARY KEY (txn, target, key)
    ) STRICT;
    CREATE TABLE dreams (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        root INTEGER NOT NULL REFERENCES roots,
        at TEXT NOT NULL,
        today TEXT NOT NULL,
        outcome TEXT NOT NULL,
        txn INTEGER REFERENCES transactions,
        stats TEXT NOT NULL,
        skipped TEXT NOT NULL
    ) STRICT;
    CREATE INDEX dreams_of_root ON dreams (root, id);
    CREATE TABLE looked_at (
        root INTEGER PRIMARY KEY REFERENCES roots,
        dream INTEGER NOT NULL REFERENCES dreams,
        decisions TEXT NOT NULL
    ) STRICT;
    CREATE TABLE conflicts (
        root INTEGER NOT NULL REFERENCES roots,
        id TEXT NOT NULL,
        since TEXT NOT NULL,
        status TEXT NOT NULL,
        keep TEXT,
        body TEXT NOT NULL,
        PRIMARY KEY (root, id)
    ) STRICT;
    CREATE TABLE proposals (
        root INTEGER NOT NULL REFERENCES roots,
        key TEXT NOT NULL,
        since TEXT NOT NULL,
        status TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (root, key)
    ) STRICT;
    CREATE TABLE decisions (
        root INTEGER NOT NULL REFERENCES roots,
        key TEXT NOT NULL,
        verdict TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (root, key)
    ) STRICT;
    """,
    """
    CREATE TABLE chain (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        txn INTEGER NOT NULL UNIQUE,
        link TEXT NOT NULL
    ) STRICT;
    CREATE TABLE collected (
        txn INTEGER PRIMARY KEY REFERENCES transactions,
        at TEXT NOT NULL
    ) STRICT;
    """,
    _link_all,
    """
    CREATE TABLE notes (
        root INTEGER NOT NULL REFERENCES roots,
        path BLOB NOT NULL,
        sha256 TEXT NOT NULL,
        mtime_ns INTEGER NOT NULL,
        owner INTEGER,
        sessions TEXT NOT NULL,
        outside INTEGER NOT NULL,
        changed TEXT,
        kept TEXT NOT NULL,
        pinned INTEGER NOT NULL,
        first_seen TEXT NOT NULL,
        first_dream INTEGER NOT NULL,
        gone TEXT,
        PRIMARY KEY (root, path)
    ) STRICT;
    CREATE TABLE note_edits (
        id INTEGER PRIMARY KEY,
        root INTEGER NOT NULL REFERENCES roots,
        path BLOB NOT NULL,
        dream INTEGER NOT NULL,
        day TEXT NOT NULL,
        author TEXT NOT NULL,
        session TEXT NOT NULL
    ) STRICT;
    CREATE INDEX edits_of_note ON note_edits (root, path, id);
    CREATE INDEX files_by_path ON files (path, txn);
    CREATE TABLE alerts (
        root INTEGER NOT NULL REFERENCES roots,
        path BLOB NOT NULL,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (root, path, kind)
    ) STRICT;
    """,
    """
    ALTER TABLE decisions ADD COLUMN txn INTEGER;
    ALTER TABLE conflicts ADD COLUMN txn INTEGER;
    ALTER TABLE dreams ADD COLUMN seen INTEGER;
    """,
    """
    ALTER TABLE files ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
    """,
    _pack_decisions,
    """
    CREATE TABLE moves (
        txn INTEGER PRIMARY KEY REFERENCES transactions,
        before BLOB NOT NULL,
        after BLOB NOT NULL,
        upto INTEGER NOT NULL
    ) STRICT;
    """,
)

VERSION = len(MIGRATIONS)
