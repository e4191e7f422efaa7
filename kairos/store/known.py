"""What is known about the files of a root, for the daemon: as in `overview`, no model types are imported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kairos.store.database import Database

_LAST_DREAM = """
    SELECT roots.id, coalesce(txn - 1, seen, 0) FROM roots JOIN dreams ON root = roots.id
    WHERE path = ? ORDER BY dreams.id DESC LIMIT 1
"""
WRITTEN = """
    SELECT CASE reached WHEN 'before' THEN before WHEN 'interim' THEN interim ELSE after END
    FROM files JOIN transactions ON transactions.id = txn
    WHERE root = ? AND path = ? AND status = 'committed' AND txn > ? ORDER BY txn DESC LIMIT 1
"""
"""The version of a file that the last transaction after a given one left."""

_READ = (
    "SELECT CASE WHEN gone IS NULL THEN sha256 ELSE '' END, mtime_ns FROM notes WHERE root = ? AND path = ?"
)


class KnownFile(NamedTuple):
    """A file as the last dream read it.

    If `mtime_ns` is None: as a transaction left it, in that dream or since.
    """

    sha256: str
    mtime_ns: int | None = None


def known_files(state: Database, root: str, paths: Iterable[str]) -> Mapping[str, KnownFile]:
    """What is known about some files of a root; nothing if no dream looked at it."""
    found: dict[str, KnownFile] = {}
    for number, before in state.query(_LAST_DREAM, os.fsencode(root)):
        for path in paths:
            name = os.fsencode(path)
            written = state.query(WRITTEN, number, name, before)
            for row in written or state.query(_READ, number, name):
                found[path] = KnownFile(*row)
    return found
