"""`kairos forget`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import existing_config, open_state, shown_path
from kairos.cli.options import PathAsGiven, config_option, json_option
from kairos.cli.roots import innermost, known_root
from kairos.cli.terminal import print_json
from kairos.errors import NoSuchRootError

if TYPE_CHECKING:
    from kairos.store.state import State


@click.command()
@click.argument("root", type=PathAsGiven())
@json_option
@config_option
def forget(root: Path, *, as_json: bool, config_file: Path | None) -> None:
    """Forget a directory that was dreamt over by mistake.

    Removes its dreams, proposals and conflicts from Kairos' state; no note is touched. Only for directories in which
    Kairos has never written: for others, undo needs what is kept.
    """
    from kairos.store.forget import forget as forget_root

    with open_state(existing_config(config_file)) as state:
        real = _known(root, state)
        forget_root(state, real)
    if as_json:
        print_json({"root": real, "forgotten": True})
    else:
        click.echo(f"Forgot {shown_path(real)}; its notes are as they were.")


def _known(root: Path, state: State) -> str:
    """Return the real path of a root; raises NoSuchRootError, which for a forgotten one advises no dream or move."""
    if root.is_dir() and innermost(os.path.realpath(root), state.roots()) is None:
        raise NoSuchRootError(
            f"Kairos knows nothing about {root}, so there is nothing to forget.",
            "`kairos status` lists the directories that it knows.",
        )
    return known_root(root, state)
