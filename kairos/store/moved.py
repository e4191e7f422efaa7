"""A root that was moved: what is known about it goes along, and the journal records the move."""

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
from kairos.store.digests import ABSENT
from kairos.store.disk import storage_errors
from kairos.store.joined import follows, join, went_before
from kairos.store.known import WRITTEN, known_files
from kairos.store.records import TransactionKind, TransactionStatus, Verdict
from kairos.store.tree import Tree

_BEFORE_FIRST_WRITE = """
    SELECT before FROM files JOIN transactions ON transactions.id = txn
    WHERE root = ? AND path = ? AND status = 'committed' ORDER BY txn LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class HistorySize:
    """How much is known about a root: how many dreams and transactions it had."""

    dreams: int = 0
    transactions: int = 0


@dataclass(frozen=True, slots=True)
class Notes:
    """How many notes were known in a root, how many of them a directory has, and how many are unchanged there."""

    known: int = 0
    there: int = 0
    same: int = 0

    @property
    def are_most(self) -> bool:
        """Whether most are unchanged. Equal names say little, since every directory has a MEMORY.md."""
        return self.same * 2 > self.known


@dataclass(frozen=True, slots=True)
class Move:
    """A move that may have happened, by real paths.

    `notes` counts those known at the old path, `others` those known at the new one; both are looked for at the new
    path. `past` is how much is known about the old path, `since` about the new one.
    """

    before: str
    after: str
    notes: Notes
    others: Notes
    past: HistorySize
    since: HistorySize

    @property
    def is_plain(self) -> bool:
        """Whether the directory matches what is known at either path, as far as anything is.

        Once the two histories are joined, they cannot be separated again.
        """
        fits = self.notes.are_most or not (self.notes.known or self.past.transactions)
        return fits and (self.others.are_most or not self.others.known)


@dataclass(frozen=True, slots=True)
class MoveResult:
    """What came of recording a move.

    `transaction` records it, if the journal has anything from before it. `again` are the keys of changes that had
    been taken back before the move and were made again since; `skipped` is what recovery had to leave alone.
    """

    transaction: int | None
    again: tuple[str, ...]
    skipped: tuple[Skip, ...]


def plan_move(state: Database, before: str, tree: Tree) -> Move:
    """Describe the move of a root to the directory `tree`; nothing is written.

    Raises NoSuchRootError for a root that is not known, UsageError if it cannot have been moved there.
    """
    if _exists(before):
        raise UsageError(
            f"{before} still exists, so it was not moved.",
            "If that is a different directory, rename it until this is done.",
        )
    with state.reading() as connection:
        root, later = _root_numbers(connection, before, tree.name)
        past = _past(connection, root)
        since = HistorySize() if later is None else _past(connection, later)
    notes = _compare_notes(state, root, later, before, tree)
    if notes.known and not notes.there:
        raise UsageError(
            f"None of the notes that Kairos knew in {before} is in {tree.name}.",
            "Give the directory that it was moved to.",
        )
    others = Notes() if later is None else _compare_notes(state, later, None, tree.name, tree)
    return Move(before, tree.name, notes, others, past, since)


def carry_over(state: Database, move: Move, at: datetime, left: tuple[Skip, ...]) -> MoveResult:
    """Give a root its new path, join what was already done under that path, and record the move in the journal.

    If the journal has nothing from before, no link of its chain names the old path, and no move is recorded. Raises
    as `plan_move` does if somebody else was faster.
    """
    with state.writing() as connection:
        root, other = _root_numbers(connection, move.before, move.after)
        (upto,) = connection.execute("SELECT max(id) FROM transactions WHERE root = ?", (root,)).fetchone()
        ended = upto or 0
        if other is not None:
            first, later = (root, other) if follows(connection, other, root) else (other, root)
            root, ended = first, join(connection, first, later)
        connection.execute("UPDATE roots SET path = ? WHERE id = ?", (os.fsencode(move.after), root))
        number = None if upto is None else _record_move(connection, root, upto, move, at)
        return MoveResult(number, _redone_keys(connection, root, ended), left)


def _root_numbers(connection: sqlite3.Connection, before: str, after: str) -> tuple[int, int | None]:
    """Numbers of the root at the old path and, if it is known, of the one at the new path.

    Raises NoSuchRootError if the old path is not known, UsageError if the two are separate histories.
    """
    known = {
        os.fsdecode(path): number
        for number, path in connection.execute("SELECT id, path FROM roots").fetchall()
    }
    if before not in known:
        raise NoSuchRootError(
            f"Kairos has never looked at {before}.", _advice_on_roots_below(before, after, known)
        )
    root, other = known[before], known.get(after)
    if other is not None and not (follows(connection, other, root) or went_before(connection, other, root)):
        raise UsageError(
            f"Kairos was already working in {after} while {before} was still in use: they have separate histories.",
            _advice_on_separate(before, _past(connection, root)),
        )
    return root, other


def _advice_on_separate(before: str, past: HistorySize) -> str:
    """Advice on two histories that cannot become one."""
    if not past.transactions:
        return f"Kairos has never written to {before}: `kairos forget {quote(before)}` drops its history."
    return (
        "Each keeps its history under its own path (`kairos log`, `kairos attic`). If two directories swapped places, "
        "move each to a new path first, and run `kairos moved` for each."
    )


def _advice_on_roots_below(before: str, after: str, known: Iterable[str]) -> str:
    """Advice on a directory that is no root: each root in it has a history of its own."""
    roots = sorted(path for path in known if path.startswith(f"{before}{os.sep}"))
    if not roots:
        return "See `kairos status`."
    command = f"kairos moved {quote(roots[0])} {quote(after + roots[0].removeprefix(before))}"
    return f"Run this for each of the directories that it knows below it ({len(roots)}): `{command}`."


def _past(connection: sqlite3.Connection, root: int) -> HistorySize:
    return HistorySize(
        *connection.execute(
            "SELECT (SELECT count(*) FROM dreams WHERE root = ?1), (SELECT count(*) FROM transactions WHERE root = ?1)",
            (root,),
        ).fetchone()
    )


def _redone_keys(connection: sqlite3.Connection, root: int, upto: int) -> tuple[str, ...]:
    """Keys of the changes that hold although they were taken back, or rejected, before the move."""
    rows = connection.execute(
        "SELECT DISTINCT changes.key FROM changes JOIN transactions ON transactions.id = changes.txn "
        "JOIN decisions ON decisions.root = transactions.root AND decisions.key = changes.key "
        "WHERE transactions.root = ? AND transactions.id > ? AND changes.active AND verdict IN (?, ?) ORDER BY 1",
        (root, upto, Verdict.UNDONE, Verdict.REJECTED),
    )
    return tuple(key for (key,) in rows)


def _record_move(connection: sqlite3.Connection, root: int, upto: int, move: Move, at: datetime) -> int:
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


def hint_at_origin(state: Database, snapshot: Snapshot) -> tuple[str, ...]:
    """Point to the one root that is gone and has most of its notes, unchanged, in a directory not known before.

    Returns nothing if there is no such root, or more than one.
    """
    digests = {source.path: source.sha256 for source in snapshot.sources}
    found: dict[str, tuple[int, int]] = {}
    for number, name in state.query("SELECT id, path FROM roots"):
        root, names = os.fsdecode(name), _note_paths(state, number)
        known = {} if digests.keys().isdisjoint(names) else _known_digests(state, root, names)
        same = sum(digests.get(path) == digest for path, digest in known.items())
        if root != snapshot.root and same * 2 > len(known) and is_gone(root):
            found[root] = same, len(known)
    if len(found) != 1:
        return ()
    ((old, (same, notes)),) = found.items()
    command = f"kairos moved {quote(old)} {quote(snapshot.root)}"
    what = f"{same:,} of the {notes:,} notes that Kairos knew in {old} are here, and {old} no longer exists"
    return (f"{what}. If the directory was moved here, `{command}` carries its history over.",)


def is_gone(path: str) -> bool:
    """Whether the directory of a root is no longer at its path, as far as that can be told."""
    try:
        return not _exists(path)
    except StorageError:  # it cannot be told
        return False


def _exists(path: str) -> bool:
    """Whether anything exists at a path that is neither a link nor below one: roots are known by such paths only."""
    with storage_errors(f"look at {path}"):
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return os.path.realpath(path) == path


def _compare_notes(state: Database, root: int, later: int | None, path: str, tree: Tree) -> Notes:
    """Look for the notes of a root in a directory.

    A note also counts as unchanged if it was so when Kairos first wrote it there, as the root with the number
    `later`.
    """
    left = _unchanged_digests(state, root, path)
    found = {name: tree.read(name).sha256 for name in left}
    known = {
        name: digests for name, digests in left.items() if found[name] != ABSENT or ABSENT not in digests
    }
    there = sum(found[name] != ABSENT for name in known)
    same = sum(
        found[name] in digests or _digest_before_first_write(state, later, name) in digests
        for name, digests in known.items()
    )
    return Notes(len(known), there, same)


def _unchanged_digests(state: Database, root: int, path: str) -> dict[str, set[str]]:
    """Digests that each note of a root may have if nobody else changed it.

    There can be two of one note: in a joined history, the last dream may have recorded notes that earlier
    transactions had left.
    """
    return {
        name: {digest, *(left for (left,) in state.query(WRITTEN, root, os.fsencode(name), 0))}
        for name, digest in _known_digests(state, path, _note_paths(state, root)).items()
    }


def _digest_before_first_write(state: Database, root: int | None, name: str) -> str | None:
    """Digest of a note before Kairos first wrote it in a root; None if it never did."""
    rows = state.query(_BEFORE_FIRST_WRITE, root, os.fsencode(name))
    return next((digest for (digest,) in rows), None)


def _note_paths(state: Database, root: int) -> tuple[str, ...]:
    return tuple(os.fsdecode(name) for (name,) in state.query("SELECT path FROM notes WHERE root = ?", root))


def _known_digests(state: Database, path: str, names: tuple[str, ...]) -> dict[str, str]:
    """Digests of a root's notes as the last dream, or what was done since, left them."""
    files = known_files(state, path, names)
    return {name: file.sha256 for name, file in files.items() if file.sha256 != ABSENT}
