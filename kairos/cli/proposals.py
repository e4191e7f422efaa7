"""`kairos proposals`, `kairos approve` and `kairos reject`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import home, open_kairos, open_state, read_config, written_config
from kairos.cli.keys import Held, held_key, key_and_root
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import seen_or_all, seen_root
from kairos.cli.terminal import page, print_json
from kairos.report.phrases import short_path
from kairos.report.values import change_value

if TYPE_CHECKING:
    from kairos.config import Config

proposal_argument = click.argument("proposal", metavar="PROPOSAL")


@click.command()
@root_argument
@json_option
@config_option
def proposals(root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """List changes that wait for you."""
    with open_state(written_config(config_file)) as state:
        waiting = state.proposals(seen_or_all(root, state))
    if as_json:
        print_json(
            [
                {"root": item.root, "since": item.since.isoformat(), **change_value(item.change)}
                for item in waiting
            ]
        )
        return
    from kairos.report.sections import proposal_block

    sheet = page()
    if not waiting:
        sheet.line("Nothing waits for you.")
    shown = ""
    for item in sorted(waiting, key=lambda item: item.root):
        if item.root != shown:
            sheet.heading(short_path(item.root, home()))
        elif shown:
            sheet.gap()
        shown = item.root
        proposal_block(sheet, item.change)


@click.command()
@proposal_argument
@root_argument
@json_option
@config_option
def approve(proposal: str, root: Path | None, *, as_json: bool, config_file: Path | None) -> int:
    """Carry out a proposal.

    A beginning of its key is enough; where two directories hold the same, ROOT says which. `kairos undo` takes it back.
    """
    from kairos.cli.decided import report_decision

    config = read_config(config_file)
    meant = _meant(proposal, root, config, "kairos approve")
    outcome = open_kairos(config).approve(meant.key, Path(meant.root))
    return report_decision(f"Carried out {meant.key}.", outcome, as_json=as_json)


@click.command()
@proposal_argument
@root_argument
@json_option
@config_option
def reject(proposal: str, root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """Turn a proposal down.

    A beginning of its key is enough; where two directories hold the same, ROOT says which. No dream makes it again;
    `kairos approve` still can.
    """
    config = read_config(config_file)
    meant = _meant(proposal, root, config, "kairos reject")
    open_kairos(config).reject(meant.key, Path(meant.root))
    if as_json:
        print_json({"root": meant.root, "rejected": meant.key})
    else:
        click.echo(f"Rejected {meant.key}; no dream proposes it again.")


def _meant(word: str, other: Path | None, config: Config, command: str) -> Held:
    """Return which proposal, and where, `PROPOSAL [ROOT]` means."""
    from kairos.dream.decisions import proposals_called

    beginning, given = key_and_root(word, other)
    with open_state(config) as state:
        root = None if given is None else seen_root(given, state)
        known = [Held(*one) for one in proposals_called(state, beginning, given)]
    advice = "See `kairos proposals`."
    return held_key(beginning, known, root=root, what="proposal", advice=advice, command=command)
