"""`kairos forget`."""

from __future__ import annotations

from pathlib import Path

import click

from kairos.cli.access import existing_config, open_state, shown_path
from kairos.cli.options import PathAsGiven, config_option, json_option
from kairos.cli.roots import known_root
from kairos.cli.terminal import print_json


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
        real = known_root(root, state)
        forget_root(state, real)
    if as_json:
        print_json({"root": real, "forgotten": True})
    else:
        click.echo(f"Forgot {shown_path(real)}; its notes are as they were.")
