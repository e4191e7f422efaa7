"""`kairos config`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kairos.cli.access import read_config
from kairos.cli.options import config_option, json_option
from kairos.cli.terminal import print_json
from kairos.core.text.counts import count
from kairos.report.escape import one_line, visible


@click.group()
def config() -> None:
    """Check or show the configuration."""


@config.command()
@json_option
@config_option
def check(*, as_json: bool, config_file: Path | None) -> None:
    """Check the configuration and report all faults at once."""
    from kairos.config import config_path, home_dir

    path = config_file or config_path(os.environ)
    loaded = read_config(config_file)
    roots = [root.path for root in loaded.roots_expanded(home_dir(os.environ))]
    if as_json:
        named = [{"root": str(root), "exists": root.is_dir()} for root in roots]
        print_json({"file": str(path), "exists": path.exists(), "roots": named})
        return
    if path.exists():
        click.echo(f"{one_line(str(path))} is valid.")
    else:
        click.echo(f"There is no {one_line(str(path))}; the defaults apply.")
    click.echo(f"It names {count(len(roots), 'memory directory', 'memory directories')}.")
    for root in roots:
        missing = "" if root.is_dir() else "  (does not exist)"
        click.echo(f"  {one_line(str(root))}{missing}")


@config.command()
@json_option
@config_option
def show(*, as_json: bool, config_file: Path | None) -> None:
    """Print the configuration in force, with defaults filled in."""
    from kairos.config import dump

    if as_json:
        print_json(read_config(config_file).to_value())
        return
    click.echo(visible(dump(read_config(config_file))), nl=False)
