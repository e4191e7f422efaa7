"""The families of notes that some benchmarks read, and the options that these share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from bench.tables import Table, markdown, show

Family = Mapping[str, Any]
"""A base note, and lists of notes that say the same, contradict it or look alike, by kind."""

_Command = TypeVar("_Command", bound=Callable[..., None])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def family_options(command: _Command) -> _Command:
    """Add the parameters `files` and `held_out`, and `form` for `print_result`."""
    for add in (
        click.option(
            "--markdown", "form", flag_value="markdown", help="Print a table for the documentation."
        ),
        click.option("--json", "form", flag_value="json", help="Print JSON."),
        click.option(
            "--held-out", is_flag=True, help="Take only families that the shipped model was not trained on."
        ),
        click.argument("files", metavar="FAMILIES.jsonl…", type=_FILE, nargs=-1, required=True),
    ):
        command = add(command)
    return command


def read_families(files: Sequence[Path], *, held_out: bool) -> list[Family]:
    """Return the families of files, one per line; with `held_out`, those that the shipped model was not trained on."""
    lines = [line for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    families: list[Family] = [json.loads(line) for line in lines]
    if not held_out:
        return families
    from training.families import is_held_out  # noqa: PLC0415 - it needs the tools of training

    return [family for family in families if is_held_out(dict(family))]


def print_result(form: str | None, values: object, table: Table) -> None:
    """Print `values` as JSON, or the table as Markdown or for a terminal."""
    if form == "json":
        click.echo(json.dumps(values, indent=1))
    elif form == "markdown":
        click.echo(markdown(table))
    else:
        show(table, Console())
