"""Where notes come from, kept from one dream to the next."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from kairos.core.root.figures import Alert, AlertKind
from kairos.core.root.provenance import Author, KnownNote, Provenance
from kairos.store.codec import parse_time
from kairos.store.database import decoding_errors
from kairos.store.digests import ABSENT
from kairos.store.known import WRITTEN
from kairos.store.records import Reached, TransactionKind, TransactionStatus
from kairos.store.state import State

_EDITS_KEPT = 20
"""How many edits are remembered per note."""
_SESSIONS_KEPT = 20
_NOTE = "SELECT path, sha256, mtime_ns, owner, sessions, outside, changed, kept, pinned, gone FROM notes WHERE root = ?"


@dataclass(frozen=True, slots=True)
class PastEdit:
    """A change that a dream found in a note: on which day, and whose it was."""

    dream: int
    day: date
    author: Author
    session: str


@dataclass(frozen=True, slots=True)
class OwnWrite:
    """A transaction in which Kairos itself wrote or removed a note; `dream` is its dream's number, if it has one."""

    transaction: int
    kind: TransactionKind
    at: datetime
    removed: bool = False
    dream: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Everything known about where a note comes from, newest edits first.

    `first_dream` looked at it on `first_seen`; `last_seen` is the day of the latest dream that found it.
    """

    note: KnownNote
    first_seen: date
    first_dream: int
    last_seen: date
    edits: tuple[PastEdit, ...]
    own: tuple[OwnWrite, ...]


def known_notes(state: State, root: Path | str) -> dict[str, KnownNote]:
    """What is known about the notes of a root, by path, including those that are gone."""
    rows = state.query(_NOTE, state.root_id(root))
    with decoding_errors():
        return {note.path: note for note in (_note(*row) for row in rows)}


def _known_note(state: State, root: int | None, path: str) -> KnownNote | None:
    """What is known about one note of the root with the number `root`; None if nothing is."""
    rows = state.query(f"{_NOTE} AND path = ?", root, os.fsencode(path))
    with decoding_errors():
        return next((_note(*row) for row in rows), None)


def _note(  # noqa: PLR0917 - the columns of a SELECT
    path: bytes,
    sha256: str,
    mtime_ns: int,
    owner: int | None,
    sessions: str,
    outside: int,
    changed: str | None,
    kept: str,
    pinned: int,
    gone: str | None,
) -> KnownNote:
    return KnownNote(
        path=os.fsdecode(path),
        sha256=sha256,
        mtime_ns=mtime_ns,
        owner=owner,
        sessions=tuple(sessions.splitlines()),
        outside=bool(outside),
        changed=date.fromisoformat(changed) if changed else None,
        kept=frozenset(kept.split()),
        pinned=bool(pinned),
        gone=date.fromisoformat(gone) if gone else None,
    )


def written_by_kairos(state: State, root: Path | str, paths: Iterable[str]) -> dict[str, str]:
    """The sha256 that the latest transaction left in each of some files, for those that one touched."""
    found: dict[str, str] = {}
    number = state.root_id(root)
    for path in paths:
        for (digest,) in state.query(WRITTEN, number, os.fsencode(path), 0):
            found[path] = digest
    return found


def remember(state: State, root: Path | str, found: Provenance, *, dream: int, today: date) -> None:
    """Record what a dream found out about the notes of a root."""
    if not (found.news or found.edits or found.alerts):
        return
    number, day = state.remember_root(root), today.isoformat()
    with state.writing() as connection:
        connection.executemany(
            "INSERT INTO notes (root, path, sha256, mtime_ns, owner, sessions, outside, changed, kept, pinned, "
            "gone, first_seen, first_dream) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (root, path) DO UPDATE SET sha256 = excluded.sha256, mtime_ns = excluded.mtime_ns, "
            "owner = excluded.owner, sessions = excluded.sessions, outside = excluded.outside, "
            "changed = excluded.changed, kept = excluded.kept, pinned = excluded.pinned, gone = excluded.gone",
            [(number, *_columns(note), day, dream) for note in found.news],
        )
        connection.executemany(
            "INSERT INTO note_edits (root, path, dream, day, author, session) VALUES (?, ?, ?, ?, ?, ?)",
            [(number, os.fsencode(e.path), dream, day, e.author, e.session) for e in found.edits],
        )
        connection.executemany(
            "DELETE FROM note_edits WHERE root = ?1 AND path = ?2 AND id <= "
            "(SELECT id FROM note_edits WHERE root = ?1 AND path = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
            [(number, os.fsencode(edit.path), _EDITS_KEPT) for edit in found.edits],
        )
        connection.executemany(
            "INSERT INTO alerts (root, path, kind, words, since) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (root, path, kind) DO UPDATE SET words = excluded.words",
            [(number, os.fsencode(a.path), a.kind, a.words, day) for a in found.alerts],
        )


def _columns(note: KnownNote) -> tuple[object, ...]:
    return (
        os.fsencode(note.path),
        note.sha256,
        note.mtime_ns,
        note.owner,
        "\n".join(note.sessions[-_SESSIONS_KEPT:]),
        note.outside,
        note.changed and note.changed.isoformat(),
        " ".join(sorted(note.kept)),
        note.pinned,
        note.gone and note.gone.isoformat(),
    )


def join(state: State, root: Path | str, merged: Iterable[tuple[str, str]]) -> None:
    """Add to the origin of each survivor that of what was merged into it, directly or by way of another merge.

    `merged` are pairs of paths, the survivor first.
    """
    pairs, number = tuple(merged), state.root_id(root)
    paths = dict.fromkeys(path for pair in pairs for path in pair)
    found = {path: note for path in paths if (note := _known_note(state, number, path)) is not None}
    heirs: dict[str, None] = {}
    changed = True
    while changed:  # a survivor may take in several, and be merged into another itself
        changed = False
        for kept, dropped in pairs:
            if kept not in found or dropped not in found:
                continue
            joined = _with_origin_of(found[kept], found[dropped])
            if joined != found[kept]:
                found[kept], heirs[kept], changed = joined, None, True
    with state.writing() as connection:
        connection.executemany(
            "UPDATE notes SET sessions = ?, outside = ? WHERE root = ? AND path = ?",
            [
                (
                    "\n".join(found[path].sessions[-_SESSIONS_KEPT:]),
                    found[path].outside,
                    number,
                    os.fsencode(path),
                )
                for path in heirs
            ],
        )


def _with_origin_of(one: KnownNote, other: KnownNote) -> KnownNote:
    sessions = tuple(dict.fromkeys((*one.sessions, *other.sessions)))
    return replace(one, sessions=sessions, outside=one.outside or other.outside)


def open_alerts(state: State, root: Path | str) -> tuple[Alert, ...]:
    """The alerts of a root that nobody has acknowledged."""
    rows = state.query(
        "SELECT path, kind, words FROM alerts WHERE root = ? ORDER BY path, kind", state.root_id(root)
    )
    with decoding_errors():
        return tuple(Alert(os.fsdecode(path), AlertKind(kind), words) for path, kind, words in rows)


def origin(state: State, root: Path | str, path: str) -> Origin | None:
    """Where a note comes from; None for one that no dream has seen."""
    number, name = state.root_id(root), os.fsencode(path)
    note = _known_note(state, number, path)
    if note is None:
        return None
    ((first_seen, first_dream),) = state.query(
        "SELECT first_seen, first_dream FROM notes WHERE root = ? AND path = ?", number, name
    )
    latest = state.query(
        "SELECT today FROM dreams WHERE root = ? AND today < ? ORDER BY id DESC LIMIT 1",
        number,
        note.gone.isoformat() if note.gone else "9999",
    )
    edits = state.query(
        "SELECT dream, day, author, session FROM note_edits WHERE root = ? AND path = ? ORDER BY id DESC",
        number,
        name,
    )
    own = state.query(
        "SELECT txn, kind, at, after = ? AND reached = ?, (SELECT max(id) FROM dreams WHERE dreams.txn = files.txn) "
        "FROM files JOIN transactions ON transactions.id = txn "
        "WHERE root = ? AND path = ? AND status = ? ORDER BY txn DESC",
        ABSENT,
        Reached.AFTER,
        number,
        name,
        TransactionStatus.COMMITTED,
    )
    with decoding_errors():
        return Origin(
            note=note,
            first_seen=date.fromisoformat(first_seen),
            first_dream=first_dream,
            last_seen=date.fromisoformat(latest[0][0] if latest else first_seen),
            edits=tuple(PastEdit(n, date.fromisoformat(day), Author(who), s) for n, day, who, s in edits),
            own=tuple(
                OwnWrite(n, TransactionKind(kind), parse_time(at), bool(gone), dream)
                for n, kind, at, gone, dream in own
            ),
        )


def forget_gone(state: State, before: date) -> None:
    """Forget notes that were gone before a day, and the edits recorded for them."""
    with state.writing() as connection:
        connection.execute("DELETE FROM notes WHERE gone < ?", (before.isoformat(),))
        connection.execute(
            "DELETE FROM note_edits WHERE NOT EXISTS "
            "(SELECT 1 FROM notes WHERE notes.root = note_edits.root AND notes.path = note_edits.path)"
        )
