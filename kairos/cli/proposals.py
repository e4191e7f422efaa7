"""`kairos proposals`, `kairos approve` and `kairos reject`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from kairos.cli.access import existing_config, home, open_kairos, open_state, read_config
from kairos.cli.lines import proposals_now
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.resolved_proposals import resolve_proposals
from kairos.cli.roots import known_root_or_all
from kairos.cli.terminal import page, print_json
from kairos.report.phrases import shell_path, short_path
from kairos.report.values import change_value

proposals_argument = click.argument("words", metavar="PROPOSAL... [ROOT]", nargs=-1, required=True)


@click.command()
@root_argument
@json_option
@config_option
def proposals(root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """List changes that wait for you."""
    with open_state(existing_config(config_file)) as state:
        kept = state.proposals(known_root_or_all(root, state))
    waiting = proposals_now(kept)
    if as_json:
        print_json(
            [
                {"root": item.root, "since": item.since.isoformat(), **change_value(item.change)}
                for item in waiting
            ]
        )
        return
    from kairos.report.waiting import by_note, note_block

    sheet = page()
    if not waiting:
        sheet.line("Nothing waits for you.")
    for name in sorted({item.root for item in waiting}):
        sheet.heading(short_path(name, home()))
        for number, group in enumerate(by_note(item.change for item in waiting if item.root == name)):
            if number:
                sheet.gap()
            note_block(sheet, group, shell_path(name, home()))


@click.command()
@proposals_argument
@json_option
@config_option
def approve(words: Sequence[str], *, as_json: bool, config_file: Path | None) -> int:
    """Apply proposals, in one transaction.

    A PROPOSAL is a key, a unique prefix of one, or a note, which stands for all proposals about it. If two directories
    have the same proposal, ROOT says which one you mean. `kairos undo` takes it back.
    """
    from kairos.cli.decision_report import report_decision
    from kairos.dream.decisions import SKIPPED_PROPOSAL_PREFIX

    config = read_config(config_file)
    chosen = resolve_proposals(words, config, "kairos approve")
    outcome = open_kairos(config).approve(*chosen.keys, root=Path(chosen.root))
    done = len(chosen.keys) - sum(skip.what.startswith(SKIPPED_PROPOSAL_PREFIX) for skip in outcome.skipped)
    all_of_them = f"{len(chosen.keys)} proposals" if len(chosen.keys) > 1 else chosen.keys[0]
    applied = all_of_them if done == len(chosen.keys) else f"{done} of {all_of_them}"
    return report_decision(f"Applied {applied}.", outcome, as_json=as_json)


@click.command()
@proposals_argument
@json_option
@config_option
def reject(words: Sequence[str], *, as_json: bool, config_file: Path | None) -> None:
    """Turn proposals down.

    A PROPOSAL is a key, a unique prefix of one, or a note, which stands for all proposals about it. If two directories
    have the same proposal, ROOT says which one you mean. No dream makes it again, but `kairos approve` can still apply
    it.
    """
    config = read_config(config_file)
    chosen = resolve_proposals(words, config, "kairos reject")
    open_kairos(config).reject(*chosen.keys, root=Path(chosen.root))
    if as_json:
        print_json({"root": chosen.root, "rejected": list(chosen.keys)})
    else:
        rejected = chosen.keys[0] if len(chosen.keys) == 1 else f"{len(chosen.keys)} proposals"
        click.echo(
            f"Rejected {rejected}; no dream will propose {'it' if len(chosen.keys) == 1 else 'them'} again."
        )
