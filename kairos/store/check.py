"""Inspects Kairos' own state without changing it: what is wrong, and how to mend it."""

from __future__ import annotations

import math
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from shlex import quote
from urllib.parse import quote as url_quote

from kairos.core.text.counts import count
from kairos.errors import StateError
from kairos.store import queries
from kairos.store.activity import what_holds
from kairos.store.chain import ORIGIN, breaks, head
from kairos.store.codec import parse_time
from kairos.store.database import NAME
from kairos.store.journal import Journal
from kairos.store.objects import Kept, Objects
from kairos.store.overview import overview
from kairos.store.provenance import known_notes, open_alerts
from kairos.store.records import Transaction, TransactionStatus, Undoing
from kairos.store.retention import collected, named_digests
from kairos.store.state import State

DIRECTORY = "directory"
"""The part of a flaw that keeps the state from being opened at all: another user's directory, or a link."""

_TELLING_LINK = 12
"""From how many digits on the beginning of a link resembles another one only if it is mistyped."""

_RESTORE = "Restore the state directory from a backup; the notes themselves are not touched by this."


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong: in which part, what, and how to mend it.

    If it is not `serious`, it needs no backup: the next dream, or the command in `mend`, puts it right.
    """

    part: str
    what: str
    mend: str
    serious: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """The length of the journal's chain, and its last link."""

    links: int
    head: str


def file_flaws(directory: Path) -> Iterator[Flaw]:
    """Yield what others can read, change or own in the state directory."""
    for place in (directory, *sorted(directory.rglob("*"))):
        status = place.lstat()
        part = DIRECTORY if place == directory else "files"
        if status.st_uid != os.geteuid():
            yield Flaw(part, f"{place} belongs to another user.", f"chown it to yours: {quote(str(place))}")
        elif stat.S_ISLNK(status.st_mode):
            yield Flaw(part, f"{place} is a symbolic link.", "Replace it with what it points to.")
        else:
            yield from _mode_flaws(place, status.st_mode)
        if place.name.startswith(f"{NAME}.corrupt-"):
            yield Flaw(
                "files",
                f"{place} was moved aside, because it was damaged.",
                "Restore it from a backup, or remove it.",
                serious=False,
            )


def _mode_flaws(place: Path, mode: int) -> Iterator[Flaw]:
    wanted = 0o700 if stat.S_ISDIR(mode) else 0o600
    mend = f"chmod {wanted:o} {quote(str(place))}"
    if mode & 0o077:
        yield Flaw("files", f"Other users can access {place}.", mend, serious=False)
    if wanted & ~mode:
        yield Flaw("files", f"You cannot access {place}.", mend)


def database_flaws(directory: Path) -> Iterator[Flaw]:
    """Yield what SQLite itself finds wrong; the database is opened read-only."""
    try:
        with closing(
            sqlite3.connect(f"file:{url_quote(os.fsencode(directory / NAME))}?mode=ro", uri=True)
        ) as raw:
            verdicts = [row[0] for row in raw.execute("PRAGMA integrity_check(3)")]
            loose = [row[0] for row in raw.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error as error:
        yield Flaw("database", f"It cannot be read: {error}.", _RESTORE)
        return
    yield from (
        Flaw("database", f"It is damaged: {verdict}.", _RESTORE) for verdict in verdicts if verdict != "ok"
    )
    for table in sorted(set(loose)):
        yield Flaw("database", f"A row of {table} refers to a row that does not exist.", _RESTORE)


def originals_without_journal(directory: Path) -> Iterator[Flaw]:
    """Yield a flaw if originals exist although the database is gone, and with it what they belong to."""
    kept = _whole(Objects(directory / "objects"))
    if kept:
        there = count(len(kept), "original is", "originals are")
        yield Flaw("database", f"It is missing, although {there} still there.", _RESTORE)


def unnamed_flaws(state: State, objects: Objects) -> Iterator[Flaw]:
    """Yield a flaw if there are originals older than the first transaction that no transaction names."""
    ((first,),) = state.query("SELECT min(at) FROM transactions")
    try:
        before = parse_time(first).timestamp() * 1e9 if first else math.inf
    except StateError:
        return  # reported by `journal_flaws`
    known = named_digests(state)
    older = [kept for kept in _whole(objects) if kept.mtime_ns < before and kept.digest not in known]
    if older:
        older_ones = count(len(older), "original is", "originals are")
        what = f"{older_ones} older than the journal, which does not name them."
        mend = (
            f"If there were dreams before, {NAME} was lost: restore it from a backup. If only the very first dream was "
            "killed, what it left is deleted by itself after journal.keep_days."
        )
        yield Flaw("journal", what, mend, serious=False)


def _whole(objects: Objects) -> list[Kept]:
    return [kept for kept in objects.all() if kept.digest is not None]


def record_flaws(state: State) -> Iterator[Flaw]:
    """Yield what cannot be read besides the history: what dreams found, and what is known about the notes."""
    readers: Mapping[str, Callable[[str], object]] = {
        "its dreams": state.dreams,
        "its conflicts": partial(state.conflicts, status=None),
        "its proposals": partial(state.proposals, status=None),
        "what was decided": state.decisions,
        "what the latest dream looked at": partial(queries.explain, state, path=""),
        "what is known of its notes": partial(known_notes, state),
        "its alerts": partial(open_alerts, state),
    }
    for root in state.roots():
        for what, read in readers.items():
            try:
                read(root)
            except StateError as error:
                yield Flaw("records", f"{root}: {what}: {error.what}", _RESTORE)
    try:
        overview(state)
    except StateError as error:
        yield Flaw("records", f"The figures of the latest dreams: {error.what}", _RESTORE)


def chain_of(state: State) -> Chain:
    """Length and head of the chain, to be noted somewhere else."""
    with state.reading() as connection:
        (links,) = connection.execute("SELECT count(*) FROM chain").fetchone()
        return Chain(links, head(connection))


def chain_flaws(state: State, noted: str | None = None) -> Iterator[Flaw]:
    """Yield where the history was tampered with; `noted` is the beginning of a link that was once the head."""
    with state.reading() as connection:
        found = tuple(breaks(connection))
        links = [row[0] for row in connection.execute("SELECT link FROM chain")]
    for item in found:
        name = "The journal" if item.transaction is None else f"Transaction t{item.transaction}"
        yield Flaw("history", f"{name}: {item.reason}.", _RESTORE)
    if noted is not None:
        yield from noted_link_flaws(noted, links)


def noted_link_flaws(noted: str, links: Sequence[str] = ()) -> Iterator[Flaw]:
    """Yield a flaw if `noted` begins no link of a chain; the origin begins every chain.

    That the history was rewritten is the rarest reason, so the advice begins with the others.
    """
    wanted = noted.casefold()
    if any(link.startswith(wanted) for link in (ORIGIN, *links)):
        return
    nearest = _nearest_link(wanted, links)
    if nearest is not None:
        advice = f"It is most likely mistyped: compare what you noted with {nearest}, the most similar link."
    else:
        advice = "Check that you noted it from this state directory, and copied it in full."
    yield Flaw(
        "history",
        f"{noted} is not a link of the chain.",
        f"{advice} Otherwise the history was rewritten: restore the state directory from a backup.",
    )


def _nearest_link(wanted: str, links: Sequence[str]) -> str | None:
    """Return the link that `wanted` resembles too much for chance; None if there is none."""
    if len(wanted) < _TELLING_LINK:
        return None
    begins = {link[: len(wanted)]: link for link in links}
    found = get_close_matches(wanted, begins, n=1, cutoff=0.8)
    return begins[found[0]] if found else None


def journal_flaws(state: State, objects: Objects) -> Iterator[Flaw]:
    """Yield transactions that cannot be read, were interrupted, or cannot be undone although they should be."""
    journal, gone = Journal(state), collected(state)
    for number, status in state.query("SELECT id, status FROM transactions ORDER BY id"):
        try:
            transaction = journal.get(number)
        except StateError as error:
            yield Flaw("journal", f"Transaction t{number}: {error.what}", _RESTORE)
            continue
        if status == TransactionStatus.PENDING:
            mend = f"kairos dream {quote(transaction.root)}"
            what = f"Transaction t{number} of {transaction.root} was interrupted."
            yield Flaw("journal", what, f"The next dream finishes it or rolls it back: {mend}", serious=False)
        if number not in gone:
            yield from _original_flaws(transaction, objects)


def activity_flaws(state: State) -> Iterator[Flaw]:
    """Yield transactions that are wrongly recorded as holding, or as undone."""
    for root in state.roots():
        try:
            history = Journal(state).history(root)
        except StateError:
            continue  # reported by `journal_flaws`
        holding, undone = what_holds((item.id, item.undoes) for item in history)
        for item in history:
            changes = {
                c.key for c in item.changes if item.id not in holding or Undoing(item.id, c.key) in undone
            }
            if item.active != (item.id in holding) or item.undone_keys != changes:
                yield Flaw(
                    "journal", f"Transaction t{item.id}: what was undone of it is recorded wrongly.", _RESTORE
                )


def _original_flaws(transaction: Transaction, objects: Objects) -> Iterator[Flaw]:
    for file in transaction.files:
        for version in sorted(file.versions - {""}):
            try:
                objects.get(version)
            except StateError as error:
                what = f"{error.what} Transaction t{transaction.id} needs them to undo {file.path}."
                yield Flaw("originals", what, error.advice)
