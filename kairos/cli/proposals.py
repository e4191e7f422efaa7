"""`kairos proposals`, `kairos approve` and `kairos reject`."""

from __future__ import annotations

from pathlib import Path

import click

from kairos.cli.access import home, open_kairos, open_state, read_config, written_config
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import seen_or_all
from kairos.cli.terminal import page, print_json
from kairos.report.phrases import short_path
from kairos.report.values import change_value

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
@config_option
def approve(proposal: str, config_file: Path | None) -> int:
    """Carry out a proposal.

    A beginning of its key is enough. `kairos undo` takes it back.
    """
    from kairos.cli.decided import report_decision

    outcome = open_kairos(read_config(config_file)).approve(proposal)
    return report_decision(page(), f"Carried out {proposal}.", outcome)


@click.command()
@proposal_argument
@config_option
def reject(proposal: str, config_file: Path | None) -> None:
    """Turn a proposal down.

    No dream makes it again; `kairos approve` still can.
    """
    open_kairos(read_config(config_file)).reject(proposal)
    click.echo(f"Rejected {proposal}; no dream proposes it again.")
