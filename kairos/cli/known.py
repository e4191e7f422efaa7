"""What is known about memory directories from the state, the configuration and the daemon, as far as they answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import click

from kairos.cli.access import state_directory
from kairos.cli.roots import NamedRoots, named_roots, unknown_root
from kairos.cli.timeouts import TimedCall, with_timeout
from kairos.control.root_problem import GONE, NEVER_THERE, root_problem
from kairos.errors import SilenceError
from kairos.report.escape import one_line
from kairos.store.database import NAME
from kairos.store.overview import RootOverview, acknowledge, moves, open_overview, overview

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.config import Config
    from kairos.store.database import Database


class Fault(NamedTuple):
    """What is wrong with the directory of a root, and since when, if the daemon has seen it happen."""

    problem: str
    since: datetime | None = None


class Known(NamedTuple):
    """A row for each root that the state, the configuration or the daemon knows, by its real path.

    `faults` are those of the roots' directories. `off` are the roots that the configuration disables; empty while the
    daemon runs, because it reports them itself. `moves` says where the history of a path that was left is now.
    `silences` are the errors of everything that did not answer. If the state is among them, `has_state` is false and
    nothing is known about dreams.
    """

    rows: Mapping[str, RootOverview]
    off: frozenset[str]
    silences: tuple[SilenceError, ...]
    has_state: bool
    faults: Mapping[str, Fault] = MappingProxyType({})
    moves: Mapping[str, str] = MappingProxyType({})

    def of(self, root: Path) -> RootOverview:
        """Return the row of a root; raises NoSuchRootError, or SilenceError if the path does not answer."""
        try:
            real, silence = with_timeout(root, lambda: os.path.realpath(root)), None
        except SilenceError as error:
            real, silence = os.path.abspath(root), error  # noqa: PTH100 - asks no file system
        if real in self.rows:
            return self.rows[real]
        seen = [path for path, row in self.rows.items() if row.last is not None]
        raise silence or unknown_root(root, seen, self.moves)


NOTHING_KNOWN = Known({}, frozenset(), (), has_state=True)


def known_roots(config: Config | None, view: DaemonView) -> Known:
    """Return all that is known about roots; sources that do not answer are left out."""
    directory = state_directory(config)
    state = TimedCall(directory, lambda: _overviews(directory))
    named = named_roots(config)
    rows: dict[str, RootOverview] = {}
    moved: Mapping[str, str] = {}
    silences = list(named.silences)
    try:
        overviews, moved = state.result()
        rows = {row.root: row for row in overviews}
        has_state = True
    except SilenceError as error:
        silences.insert(0, error)
        has_state = False
    watched = [root_status.path for root_status in view.status.roots] if view.status else []
    for path in (*(root.real for root in named.roots), *watched):
        rows.setdefault(path, RootOverview(path))
    off = frozenset(root.real for root in named.roots if not root.is_enabled)
    faults, silent = _faults(rows, named, view)
    silences += [silence for silence in silent if str(silence) not in set(map(str, named.silences))]
    return Known(rows, off if view.status is None else frozenset(), tuple(silences), has_state, faults, moved)


def _faults(
    rows: Mapping[str, RootOverview], named: NamedRoots, view: DaemonView
) -> tuple[dict[str, Fault], tuple[SilenceError, ...]]:
    """Return what is wrong with each root's directory, and the errors of those that do not answer.

    Only the roots that neither the daemon nor the configuration names still have to be looked at.
    """
    problems: dict[str, str | None] = {root.real: root.problem for root in named.roots}
    watched = view.roots if view.status else {}
    calls = {
        path: TimedCall(path, partial(root_problem, Path(path)))
        for path in rows
        if path not in problems and path not in watched
    }
    silences = []
    for path, call in calls.items():
        try:
            problems[path] = call.result()
        except SilenceError as error:
            silences.append(error)
    faults = {
        path: Fault(_since_it_was_there(problem, rows[path])) for path, problem in problems.items() if problem
    }
    faults |= {
        path: Fault(root.problem, root.problem_since) for path, root in watched.items() if root.problem
    }
    return faults, tuple(silences)


def _since_it_was_there(problem: str, row: RootOverview) -> str:
    """Return the problem of a root in the light of its history: what a dream has read no longer exists."""
    return GONE if problem == NEVER_THERE and row.last is not None else problem


def acknowledge_alerts(config: Config | None, rows: Iterable[RootOverview]) -> None:
    """Acknowledge the alerts of these roots: a person has seen them, so they are forgotten."""
    directory, roots = state_directory(config), [row.root for row in rows if row.alerts]

    def forget() -> None:
        with _state(directory) as state:
            for root in roots:
                acknowledge(state, root)

    with_timeout(directory, forget)


def _overviews(directory: Path) -> tuple[tuple[RootOverview, ...], Mapping[str, str]]:
    with _state(directory) as state:
        return overview(state), moves(state)


@contextmanager
def _state(directory: Path) -> Iterator[Database]:
    """Open the state and print its notices; on a machine where Kairos never ran, this creates no files."""
    with open_overview(directory if (directory / NAME).exists() else None) as state:
        for notice in state.notices:
            click.echo(f"kairos: {one_line(notice)}", err=True)
        yield state
