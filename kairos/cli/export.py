"""`kairos export`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import existing_config, open_state, state_directory
from kairos.cli.numbers import NUMBERS
from kairos.cli.options import config_option, json_option
from kairos.cli.targets import resolve_target
from kairos.cli.terminal import print_bytes, print_json
from kairos.errors import OriginalsGoneError, UsageError

if TYPE_CHECKING:
    from kairos.store.objects import Objects
    from kairos.store.records import Transaction


@click.command()
@click.argument("number", metavar="DREAM")
@json_option
@config_option
def export(number: str, *, as_json: bool, config_file: Path | None) -> None:
    """Print what a dream did to files, as a patch for git.

    `git apply` does the same in another copy of the directory, and `git apply -R` takes it back. DREAM is a number from
    `kairos log`, including one like `t12`.
    """
    from kairos.store.journal import Journal
    from kairos.store.objects import Objects
    from kairos.store.retention import collected

    config = existing_config(config_file)
    with open_state(config) as state:
        target = resolve_target([number], state, verb="export")
        if target.transaction is None:
            raise UsageError(
                f"{number} is one change of a dream, and only a whole one can be exported.", NUMBERS
            )
        transaction = Journal(state).get(target.transaction)
        gone = collected(state).get(transaction.id)
    if gone is not None:
        raise OriginalsGoneError(
            f"The originals of {number} were deleted on {gone:%Y-%m-%d}.", "See `kairos gc --help`."
        )
    patch = _patch(transaction, Objects(state_directory(config) / "objects"))
    if as_json:
        print_json(_value(transaction, patch))
    else:
        print_bytes(patch)


def _value(transaction: Transaction, patch: bytes) -> dict[str, Any]:
    """Return the patch with its transaction and files; as text if it is UTF-8, else in base64."""
    try:
        encoding, said = "utf-8", patch.decode("utf-8")
    except UnicodeDecodeError:
        encoding, said = "base64", base64.b64encode(patch).decode("ascii")
    return {
        "root": transaction.root,
        "transaction": transaction.id,
        "kind": str(transaction.kind),
        "at": transaction.at.isoformat(),
        "files": [
            {"file": file.path, "before": file.before or None, "after": file.final or None}
            for file in transaction.files
        ],
        "encoding": encoding,
        "patch": said,
    }


def _patch(transaction: Transaction, objects: Objects) -> bytes:
    from kairos.report.patch import Patched, git_patch

    def content(version: str) -> bytes | None:
        return objects.get(version) if version else None

    return git_patch(
        Patched(file.path, content(file.before), content(file.final), file.mode) for file in transaction.files
    )
