"""`kairos export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import open_state, state_directory, written_config
from kairos.cli.options import config_option
from kairos.cli.targets import meant_target
from kairos.errors import OriginalsGoneError, UsageError
from kairos.report.escape import visible

if TYPE_CHECKING:
    from kairos.store.objects import Objects
    from kairos.store.records import Transaction


@click.command()
@click.argument("number", metavar="DREAM")
@config_option
def export(number: str, *, config_file: Path | None) -> None:
    """Print what a dream did to files, as a patch for git.

    `git apply` does it again in another copy of the directory, `git apply -R` takes it back. DREAM is a number of
    `kairos log`, also one like `t12`.
    """
    from kairos.store.journal import Journal
    from kairos.store.objects import Objects
    from kairos.store.retention import collected

    config = written_config(config_file)
    with open_state(config) as state:
        target = meant_target([number], state, verb="export")
        if target.transaction is None:
            raise UsageError(f"{number} is no dream.", "See `kairos log`.")
        transaction = Journal(state).get(target.transaction)
        gone = collected(state).get(transaction.id)
    if gone is not None:
        raise OriginalsGoneError(
            f"The originals of {number} were let go on {gone:%Y-%m-%d}.", "See `kairos gc --help`."
        )
    _print(_patch(transaction, Objects(state_directory(config) / "objects")))


def _patch(transaction: Transaction, objects: Objects) -> bytes:
    from kairos.report.patch import Patched, git_patch

    def content(version: str) -> bytes | None:
        return objects.get(version) if version else None

    return git_patch(
        Patched(file.path, content(file.before), content(file.final), file.mode) for file in transaction.files
    )


def _print(patch: bytes) -> None:
    if sys.stdout.isatty():
        click.echo(visible(patch.decode("utf-8", "surrogateescape")), nl=False)
    else:
        sys.stdout.buffer.write(patch)
