"""`python -m bench.speed`: measure how fast dreams are, next to other programs on the same texts."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from bench.speed.measure import Bench, Options
from bench.speed.processes import FailedError
from bench.speed.report import tables, values
from bench.speed.results import Results
from bench.tables import markdown, show

_SIZES = "200,500,2000,20000,100000"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_WIDTH = 170


def _numbers(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    try:
        sizes = [int(size) for size in value.split(",") if size.strip()]
    except ValueError:
        raise click.BadParameter("expected numbers with commas between them") from None
    if any(size < 1 for size in sizes):
        raise click.BadParameter("expected numbers from 1 on")
    return sorted(set(sizes))


@click.command()
@click.option(
    "--sizes",
    default=_SIZES,
    show_default=True,
    callback=_numbers,
    help="Entries of the generated directories.",
)
@click.option(
    "--repeat",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Report medians of this many cold dreams.",
)
@click.option(
    "--peers-up-to", default=2000, show_default=True, help="Run other programs on up to this many entries."
)
@click.option("--skip-peers", is_flag=True, help="Run no other programs.")
@click.option("--corpus", type=_FOLDER, help="Dream over copies of the directories of this folder, too.")
@click.option("--seed", default=0, show_default=True, help="Seed of the generated directories.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write all results to this file."
)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print tables for the documentation.")
def main(
    *,
    sizes: list[int],
    repeat: int,
    peers_up_to: int,
    skip_peers: bool,
    corpus: Path | None,
    seed: int,
    file: Path | None,
    as_markdown: bool,
) -> None:
    """Measure dreams as whole processes; compare ratios within one run, never seconds of two."""
    options = Options(sizes, repeat, 0 if skip_peers else peers_up_to, seed, corpus)
    before = os.getloadavg()[0]
    failure = None
    with tempfile.TemporaryDirectory(prefix="kairos-bench-") as scratch:
        bench = Bench(Path(scratch).resolve(), options, _say)
        try:
            bench.measure()
        except (FailedError, KeyboardInterrupt) as error:  # still print what was measured so far
            failure = str(error) or "interrupted"
    results = bench.results
    results.machine = _machine(before)
    _print(results, as_markdown=as_markdown)
    if file is not None:
        file.write_text(json.dumps(values(results), indent=1) + "\n", encoding="utf-8")
    if failure is not None:
        raise click.ClickException(failure)


def _say(step: str) -> None:
    click.echo(step, err=True)


def _machine(load_before: float) -> Mapping[str, str]:
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": f"{load_before:.2f} before, {os.getloadavg()[0]:.2f} after",
    }


def _print(results: Results, *, as_markdown: bool) -> None:
    machine = "; ".join(f"{name} {value}" for name, value in results.machine.items())
    click.echo(f"{machine}\n")
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    for table in tables(results):
        if as_markdown:
            click.echo(markdown(table))
        else:
            show(table, console)


if __name__ == "__main__":
    main()
