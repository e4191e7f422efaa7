"""What there is to tell of memory directories, from state, configuration and daemon, as far as they answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kairos.cli.access import state_directory
from kairos.cli.patience import Question, answered
from kairos.cli.roots import named_roots, unknown_root
from kairos.errors import SilenceError
from kairos.report.escape import one_line
from kairos.store.database import NAME
from kairos.store.overview import RootOverview, acknowledge, open_overview, overview

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.config import Config
    from kairos.store.database import Database


class Known(NamedTuple):
    """A row for each root that is known to anybody, by its real path; `off` are those that are switched off.

    `silences` says who did not answer. Without the state, `has_state` is false, and nothing is known of dreams.
    """

    rows: Mapping[str, RootOverview]
    off: frozenset[str]
    silences: tuple[SilenceError, ...]
    has_state: bool

    def of(self, root: Path) -> RootOverview:
        """Return the row of the root that is meant; raises NoSuchRootError, or SilenceError where nobody can say."""
        try:
            real, silence = answered(root, lambda: os.path.realpath(root)), None
        except SilenceError as error:
            real, silence = os.path.abspath(root), error  # noqa: PTH100 - asks no file system
        if real in self.rows:
            return self.rows[real]
        raise silence or unknown_root(root)


NOTHING = Known({}, frozenset(), (), has_state=True)


def known_roots(config: Config | None, view: DaemonView) -> Known:
    """Return what is known, whoever does not answer."""
    directory = state_directory(config)
    state = Question(directory, lambda: _overviews(directory))
    named = named_roots(config)
    rows: dict[str, RootOverview] = {}
    silences = list(named.silences)
    try:
        rows = {row.root: row for row in state.answer()}
        has_state = True
    except SilenceError as error:
        silences.insert(0, error)
        has_state = False
    watched = [standing.path for standing in view.status.roots] if view.status else []
    for path in (*(root.real for root in named.roots), *watched):
        rows.setdefault(path, RootOverview(path))
    off = frozenset(root.real for root in named.roots if not root.is_enabled)
    return Known(rows, off if view.status is None else frozenset(), tuple(silences), has_state)


def take_for_seen(config: Config | None, rows: Iterable[RootOverview]) -> None:
    """Forget the alerts of these roots, since a person has seen them."""
    directory, roots = state_directory(config), [row.root for row in rows if row.alerts]

    def forget() -> None:
        with _state(directory) as state:
            for root in roots:
                acknowledge(state, root)

    answered(directory, forget)


def _overviews(directory: Path) -> tuple[RootOverview, ...]:
    with _state(directory) as state:
        return overview(state)


@contextmanager
def _state(directory: Path) -> Iterator[Database]:
    """Open what Kairos knows; on a machine where it never ran, this leaves nothing behind."""
    with open_overview(directory if (directory / NAME).exists() else None) as state:
        for notice in state.notices:
            click.echo(f"kairos: {one_line(notice)}", err=True)
        yield state
