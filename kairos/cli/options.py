"""Options and arguments shared by several commands."""

from __future__ import annotations

import os
from pathlib import Path

import click


class PathAsGiven(click.Path):
    """A path that is not checked against the file system: one that does not answer would block the whole command."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,  # noqa: ARG002 - as click calls it
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path:
        """Return the path."""
        return Path(value)


config_option = click.option(
    "--config",
    "config_file",
    type=PathAsGiven(),
    metavar="PATH",
    help="Read this configuration instead of the usual one.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

root_argument = click.argument("root", required=False, type=PathAsGiven())
