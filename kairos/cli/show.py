"""`kairos show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home, open_state, written_config
from kairos.cli.moments import shown
from kairos.cli.options import config_option, json_option
from kairos.cli.terminal import page, print_json
from kairos.errors import UsageError
from kairos.report.phrases import count, short_path
from kairos.report.values import change_value, skip_value

if TYPE_CHECKING:
    from kairos.report.page import Page
    from kairos.store.records import DreamReport, Transaction


@click.command()
@click.argument("number", metavar="DREAM", type=int)
@json_option
@config_option
def show(number: int, *, as_json: bool, config_file: Path | None) -> None:
    """Show all about one dream.

    Every change with its reason and evidence, and what was left alone.
    """
    from kairos.store import queries

    with open_state(written_config(config_file)) as state:
        report = queries.show(state, number)
    if report is None:
        raise UsageError(f"There is no dream {number}.", "See `kairos log`.")
    if as_json:
        print_json(_value(report))
    else:
        _print(page(), report)


def _print(sheet: Page, report: DreamReport) -> None:
    from kairos.core.consultation import Consultation
    from kairos.report.consultation import consultation_section
    from kairos.report.sections import skipped_section

    dream, transaction = report.dream, report.transaction
    sheet.line((f"Dream {dream.id}", "bold"), f" {shown(dream.at)}, {dream.outcome}")
    sheet.line((short_path(dream.root, home()), "cyan"))
    if transaction is None:
        sheet.gap()
        sheet.line("It changed nothing.")
    else:
        _print_changes(sheet, transaction)
    asked = dream.stats.get("language_model")
    consultation_section(sheet, Consultation(**asked) if asked else None)
    skipped_section(sheet, dream.skipped)


def _print_changes(sheet: Page, transaction: Transaction) -> None:
    from kairos.report.sections import change_block

    removed = sum(1 for file in transaction.files if not file.after)
    written = len(transaction.files) - removed
    sheet.line(f"{count(written, 'file')} written, {removed} removed")
    if not transaction.active:
        sheet.line(("All of it was undone since.", "yellow"))
    for change in transaction.changes:
        sheet.gap()
        change_block(sheet, change)
        if change.key in transaction.undone_keys:
            sheet.line(("undone since", "yellow"), indent=4)
        elif transaction.active:
            sheet.command("to undo it: ", f"kairos undo {change.key}", indent=4)


def _value(report: DreamReport) -> dict[str, Any]:
    dream, transaction = report.dream, report.transaction
    files = transaction.files if transaction else ()
    changes = transaction.changes if transaction else ()
    holds = transaction is not None and transaction.active
    undone_keys = transaction.undone_keys if transaction else frozenset()
    return {
        "dream": dream.id,
        "root": dream.root,
        "at": dream.at.isoformat(),
        "status": dream.outcome,
        "transaction": dream.transaction,
        "undone": transaction is not None and not holds,
        "changes": [
            {**change_value(change), "undone": not holds or change.key in undone_keys} for change in changes
        ],
        "written": [file.path for file in files if file.after],
        "removed": [file.path for file in files if not file.after],
        "skipped": [skip_value(skip) for skip in dream.skipped],
        "language_model": dream.stats.get("language_model"),
    }
