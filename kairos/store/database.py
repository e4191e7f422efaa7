"""The SQLite file of the state: opened, migrated, and replaced if it is damaged."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kairos.errors import StateError
from kairos.store.disk import DISK, PRIVATE_FILE, Disk, opened, storage_errors
from kairos.store.objects import Objects
from kairos.store.private import check_private, private_directory
from kairos.store.schema import MIGRATIONS, VERSION

NAME = "state.db"
_BUSY_SECONDS = 10
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


Row = tuple[Any, ...]


class Database:
    """An open database; `notices` tell a person what went wrong while it was opened."""

    def __init__(
        self, connection: sqlite3.Connection, notices: tuple[str, ...] = (), disk: Disk = DISK
    ) -> None:
        self._connection = connection
        self._disk = disk
        self._writing = False
        self.notices = notices

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def query(self, sql: str, *values: object) -> list[Row]:
        """All rows of a SELECT."""
        with database_errors():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads in the block see the database as of one moment."""
        with database_errors():
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable database transaction; a nested one becomes a savepoint of it, so that the disk is synced once.

        A nested block that fails is rolled back by itself, in case the outer one goes on without it.
        """
        if self._writing:
            with database_errors(), self._savepoint():
                yield self._connection
            return
        with database_errors(), storage_errors("write the state database"):
            self._connection.execute("BEGIN IMMEDIATE")
            self._writing = True
            try:
                yield self._connection
                self._disk.commit(self._connection)
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._writing = False

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")


def open_database(directory: Path, disk: Disk) -> tuple[sqlite3.Connection, tuple[str, ...]]:
    """Open `state.db` in a directory, and say what had to be done about it.

    A damaged database is moved aside and a new one started, as is one that was lost. Raises StateError for one of a
    newer Kairos.
    """
    path = str(directory / NAME)
    notices: tuple[str, ...] = ()
    with database_errors(), storage_errors(f"open {path}"), _setup_lock(directory, disk) as fd:
        try:
            connection, is_new = _connect(path, fd, disk)
            notices = loss_notice(directory) if is_new else ()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            aside = _move_aside(fd, disk)
            notices = (_damage_notice(error, str(directory / aside)),)
            connection, _ = _connect(path, fd, disk)
    return connection, notices


def open_existing(directory: Path) -> sqlite3.Connection:
    """Open an existing database of this version without checking or repairing it; raises StateError."""
    with database_errors(), storage_errors(f"open {directory}"):
        check_private(directory)
        connection = sqlite3.connect(
            f"{(directory / NAME).absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error:
            connection.close()
            raise
    if version != VERSION:
        connection.close()
        raise StateError(
            "The state has the format of another version.",
            "A full pass brings it up to date, or says why not.",
        )
    return connection


def loss_notice(directory: Path) -> tuple[str, ...]:
    """Return what to tell a person about a directory without a database; nothing if there never was one."""
    if next(Objects(directory / "objects").all(), None) is None:
        return ()
    lost = f"{directory / NAME} was lost, although originals of earlier dreams are still there."
    return (f"{lost} Those dreams cannot be undone unless you restore it from a backup.",)


def open_in_memory() -> sqlite3.Connection:
    """A database that is gone once its last reference is."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(connection)
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file is broken, not merely that it is busy or the disk full."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn database errors into a StateError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _state_error(error) from error


@contextmanager
def decoding_errors() -> Iterator[None]:
    """Turn errors in decoding a part of the state into a StateError: the state may be damaged or forged."""
    try:
        yield
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise StateError(
            f"A part of the state cannot be read ({type(error).__name__}).",
            "`kairos check` says which: restore it from a backup of the state directory.",
        ) from error


def _state_error(error: sqlite3.Error) -> StateError:
    if is_damage(error):
        advice = "The next start moves it aside and begins a new one."
    elif getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
        advice = "Another Kairos is using it; run it again in a moment."
    else:
        advice = "Check the free space and the permissions of the state directory."
    return StateError(f"The state database cannot be used: {error}.", advice)


@contextmanager
def _setup_lock(directory: Path, disk: Disk) -> Iterator[int]:
    """Keep two processes from migrating or moving aside one database at once; yields the directory, open."""
    with (
        private_directory(directory, disk) as top,
        opened(disk, f"{NAME}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, dir_fd=top) as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield top


def _connect(path: str, directory: int, disk: Disk) -> tuple[sqlite3.Connection, bool]:
    """Open the database; also returns whether it is a new one."""
    with opened(disk, NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, dir_fd=directory) as fd:
        # SQLite gives its -wal and -shm files the mode of the main file.
        disk.chmod(fd, PRIVATE_FILE)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _check(connection)
        is_new = _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection, is_new


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _Damaged(verdict)


def _damage_notice(error: sqlite3.Error, aside: str) -> str:
    return (
        f"The state database was damaged ({error}); it was moved to {aside} and a new one was begun. "
        "Notes are untouched, but earlier dreams can no longer be undone."
    )


class _Damaged(sqlite3.DatabaseError):
    """What SQLite's own check found wrong with the file, which it only reports as text."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _migrate(connection: sqlite3.Connection) -> bool:
    """Bring the database to this version; returns whether it was empty."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StateError(
            f"The state was written by a newer Kairos (format {version}; this one knows {VERSION}).",
            "Update Kairos, or set state_dir to another directory.",
        )
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        if isinstance(step, str):
            connection.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT;")
        else:
            connection.execute("BEGIN IMMEDIATE")
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
    return not version


def _move_aside(directory: int, disk: Disk) -> str:
    """Rename a damaged database, and the files that SQLite keeps beside it; returns its new name."""
    aside = f"{NAME}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    there = os.listdir(directory)
    for suffix in ("-wal", "-shm", ""):  # main file last: until then it is found again
        if NAME + suffix in there:
            disk.rename(NAME + suffix, aside + suffix, dir_fd=directory)
    return aside
