"""`kairos attic`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import existing_config, home, open_state, shown_path, state_directory
from kairos.cli.moments import shown
from kairos.cli.numbers import names_of, shown_number
from kairos.cli.options import config_option, json_option
from kairos.cli.roots import known_root, resolve_roots
from kairos.cli.terminal import configured, print_bytes, print_json
from kairos.errors import OriginalsGoneError, UsageError
from kairos.report.escape import one_line
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.store.records import AtticRow
    from kairos.store.state import State


@click.command()
@click.argument("words", metavar="[ROOT] [NAME]", nargs=-1)
@click.option(
    "--from",
    "number",
    metavar="NUMBER",
    help="What removed the note: a number of the list or of `kairos log`. Default: the last.",
)
@json_option
@config_option
def attic(words: Sequence[str], *, number: str | None, as_json: bool, config_file: Path | None) -> None:
    """List the notes that dreams removed.

    From ROOT, from the directory that you are in, or from all. With NAME, prints one of them: `kairos attic NAME >
    FILE` gives its bytes back exactly, while `kairos undo` puts it back where it was. If a note was removed more than
    once, prints its last version; `--from` selects another.
    """
    from kairos.store import queries

    config = existing_config(config_file)
    with open_state(config) as state:
        roots, name = _meant(words, state)
        if name is not None and as_json:
            raise UsageError(
                f"--json is for the list: {name} is printed as the bytes that it held.",
                "Leave out --json, or the name.",
            )
        if name is None and number is not None:
            raise UsageError("--from is for one note.", "Give its name: `kairos attic NAME --from NUMBER`.")
        rows = {root: queries.attic(state, root) for root in roots}
        dreams = queries.dreams_by_transaction(state)
    if name is not None:
        print_bytes(_bytes_of(name, rows, number, dreams, config))
    elif as_json:
        print_json([_value(root, row, dreams) for root in roots for row in rows[root]])
    else:
        filled = [root for root in roots if rows[root]]
        for root in filled if len(roots) > 1 else roots:
            _print(root, rows[root], dreams)
        if len(roots) > 1 and not filled:
            click.echo("The attic is empty: no note was removed.")


def _meant(words: Sequence[str], state: State) -> tuple[tuple[str, ...], str | None]:
    if len(words) > 2:
        raise UsageError("Give at most one directory and one name.", "See `kairos attic --help`.")
    if len(words) == 2:
        return (known_root(Path(words[0]), state),), words[1]
    if words and not Path(words[0]).is_dir() and os.path.realpath(words[0]) not in state.roots():
        return resolve_roots(None, state), words[0]
    return resolve_roots(Path(words[0]) if words else None, state), None


def _bytes_of(
    name: str,
    rows: Mapping[str, Sequence[AtticRow]],
    number: str | None,
    dreams: Mapping[int, int],
    config: Config | None,
) -> bytes:
    """Return the bytes that a note had when it was last removed, or when the transaction `number` removed it."""
    from kairos.store.objects import Objects

    called = {root: [row for row in found if row.path == name] for root, found in rows.items()}
    chosen = {
        root: [row for row in found if number in {None, *names_of(row.transaction, dreams)}]
        for root, found in called.items()
    }
    held = {root: found for root, found in chosen.items() if found}
    if not held and any(called.values()):
        removed_by = [shown_number(row.transaction, dreams) for found in called.values() for row in found]
        raise UsageError(f"{number} did not remove {name}.", f"What did: {', '.join(removed_by)}.")
    if not held:
        raise UsageError(f"No note called {name} is in the attic.", "See `kairos attic`.")
    if len(held) > 1:
        raise UsageError(
            f"More than one directory has a {name} in its attic: {', '.join(held)}.",
            f"Say which: `kairos attic DIRECTORY {shell_path(name, '')}`.",
        )
    ((root, (row, *_)),) = held.items()
    if number is None:
        _mention_other_versions(root, called[root], dreams)
    if row.gone is not None:
        raise OriginalsGoneError(
            f"The original of {name} was deleted on {row.gone:%Y-%m-%d}.", "See `kairos gc --help`."
        )
    return Objects(state_directory(config) / "objects").get(row.sha256)


def _mention_other_versions(root: str, rows: Sequence[AtticRow], dreams: Mapping[int, int]) -> None:
    """Say on stderr that a note was also removed with other contents, and how to get those."""
    last = rows[0]
    others = [shown_number(row.transaction, dreams) for row in rows if row.sha256 != last.sha256]
    if others:
        command = f"kairos attic {shell_path(root, home())} {shell_path(last.path, '')} --from {others[0]}"
        number = shown_number(last.transaction, dreams)
        said = f"{one_line(last.path)} was removed more than once; this is the version that {number} removed"
        how = configured(f"`{command}`")
        click.echo(f"kairos: {said}. Others: {', '.join(others)} ({how}).", err=True)


def _print(root: str, rows: Sequence[AtticRow], dreams: Mapping[int, int]) -> None:
    click.echo(click.style(shown_path(root), bold=True))
    if not rows:
        click.echo("  The attic is empty: no note was removed.")
    for row in rows:
        gone = f"  (deleted on {row.gone:%Y-%m-%d})" if row.gone else ""
        number = shown_number(row.transaction, dreams)
        click.echo(f"{number:>5}  {shown(row.at)}  {one_line(row.path)}{gone}")


def _value(root: str, row: AtticRow, dreams: Mapping[int, int]) -> dict[str, object]:
    return {
        "number": shown_number(row.transaction, dreams),
        "root": root,
        "file": row.path,
        "at": row.at.isoformat(),
        "transaction": row.transaction,
        "sha256": row.sha256,
        "gone": row.gone and row.gone.isoformat(),
    }
