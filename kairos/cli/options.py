"""Options and arguments that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Read this configuration instead of the usual one.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

root_argument = click.argument("root", required=False, type=click.Path(path_type=Path))
