"""Answers that were given before, in one SQLite file: a pair is paid for once."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from kairos.core.ruling import Ruling
from kairos.ml.llm.frame import VERSION
from kairos.model import Relation

_LOOK_UP = 500  # SQLite takes at least 999 parameters
_WAIT_SECONDS = 10.0
_UNSURE = "unsure"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    asked BLOB PRIMARY KEY, relation TEXT NOT NULL, newer TEXT, reason TEXT NOT NULL
)
"""


class AnswerCache:
    """Remembers answers of one model to this version of the frame, by the key of the question.

    A file that cannot be used never stops anything: `notices` says what was done instead.
    """

    def __init__(self, path: Path, provider: str, model: str) -> None:
        self._path = path
        self._asker = f"{VERSION}\0{provider}\0{model}\0"
        self._usable = True
        self.notices: list[str] = []

    def look_up(self, keys: Iterable[str]) -> dict[str, Ruling]:
        """Return the answers that are there."""
        names = {self._name(key): key for key in keys}
        wanted = sorted(names)
        found: dict[str, Ruling] = {}

        def select(database: sqlite3.Connection) -> None:
            for start in range(0, len(wanted), _LOOK_UP):
                part = wanted[start : start + _LOOK_UP]
                marks = ",".join("?" * len(part))
                query = f"SELECT asked, relation, newer, reason FROM answers WHERE asked IN ({marks})"  # noqa: S608 - only question marks
                for name, *columns in database.execute(query, part):
                    if (ruling := _ruling(*columns)) is not None:
                        found[names[name]] = ruling

        self._with_database(select)
        return found

    def keep(self, rulings: Mapping[str, Ruling]) -> None:
        """Remember answers."""
        rows = [
            (
                self._name(key),
                ruling.relation.value if ruling.relation else _UNSURE,
                ruling.newer,
                ruling.reason,
            )
            for key, ruling in rulings.items()
        ]

        def insert(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)
            database.commit()

        self._with_database(insert)

    def _name(self, key: str) -> bytes:
        return hashlib.sha256((self._asker + key).encode()).digest()

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do `work`, or leave it undone where there is no database to be had, and note why."""
        if not self._usable:
            return
        try:
            with closing(_open(self._path)) as database:
                work(database)
        except sqlite3.OperationalError as error:
            self._go_without(str(error))
        except sqlite3.DatabaseError as error:
            self._start_anew(str(error))

    def _go_without(self, reason: str) -> None:
        self._usable = False
        self.notices.append(
            f"The cache {self._path} cannot be used ({reason}): answers of the language model are not kept. "
            "Check free space and permissions, or set cache_dir."
        )

    def _start_anew(self, reason: str) -> None:
        """Move a damaged file aside; the next access makes a new one."""
        aside = self._path.with_name(f"{self._path.name}.corrupt")
        try:
            self._path.replace(aside)
        except OSError as error:
            self._go_without(error.strerror or str(error))
            return
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self.notices.append(f"The cache {self._path} was damaged ({reason}): it was moved to {aside.name}.")


def _open(path: Path) -> sqlite3.Connection:
    """Open the database at `path`, made for this user's eyes only: reasons tell what notes say."""
    with suppress(OSError):  # SQLite opens what is read-only, and says what is wrong with the rest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            os.fchmod(file.fileno(), 0o600)
    database = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        database.execute(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _ruling(relation: object, newer: object, reason: object) -> Ruling | None:
    """Return what a row says; None for what was never written like this."""
    known = None if relation == _UNSURE else next((one for one in Relation if one.value == relation), None)
    if known is None and relation != _UNSURE:
        return None
    side = next((one for one in ("a", "b") if one == newer), None)
    return Ruling(known, side, str(reason))
