"""`kairos log`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import existing_config, open_state, shown_path
from kairos.cli.moments import shown
from kairos.cli.numbers import undone_values, undone_words
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import known_root_or_all
from kairos.cli.runs import Run, latest_runs
from kairos.cli.terminal import hanging, print_json
from kairos.core.text.counts import count
from kairos.model import ChangeKind
from kairos.report.escape import one_line
from kairos.report.phrases import outcome_words

if TYPE_CHECKING:
    from kairos.store.records import LogRow

_TEXT_COLUMN = 7

_NOUNS: Mapping[str, tuple[str, ...]] = {
    ChangeKind.MERGE: ("merge",),
    ChangeKind.PRUNE: ("removal",),
    ChangeKind.RESOLVE: ("conflict settled", "conflicts settled"),
    ChangeKind.DATE: ("date",),
    ChangeKind.REPOINT: ("link",),
    ChangeKind.INDEX: ("index line",),
    ChangeKind.CONFLICTS: ("conflicts note",),
}


@click.command()
@root_argument
@click.option(
    "--limit",
    "-n",
    metavar="NUMBER",
    type=click.IntRange(min=1),
    default=50,
    help="List at most this many (50).",
)
@json_option
@config_option
def log(root: Path | None, *, limit: int, as_json: bool, config_file: Path | None) -> None:
    """List dreams, undos and decisions.

    The newest come first. `undo`, `show`, `export` and `attic --from` take the number on the left. A rejection has
    none: `kairos approve` takes it back. Consecutive dreams of a directory that found nothing to do share one line;
    --json lists them all.
    """
    from kairos.store import queries

    with open_state(existing_config(config_file)) as state:
        where = known_root_or_all(root, state)
        dreams = queries.dreams_by_transaction(state)
        if as_json:
            print_json([_value(row, dreams) for row in queries.log(state, where, limit=limit)])
            return
        runs = latest_runs(lambda number: queries.log(state, where, limit=number), limit)
    if not runs:
        click.echo("Nothing has happened yet.")
    for run in runs:
        click.echo(_line(run, dreams, with_root=root is None))


def number_of(row: LogRow) -> str:
    """Return the number by which users refer to a row: of the dream, else `t12` for a transaction, else ""."""
    if row.dream is not None:
        return str(row.dream)
    return "" if row.transaction is None else f"t{row.transaction}"


def _line(run: Run, dreams: Mapping[int, int], *, with_root: bool) -> str:
    row = run.newest
    changes = ", ".join(count(number, *_NOUNS[kind]) for kind, number in sorted(row.changes.items()))
    words = [
        row.kind if row.dream is None else f"{row.kind}:",
        row.outcome if row.dream is None else outcome_words(row.outcome),
        f"of {undone_words(row.undoes, dreams)}" if row.undoes else "",
        f"({changes})" if changes else "",
        _repeated(run),
    ]
    text = " ".join(filter(None, words)) + (", undone since" if row.undone else "")
    where = f"{shown_path(row.root)}  " if with_root else ""
    number = click.style(f"{number_of(row):>5}", fg="yellow")
    said = f"{shown(row.at)}  {where}{one_line(text)}"
    return f"{number}  {hanging(said, _TEXT_COLUMN)}"


def _repeated(run: Run) -> str:
    """Return how often a run repeats the same row, and since when; "" if it does not."""
    if not run.older:
        return ""
    return f"({len(run.older) + 1} times, from {number_of(run.older[-1])} on {shown(run.older[-1].at)})"


def _value(row: LogRow, dreams: Mapping[int, int]) -> dict[str, Any]:
    return {
        "number": number_of(row) or None,
        "at": row.at.isoformat(),
        "root": row.root,
        "kind": str(row.kind),
        "outcome": row.outcome,
        "dream": row.dream,
        "transaction": row.transaction,
        "changes": dict(row.changes),
        "undone": row.undone,
        "undoes": undone_values(row.undoes, dreams),
    }
