"""A SQLite file that caches expensive results. Losing it costs time, never a result."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kairos.config.owned import is_owned_by_us
from kairos.ml.cache_expiry import mark_used

_KEYS_PER_QUERY = 500  # every SQLite takes at least 999 parameters
_WAIT_SECONDS = 10.0


class CacheFile:
    """The file at `path` with the table of `schema`, readable by this user only, as it reveals what notes say.

    A file that cannot be used never stops anything; `notices` says what was done instead. The wording comes from
    `called` ("vector cache"), `contents` ("vectors of this run") and `remedy` (the end of the sentence about a damaged
    file). If each row has the hash of its model in the column `model`, `by_model` is the name of the table: then the
    days on which models are in use are recorded, for `cache_expiry`.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        *,
        called: str,
        contents: str,
        remedy: str = "",
        by_model: str = "",
    ) -> None:
        self._path = path
        self._schema = schema
        self._by_model = by_model
        self._marked: set[bytes] = set()
        self._called = called
        self._contents = contents
        self._remedy = remedy
        self._usable = True
        self.notices: list[str] = []

    def select(self, query: str, keys: Sequence[bytes], model: bytes | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of `query`: its parameters are `model`, if given, and the keys, which replace `{keys}`."""
        first = () if model is None else (model,)
        found: list[tuple[Any, ...]] = []

        def work(database: sqlite3.Connection) -> None:
            if model is not None:
                self._mark_used(database, model)
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                part = keys[start : start + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(part))
                found.extend(database.execute(query.replace("{keys}", marks), (*first, *part)))

        self._with_database(work)
        return found

    def insert(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert rows, either all or none."""

        def work(database: sqlite3.Connection) -> None:
            database.executemany(statement, rows)
            database.commit()

        self._with_database(work)

    def _mark_used(self, database: sqlite3.Connection, model: bytes) -> None:
        if model not in self._marked:
            self._marked.add(model)
            with suppress(sqlite3.OperationalError):  # a file that cannot be written can still be read
                mark_used(database, self._by_model, model, datetime.now(UTC).date())

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Call `work` with the database, or leave it out and note why there is none."""
        if not self._usable:
            return
        if not self._is_ours():
            self._disable("it belongs to another user")
            return
        try:
            with closing(self._open()) as database:
                work(database)
        except sqlite3.OperationalError as error:
            self._disable(str(error))
        except sqlite3.DatabaseError as error:
            self._move_aside(str(error))

    def _is_ours(self) -> bool:
        """Whether this user owns the directory: the files SQLite puts there must not get in another user's way."""
        with suppress(OSError):  # opening the database reports it
            return is_owned_by_us(self._path.parent)
        return True

    def _open(self) -> sqlite3.Connection:
        with suppress(OSError):  # SQLite opens a read-only file, and reports any other problem
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                os.fchmod(file.fileno(), 0o600)
        database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        try:
            database.execute(self._schema)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _disable(self, reason: str) -> None:
        self._usable = False
        self.notices.append(
            f"The {self._called} {self._path} cannot be used ({reason}): {self._contents} are not kept. "
            "Check free space and permissions, or set cache_dir."
        )

    def _move_aside(self, reason: str) -> None:
        """Move a damaged file aside; the next access creates a new one."""
        aside = self._path.with_name(f"{self._path.name}.corrupt")
        try:
            self._path.replace(aside)
        except OSError as error:
            self._disable(error.strerror or str(error))
            return
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self.notices.append(
            f"The {self._called} {self._path} was damaged ({reason}): it was moved to {aside.name}{self._remedy}."
        )
