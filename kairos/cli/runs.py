"""Dreams that found nothing to do, one after the other: a daemon makes one a day, and they hide what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kairos.store.records import LogRow

_IDLE = ("dream", "nothing")
_MORE = 4
"""How many times as many rows are asked for where too many of them were of no interest."""


@dataclass(slots=True)
class Run:
    """A row of the log with the older ones that say the same of the same root, with nothing done there in between."""

    newest: LogRow
    older: list[LogRow] = field(default_factory=list)


def runs_of(rows: Iterable[LogRow]) -> list[Run]:
    """Join the dreams of each root that did nothing; `rows` are newest first, and so are the runs."""
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
    """Return the latest runs, at most `limit`; `rows` gives as many rows as it is asked for, if there are so many."""
    wanted = limit
    while True:
        given = rows(wanted)
        found = runs_of(given)
        if len(found) > limit or len(given) < wanted:
            return found[:limit]
        wanted *= _MORE
