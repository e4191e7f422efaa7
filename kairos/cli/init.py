"""`kairos init`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import shown_path
from kairos.cli.options import json_option
from kairos.cli.roots import innermost, named_roots
from kairos.cli.terminal import print_json
from kairos.report.escape import one_line

if TYPE_CHECKING:
    from kairos.layouts import FoundRoot


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the configuration here instead of to the usual place.",
)
@json_option
def init(config_file: Path | None, *, as_json: bool) -> None:
    """Find the memory directories of your agents, and write a configuration.

    Looks where Claude Code, OpenClaw and Hermes keep their memory, and writes ~/.config/kairos/config.yaml (or the
    FILE of --config). This lists every directory that was found under `roots`, where you can add others, and
    explains every setting. Reads no note and changes none. An existing configuration stays as it is; run this again
    to see which directories it lacks.

    Next: `kairos dream`. The first dream of a directory only reports what it would do.
    """
    from kairos.config import config_path, example, home_dir
    from kairos.layouts import find_roots

    target = config_file or config_path(os.environ)
    found = find_roots(os.environ, home_dir(os.environ))
    written = _written(target, example([str(root.path) for root in found]))
    lacks = {} if written else _lacks(target, [root.path for root in found])
    if as_json:
        roots = [
            {
                "root": str(root.path),
                "layout": root.layout,
                "project": root.project or None,
                "configured": root.path not in lacks,
            }
            for root in found
        ]
        print_json({"file": str(target), "written": written, "roots": roots})
        return
    _print(found, target, written=written, lacks=lacks)


def _print(found: Sequence[FoundRoot], target: Path, *, written: bool, lacks: Mapping[Path, str]) -> None:
    for root in found:
        project = f"  of {one_line(root.project)}" if root.project else ""
        click.echo(f"found {shown_path(str(root.path))}  ({root.layout}){project}{lacks.get(root.path, '')}")
    click.echo(f"Wrote {target}." if written else f"{target} exists and stays as it is.")
    if lacks:
        click.echo(
            "Next: add what is missing to `roots` there. A pattern like `~/.claude/projects/*/memory` covers new ones."
        )
    elif found:
        click.echo("Next: `kairos dream` reports what it would do, and changes nothing yet.")
    else:
        click.echo(
            "No memory directory was found. Next: add yours to `roots` there, or name it: `kairos dream DIR`."
        )


def _lacks(target: Path, found: Sequence[Path]) -> dict[Path, str]:
    """Say of each directory that an existing configuration does not cover what it lacks.

    Raises ConfigError if the configuration is faulty.
    """
    from kairos.config import load_config

    named = [root.real for root in named_roots(load_config(target, os.environ)).roots]
    return {path: _lack(path, named) for path in found if innermost(str(path), named) is None}


def _lack(path: Path, named: Sequence[str]) -> str:
    part = next((root for root in named if innermost(root, [os.path.realpath(path)])), None)
    if part is None:
        return ", not in the configuration"
    return f", of which the configuration names only {shown_path(part)}: name the whole instead"


def _written(target: Path, text: str) -> bool:
    """Write a new file; False if it already exists."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("x", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
