"""`kairos pause` and `kairos resume`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import existing_config, local_now, open_state, shown_path, state_directory
from kairos.cli.moments import duration_option
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import known_root, named_roots
from kairos.cli.terminal import configured, print_json

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.control.ledger import Ledger


@click.command()
@root_argument
@click.option(
    "--for",
    "lasting",
    metavar="DURATION",
    callback=duration_option,
    help="How long, such as 2h, 90m or 1d12h.",
)
@json_option
@config_option
def pause(root: Path | None, *, lasting: timedelta | None, as_json: bool, config_file: Path | None) -> None:
    """Keep the daemon from dreaming.

    Pauses one directory or all of them, for a time or until `kairos resume`. A dream that is already running goes on,
    and `kairos dream` still works.
    """
    from kairos.cli.daemon import request_or_edit_ledger
    from kairos.cli.status_lines import pause_words
    from kairos.control.protocol import Request, Verb
    from kairos.control.status import FOREVER

    config = existing_config(config_file)
    meant = _meant(root, config)
    until = local_now() + lasting if lasting else FOREVER
    request = Request(Verb.PAUSE, meant, until)
    request_or_edit_ledger(state_directory(config), request, lambda ledger: _paused(ledger, meant, until))
    if as_json:
        print_json({"root": meant, "paused_until": None if until >= FOREVER else until.isoformat()})
        return
    works = configured("`kairos dream` still works")
    click.echo(f"The daemon will not dream over {_paused_name(meant)} {pause_words(until)}; {works}.")


@click.command()
@root_argument
@json_option
@config_option
def resume(root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """End a pause.

    Without a ROOT, ends every pause, including those of single directories.
    """
    from kairos.cli.daemon import request_or_edit_ledger
    from kairos.cli.status_lines import pause_words
    from kairos.control.ledger import read_ledger
    from kairos.control.protocol import Request, Verb

    config = existing_config(config_file)
    meant = _meant(root, config)
    state_dir = state_directory(config)
    request_or_edit_ledger(state_dir, Request(Verb.RESUME, meant), lambda ledger: _resumed(ledger, meant))
    still = read_ledger(state_dir).paused_until
    if as_json:
        kept = meant is not None and still is not None and still > local_now()
        print_json({"root": meant, "all_paused": kept})
        return
    click.echo(f"The daemon dreams over {_name(meant)} again once it is due.")
    if meant is not None and still is not None and still > local_now():
        ends = configured("`kairos resume` ends that")
        click.echo(f"But all directories are paused {pause_words(still)}; {ends}.")


def _meant(root: Path | None, config: Config | None) -> str | None:
    """Return the real path of a root that the configuration or the state knows; raises NoSuchRootError."""
    if root is None:
        return None
    real = os.path.realpath(root)
    if real in {root.real for root in named_roots(config).roots}:
        return real
    with open_state(config) as state:
        return known_root(root, state)


def _paused_name(root: str | None) -> str:
    return "any directory" if root is None else _name(root)


def _name(root: str | None) -> str:
    return "every directory" if root is None else shown_path(root)


def _paused(ledger: Ledger, root: str | None, until: datetime) -> Ledger:
    if root is None:
        return replace(ledger, paused_until=until)
    return ledger.with_root(root, replace(ledger.of(root), paused_until=until))


def _resumed(ledger: Ledger, root: str | None) -> Ledger:
    if root is not None:
        return ledger.with_root(root, replace(ledger.of(root), paused_until=None))
    roots = {path: replace(record, paused_until=None) for path, record in ledger.roots.items()}
    return replace(ledger, paused_until=None, roots=roots)
