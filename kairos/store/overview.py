"""How roots are doing, for `kairos status`.

Read without importing the types of the model, which take longer to load than all of this.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from kairos.store.database import Database, decoding_errors, open_database, open_in_memory
from kairos.store.disk import DISK

_ROOTS = """
    SELECT id, path, layout, EXISTS (SELECT 1 FROM transactions WHERE root = roots.id) FROM roots ORDER BY path
"""
_MOVES = """
    SELECT before, path FROM moves JOIN transactions ON transactions.id = txn JOIN roots ON roots.id = root
    ORDER BY txn
"""
_LAST_DREAM = """
    SELECT last.id, last.at, outcome, stats, skipped, kind, transactions.at
    FROM (SELECT * FROM dreams WHERE root = ? ORDER BY id DESC LIMIT 1) AS last
    LEFT JOIN transactions ON transactions.root = last.root AND status = 'committed' AND transactions.id > seen
        AND kind != 'move'
    ORDER BY transactions.id DESC LIMIT 1
"""
_DUPLICATES_REMOVED = """
    SELECT count(*) FROM changes JOIN transactions ON transactions.id = txn
    WHERE root = ? AND changes.active AND changes.kind = 'merge'
"""
_OPEN_CONFLICTS = "SELECT count(*) FROM conflicts WHERE root = ? AND status = 'open'"
_WAITING_PROPOSALS = "SELECT count(*) FROM proposals WHERE root = ? AND status = 'waiting'"
_PENDING = """
    SELECT transactions.id, path FROM roots JOIN transactions ON root = roots.id WHERE status = 'pending'
"""
_ALERTS = "SELECT path, kind, words, since FROM alerts WHERE root = ? ORDER BY path, kind"

_INDEX = frozenset({"index_lines", "index_bytes", "budget_lines", "budget_bytes"})
_NUMBERS = _INDEX | {"entries", "stale"}


class SkipRow(NamedTuple):
    """What a dream left alone: the fields of a `Skip` that its status shows."""

    what: str
    reason: str
    advice: str
    key: str


class LastDream(NamedTuple):
    """The latest dream of a root.

    `since` is the kind and time of the last transaction after it, an undo or a decision: the dream's findings are
    older than that.
    """

    id: int
    at: datetime
    outcome: str
    stats: Mapping[str, Any]
    skipped: tuple[SkipRow, ...]
    since: tuple[str, datetime] | None = None


class AlertRow(NamedTuple):
    """Something done to a note behind our back, and the day on which it was first seen."""

    path: str
    kind: str
    words: str
    since: str


class RootOverview(NamedTuple):
    """One root: its latest dream, what that gained, what waits, and alerts that nobody has acknowledged.

    `is_written`: whether Kairos ever wrote there, so that its history has to stay.
    """

    root: str
    layout: str = ""
    last: LastDream | None = None
    duplicates_removed: int = 0
    open_conflicts: int = 0
    waiting_proposals: int = 0
    alerts: tuple[AlertRow, ...] = ()
    is_written: bool = False


def open_overview(directory: Path | None) -> Database:
    """Open the state in a directory to look at it; None stands for a state that was never begun."""
    if directory is None:
        return Database(open_in_memory())
    return Database(*open_database(directory, DISK))


def overview(state: Database) -> tuple[RootOverview, ...]:
    """An overview of every root ever seen."""
    return tuple(
        RootOverview(
            root=os.fsdecode(path),
            layout=layout,
            last=_last_dream(state, number),
            duplicates_removed=_count(state, _DUPLICATES_REMOVED, number),
            open_conflicts=_count(state, _OPEN_CONFLICTS, number),
            waiting_proposals=_count(state, _WAITING_PROPOSALS, number),
            alerts=tuple(AlertRow(os.fsdecode(file), *rest) for file, *rest in state.query(_ALERTS, number)),
            is_written=bool(is_written),
        )
        for number, path, layout, is_written in state.query(_ROOTS)
    )


def moves(state: Database) -> Mapping[str, str]:
    """Where the history of each path is now from which `kairos moved` carried one over."""
    return {os.fsdecode(before): os.fsdecode(path) for before, path in state.query(_MOVES)}


def acknowledge(state: Database, root: str) -> int:
    """Delete the alerts of a root, since a person has seen them; returns how many there were."""
    with state.writing() as connection:
        return connection.execute(
            "DELETE FROM alerts WHERE root IN (SELECT id FROM roots WHERE path = ?)", (os.fsencode(root),)
        ).rowcount


def interrupted(state: Database, is_worked_on: Callable[[str], bool]) -> frozenset[str]:
    """The roots in which a crash left something half done; the next dream puts it right.

    A pending transaction in a root that somebody works on is merely under way. So a crash left only what was pending
    before asking whether anybody works there, and is still pending afterwards.
    """
    idle = {(number, path) for number, path in _pending(state) if not is_worked_on(path)}
    return frozenset(path for _, path in idle & _pending(state)) if idle else frozenset()


def _pending(state: Database) -> set[tuple[int, str]]:
    return {(number, os.fsdecode(path)) for number, path in state.query(_PENDING)}


def _last_dream(state: Database, root: int) -> LastDream | None:
    for number, at, outcome, stats, skipped, kind, later in state.query(_LAST_DREAM, root):
        with decoding_errors():
            skips = tuple(_skip_row(**skip) for skip in json.loads(skipped))
            since = None if kind is None else (kind, datetime.fromisoformat(later))
            return LastDream(number, datetime.fromisoformat(at), outcome, _stats(stats), skips, since)
    return None


def _skip_row(*, what: str, reason: str, advice: str, key: str = "", **_: str) -> SkipRow:
    return SkipRow(what, reason, advice, key)


def _stats(text: str) -> Mapping[str, Any]:
    """The figures of a dream; raises ValueError if one is missing or not a number."""
    stats: dict[str, Any] = json.loads(text)
    if not all(isinstance(stats.get(name), int | None) for name in _NUMBERS):
        raise ValueError("a figure is no number")
    if stats.get("index_lines") is not None and not stats.keys() >= _INDEX:
        raise ValueError("a figure is missing")
    return stats


def _count(state: Database, sql: str, root: int) -> int:
    return int(state.query(sql, root)[0][0])
