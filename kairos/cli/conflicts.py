"""`kairos conflicts` and `kairos resolve`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from kairos.cli.access import existing_config, home, open_kairos, open_state, read_config
from kairos.cli.keys import RootedKey, key_and_root, resolve_key
from kairos.cli.lines import conflicts_now
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import known_root, known_root_or_all
from kairos.cli.terminal import page, print_json
from kairos.report.phrases import short_path
from kairos.report.values import conflict_value


@click.command()
@root_argument
@json_option
@config_option
def conflicts(root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """List notes that contradict each other.

    Shows both sides word for word, which is newer if that is known, and how to settle the conflict.
    """
    with open_state(existing_config(config_file)) as state:
        kept = state.conflicts(known_root_or_all(root, state))
    records = conflicts_now(kept)
    if as_json:
        print_json([conflict_value(record.conflict) for record in records])
        return
    from kairos.report.sections import conflict_block

    sheet = page()
    if not records:
        sheet.line("No open conflicts.")
    shown = ""
    for record in records:
        if record.root != shown:
            sheet.heading(short_path(record.root, home()))
        elif shown:
            sheet.gap()
        shown = record.root
        conflict_block(sheet, record.conflict)


@click.command()
@click.argument("conflict", metavar="ID")
@root_argument
@click.option(
    "--keep",
    required=True,
    type=click.Choice(["a", "b", "both"]),
    help="The side to keep; the other one is removed. With `both`, they are never flagged again.",
)
@json_option
@config_option
def resolve(
    conflict: str,
    root: Path | None,
    *,
    keep: Literal["a", "b", "both"],
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Settle a conflict.

    A unique prefix of the ID is enough. If two directories have the same conflict, ROOT says which one you mean.
    `kairos undo` brings back what is removed.
    """
    from kairos.cli.decision_report import report_decision

    config = read_config(config_file)
    beginning, given = key_and_root(conflict, root)
    with open_state(config) as state:
        known = [RootedKey(record.root, record.conflict.id) for record in state.conflicts()]
        resolved = resolve_key(
            beginning,
            known,
            root=None if given is None else known_root(given, state),
            what="open conflict",
            advice="See `kairos conflicts`.",
            command=f"kairos resolve --keep {keep}",
        )
    outcome = open_kairos(config).resolve(resolved.key, keep, Path(resolved.root))
    kept = "both sides are kept and no longer flagged" if keep == "both" else f"{keep} is kept"
    return report_decision(f"Settled {resolved.key}: {kept}.", outcome, as_json=as_json)
