"""A root that was moved: what is known of it goes with it, and the journal says so."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import cast

from kairos.errors import NoSuchRootError, StorageError, UsageError
from kairos.model import Skip, Snapshot
from kairos.store.chain import link
from kairos.store.codec import to_json
from kairos.store.database import Database
from kairos.store.disk import explained
from kairos.store.joined import follows, join, went_before
from kairos.store.known import GONE, WRITTEN, known_files
from kairos.store.records import TransactionKind, TransactionStatus, Verdict
from kairos.store.tree import ABSENT, Tree

_FIRST_WRITTEN = """
    SELECT before FROM files JOIN transactions ON transactions.id = txn
    WHERE root = ? AND path = ? AND status = 'committed' ORDER BY txn LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Past:
    """How much is known of a root."""

    dreams: int = 0
    transactions: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """How many notes were known of a root, how many of them are in a directory, and how many as they were."""

    known: int = 0
    there: int = 0
    same: int = 0

    @property
    def are_most(self) -> bool:
        """Whether most are as they were: names say little, since MEMORY.md is in every directory."""
        return self.same * 2 > self.known


@dataclass(frozen=True, slots=True)
class Move:
    """A move that can be said to have happened, by real paths.

    `notes` were known at the old path, `others` at the new one; all are looked for there. `past` is what is known of
    the old path, `since` of the new one.
    """

    before: str
    after: str
    notes: Notes
    others: Notes
    past: Past
    since: Past

    @property
    def is_plain(self) -> bool:
        """Whether the directory is what both histories tell of, as far as they tell of any: once they are one, they
        cannot be parted."""
        fits = self.notes.are_most or not (self.notes.known or self.past.transactions)
        return fits and (self.others.are_most or not self.others.known)


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a move: the transaction that says so, where the journal has anything from before it; the keys of
    changes that were taken back there and done again since; and what recovery had to leave alone."""

    transaction: int | None
    again: tuple[str, ...]
    skipped: tuple[Skip, ...]


def planned(state: Database, before: str, tree: Tree) -> Move:
    """Return the move of a root to the directory `tree`; nothing is written.

    Raises NoSuchRootError for a root that is not known, UsageError where it cannot have been moved there.
    """
    if _stands(before):
        raise UsageError(
            f"Something stands at {before}: it was not moved.",
            "If that is another directory, give it another name until this is done.",
        )
    with state.reading() as connection:
        root, later = _numbers(connection, before, tree.name)
        past = _past(connection, root)
        since = Past() if later is None else _past(connection, later)
    notes = _compared(state, root, later, before, tree)
    if notes.known and not notes.there:
        raise UsageError(
            f"No note that Kairos knew in {before} is in {tree.name}.",
            "Name the directory that it was moved to.",
        )
    others = Notes() if later is None else _compared(state, later, None, tree.name, tree)
    return Move(before, tree.name, notes, others, past, since)


def carry_over(state: Database, move: Move, at: datetime, left: tuple[Skip, ...]) -> Noted:
    """Give a root its new path, join what was done under that already, and note the move in the journal.

    Where the journal has nothing from before, no link of its chain names the old path, and nothing is noted there.
    Raises as `planned` does, should somebody have been faster.
    """
    with state.writing() as connection:
        root, other = _numbers(connection, move.before, move.after)
        (upto,) = connection.execute("SELECT max(id) FROM transactions WHERE root = ?", (root,)).fetchone()
        ended = upto or 0
        if other is not None:
            first, later = (root, other) if follows(connection, other, root) else (other, root)
            root, ended = first, join(connection, first, later)
        connection.execute("UPDATE roots SET path = ? WHERE id = ?", (os.fsencode(move.after), root))
        number = None if upto is None else _noted(connection, root, upto, move, at)
        return Noted(number, _done_again(connection, root, ended), left)


def _numbers(connection: sqlite3.Connection, before: str, after: str) -> tuple[int, int | None]:
    """Return the numbers of the root at the old path and, where it is known, of the one at the new path."""
    known = {
        os.fsdecode(path): number
        for number, path in connection.execute("SELECT id, path FROM roots").fetchall()
    }
    if before not in known:
        raise NoSuchRootError(f"Kairos never looked at {before}.", _below(before, after, known))
    root, other = known[before], known.get(after)
    if other is not None and not (follows(connection, other, root) or went_before(connection, other, root)):
        raise UsageError(
            f"Kairos knew {after} before it was done with {before}: these are two histories.",
            _apart(before, _past(connection, root)),
        )
    return root, other


def _apart(before: str, past: Past) -> str:
    """Return advice on two histories that do not become one."""
    if not past.transactions:
        return f"It never wrote in {before}: `kairos forget {quote(before)}` lets that go."
    return (
        "Each is told of by its own path: `kairos log`, `kairos attic`. If two directories changed places, move each "
        "of them to a new path first, and say so."
    )


def _below(before: str, after: str, known: Iterable[str]) -> str:
    """Return advice on a directory that is no root: those in it have a history each."""
    roots = sorted(path for path in known if path.startswith(f"{before}{os.sep}"))
    if not roots:
        return "See `kairos status`."
    command = f"kairos moved {quote(roots[0])} {quote(after + roots[0].removeprefix(before))}"
    return f"Say it of each of those that it knows below it ({len(roots)}): `{command}`."


def _past(connection: sqlite3.Connection, root: int) -> Past:
    return Past(
        *connection.execute(
            "SELECT (SELECT count(*) FROM dreams WHERE root = ?1), (SELECT count(*) FROM transactions WHERE root = ?1)",
            (root,),
        ).fetchone()
    )


def _done_again(connection: sqlite3.Connection, root: int, upto: int) -> tuple[str, ...]:
    """Return the changes that hold although they were taken back, or turned down, before the move."""
    rows = connection.execute(
        "SELECT DISTINCT changes.key FROM changes JOIN transactions ON transactions.id = changes.txn "
        "JOIN decisions ON decisions.root = transactions.root AND decisions.key = changes.key "
        "WHERE transactions.root = ? AND transactions.id > ? AND changes.active AND verdict IN (?, ?) ORDER BY 1",
        (root, upto, Verdict.UNDONE, Verdict.REJECTED),
    )
    return tuple(key for (key,) in rows)


def _noted(connection: sqlite3.Connection, root: int, upto: int, move: Move, at: datetime) -> int:
    before, nothing = os.fsencode(move.before), to_json(())
    number = connection.execute(
        "INSERT INTO transactions (root, kind, status, at, note, active, made, cleared, witnessed) "
        "VALUES (?, ?, ?, ?, ?, TRUE, ?, ?, ?)",
        (
            root,
            TransactionKind.MOVE,
            TransactionStatus.COMMITTED,
            at.isoformat(),
            f"from {before.decode(errors='backslashreplace')}",
            nothing,
            nothing,
            to_json({}),
        ),
    ).lastrowid
    connection.execute(
        "INSERT INTO moves (txn, before, after, upto) VALUES (?, ?, ?, ?)",
        (number, before, os.fsencode(move.after), upto),
    )
    link(connection, cast("int", number))
    return cast("int", number)


def told_of_origin(state: Database, snapshot: Snapshot) -> tuple[str, ...]:
    """Return a word on the one root that is gone and has most of its notes in a directory that nobody knew, if any."""
    digests = {source.path: source.sha256 for source in snapshot.sources}
    found: dict[str, tuple[int, int]] = {}
    for number, name in state.query("SELECT id, path FROM roots"):
        root, names = os.fsdecode(name), _names(state, number)
        known = {} if digests.keys().isdisjoint(names) else _known(state, root, names)
        same = sum(digests.get(path) == digest for path, digest in known.items())
        if root != snapshot.root and same * 2 > len(known) and _is_gone(root):
            found[root] = same, len(known)
    if len(found) != 1:
        return ()
    ((old, (same, notes)),) = found.items()
    command = f"kairos moved {quote(old)} {quote(snapshot.root)}"
    what = f"{same:,} of the {notes:,} notes that Kairos knew in {old} are here, and that is gone"
    return (f"{what}. If it was moved here, `{command}` carries its history over.",)


def _is_gone(path: str) -> bool:
    try:
        return not _stands(path)
    except StorageError:  # nobody can say
        return False


def _stands(path: str) -> bool:
    """Whether anything has a name that is no link, nor below one: roots are known by such names alone."""
    with explained(f"look at {path}"):
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return os.path.realpath(path) == path


def _compared(state: Database, root: int, later: int | None, path: str, tree: Tree) -> Notes:
    """Look for the notes of a root in a directory. As they were are also those that Kairos found so when it first wrote
    there, as the root that is known `later`."""
    left = _as_they_were(state, root, path)
    found = {name: tree.read(name).sha256 for name in left}
    known = {name: digests for name, digests in left.items() if found[name] != ABSENT or GONE not in digests}
    there = sum(found[name] != ABSENT for name in known)
    same = sum(
        found[name] in digests or _first_written_over(state, later, name) in digests
        for name, digests in known.items()
    )
    return Notes(len(known), there, same)


def _as_they_were(state: Database, root: int, path: str) -> dict[str, set[str]]:
    """Return the digests that the notes of a root may have, if nobody else came to them: of what another history was
    joined to, the last dream took notes down that transactions of before had left."""
    return {
        name: {digest, *(left for (left,) in state.query(WRITTEN, root, os.fsencode(name), 0))}
        for name, digest in _known(state, path, _names(state, root)).items()
    }


def _first_written_over(state: Database, root: int | None, name: str) -> str | None:
    """Return the digest of what a note was before Kairos first wrote it in a root; None where it never did."""
    rows = state.query(_FIRST_WRITTEN, root, os.fsencode(name))
    return next((digest for (digest,) in rows), None)


def _names(state: Database, root: int) -> tuple[str, ...]:
    return tuple(os.fsdecode(name) for (name,) in state.query("SELECT path FROM notes WHERE root = ?", root))


def _known(state: Database, path: str, names: tuple[str, ...]) -> dict[str, str]:
    """Return the digests of the notes of a root as the last dream, or what was done since, left them."""
    files = known_files(state, path, names)
    return {name: file.sha256 for name, file in files.items() if file.sha256 != GONE}
