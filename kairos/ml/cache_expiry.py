"""Forgets the cached results of models that were unused for long, such as a judge that an update has replaced.

Each cache file records the last day on which each model was asked for results. Two versions of Kairos may share a
cache, so the results of another model stay while it is in use. Those of the model used last always stay: where no note
changes, nothing is asked, and yet they will be needed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from kairos.config.model_cache import UNUSED_DAYS
from kairos.config.owned import is_owned_by_us

_TABLES = {"vectors.db": "vectors", "opinions.db": "opinions"}
_USES = "CREATE TABLE IF NOT EXISTS uses (model BLOB PRIMARY KEY, day TEXT NOT NULL)"
_UNUSED = "FROM uses WHERE day < ? AND day < (SELECT max(day) FROM uses)"
_OF_UNUSED = f"model IN (SELECT model {_UNUSED})"
_WAIT_SECONDS = 10.0


def mark_used(database: sqlite3.Connection, table: str, model: bytes, today: date) -> None:
    """Record that a model is in use, at most once a day; raises sqlite3.Error.

    Models without a record, whose results an older version left there, count as used today.
    """
    day = today.isoformat()
    database.execute(_USES)
    if database.execute("SELECT 1 FROM uses WHERE model = ? AND day >= ?", (model, day)).fetchone():
        return
    database.execute(f"INSERT OR IGNORE INTO uses SELECT DISTINCT model, ? FROM {table}", (day,))  # noqa: S608
    database.execute("INSERT OR REPLACE INTO uses VALUES (?, ?)", (model, day))
    database.commit()


def count_unused(cache_dir: Path, now: datetime) -> int:
    """Return how many results belong to models that were unused for `UNUSED_DAYS`, while another one was used."""
    return _in_all(cache_dir, "ro", partial(_count, horizon=_horizon(now)))


def forget_unused(cache_dir: Path, now: datetime) -> None:
    """Delete the results that `count_unused` counts; the files keep their size and fill up again."""
    _in_all(cache_dir, "rw", partial(_forget, horizon=_horizon(now)))


def _count(database: sqlite3.Connection, table: str, horizon: str) -> int:
    query = f"SELECT count(*) FROM {table} WHERE {_OF_UNUSED}"  # noqa: S608
    return int(database.execute(query, (horizon,)).fetchone()[0])


def _forget(database: sqlite3.Connection, table: str, horizon: str) -> int:
    deleted = database.execute(f"DELETE FROM {table} WHERE {_OF_UNUSED}", (horizon,)).rowcount  # noqa: S608
    database.execute(f"DELETE {_UNUSED}", (horizon,))
    database.commit()
    return deleted


def _in_all(cache_dir: Path, mode: str, work: Callable[[sqlite3.Connection, str], int]) -> int:
    """Return the sum of what `work` returns for each cache file and its table; one that cannot be used counts as 0."""
    total = 0
    for name, table in _TABLES.items():
        path = cache_dir / name
        if not path.is_file() or not is_owned_by_us(cache_dir):
            continue
        try:
            address = f"{path.absolute().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS)) as database:
                total += work(database, table)
        except sqlite3.Error:  # damaged, busy, or of a version that kept no records
            continue
    return total


def _horizon(now: datetime) -> str:
    return (now - timedelta(days=UNUSED_DAYS)).date().isoformat()
