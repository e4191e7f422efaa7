"""Runs of dreams that found nothing to do, for the log: a daemon adds one a day, and they would bury the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kairos.store.records import LogRow

_IDLE = ("dream", "nothing")
_GROWTH = 4
"""If the rows make too few runs, this many times as many are asked for."""


@dataclass(slots=True)
class Run:
    """A row of the log, and the older rows that say the same about the same root with nothing else in between."""

    newest: LogRow
    older: list[LogRow] = field(default_factory=list)


def runs_of(rows: Iterable[LogRow]) -> list[Run]:
    """Join consecutive dreams of a root that found nothing to do. Takes rows, and returns runs, newest first."""
    found: list[Run] = []
    idle: dict[str, Run] = {}
    for row in rows:
        is_idle = (row.kind, row.outcome) == _IDLE
        if is_idle and row.root in idle:
            idle[row.root].older.append(row)
            continue
        found.append(Run(row))
        idle.pop(row.root, None)
        if is_idle:
            idle[row.root] = found[-1]
    return found


def latest_runs(rows: Callable[[int], Sequence[LogRow]], limit: int) -> list[Run]:
    """Return the latest runs, at most `limit`. `rows(n)` returns the newest `n` rows, or all if there are fewer."""
    wanted = limit
    while True:
        given = rows(wanted)
        found = runs_of(given)
        if len(found) > limit or len(given) < wanted:
            return found[:limit]
        wanted *= _GROWTH
