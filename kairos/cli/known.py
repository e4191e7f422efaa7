"""What is known about memory directories from the state, the configuration and the daemon, as far as they answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kairos.cli.access import state_directory
from kairos.cli.roots import named_roots, unknown_root
from kairos.cli.timeouts import TimedCall, with_timeout
from kairos.errors import SilenceError
from kairos.report.escape import one_line
from kairos.store.database import NAME
from kairos.store.overview import RootOverview, acknowledge, open_overview, overview

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.config import Config
    from kairos.store.database import Database


class Known(NamedTuple):
    """A row for each root that the state, the configuration or the daemon knows, by its real path.

    `off` are the roots that the configuration disables; empty while the daemon runs, because it reports them itself.
    `silences` are the errors of everything that did not answer. If the state is among them, `has_state` is false and
    nothing is known about dreams.
    """

    rows: Mapping[str, RootOverview]
    off: frozenset[str]
    silences: tuple[SilenceError, ...]
    has_state: bool

    def of(self, root: Path) -> RootOverview:
        """Return the row of a root; raises NoSuchRootError, or SilenceError if the path does not answer."""
        try:
            real, silence = with_timeout(root, lambda: os.path.realpath(root)), None
        except SilenceError as error:
            real, silence = os.path.abspath(root), error  # noqa: PTH100 - asks no file system
        if real in self.rows:
            return self.rows[real]
        raise silence or unknown_root(root)


NOTHING_KNOWN = Known({}, frozenset(), (), has_state=True)


def known_roots(config: Config | None, view: DaemonView) -> Known:
    """Return all that is known about roots; sources that do not answer are left out."""
    directory = state_directory(config)
    state = TimedCall(directory, lambda: _overviews(directory))
    named = named_roots(config)
    rows: dict[str, RootOverview] = {}
    silences = list(named.silences)
    try:
        rows = {row.root: row for row in state.result()}
        has_state = True
    except SilenceError as error:
        silences.insert(0, error)
        has_state = False
    watched = [root_status.path for root_status in view.status.roots] if view.status else []
    for path in (*(root.real for root in named.roots), *watched):
        rows.setdefault(path, RootOverview(path))
    off = frozenset(root.real for root in named.roots if not root.is_enabled)
    return Known(rows, off if view.status is None else frozenset(), tuple(silences), has_state)


def acknowledge_alerts(config: Config | None, rows: Iterable[RootOverview]) -> None:
    """Acknowledge the alerts of these roots: a person has seen them, so they are forgotten."""
    directory, roots = state_directory(config), [row.root for row in rows if row.alerts]

    def forget() -> None:
        with _state(directory) as state:
            for root in roots:
                acknowledge(state, root)

    with_timeout(directory, forget)


def _overviews(directory: Path) -> tuple[RootOverview, ...]:
    with _state(directory) as state:
        return overview(state)


@contextmanager
def _state(directory: Path) -> Iterator[Database]:
    """Open the state and print its notices; on a machine where Kairos never ran, this creates no files."""
    with open_overview(directory if (directory / NAME).exists() else None) as state:
        for notice in state.notices:
            click.echo(f"kairos: {one_line(notice)}", err=True)
        yield state
