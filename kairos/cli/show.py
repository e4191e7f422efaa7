"""`kairos show`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import existing_config, home, open_state
from kairos.cli.moments import shown
from kairos.cli.numbers import NUMBER, NUMBERS, no_such_number, undone_values, undone_words
from kairos.cli.options import config_option, json_option
from kairos.cli.terminal import page, print_json
from kairos.core.text.counts import count
from kairos.errors import UsageError
from kairos.report.phrases import outcome_words, shell_path, short_path
from kairos.report.values import change_value, skip_value
from kairos.store.records import DreamReport

if TYPE_CHECKING:
    from kairos.report.page import Page
    from kairos.store.records import Dream, Transaction
    from kairos.store.state import State


@click.command()
@click.argument("number", metavar="DREAM")
@json_option
@config_option
def show(number: str, *, as_json: bool, config_file: Path | None) -> None:
    """Show everything about one dream.

    Lists every change with its reason and evidence, and what was left alone. DREAM is a number from `kairos log`,
    including one like `t12`.
    """
    from kairos.store.queries import dreams_by_transaction

    with open_state(existing_config(config_file)) as state:
        report, dreams = _report(number, state), dreams_by_transaction(state)
    if as_json:
        print_json(_value(report, dreams))
    elif isinstance(report, DreamReport):
        _print(page(), report)
    else:
        _print_transaction(page(), report, dreams)


def _report(number: str, state: State) -> DreamReport | Transaction:
    """Return the dream or transaction with a number of `kairos log`; raises UsageError if there is none."""
    from kairos.store import queries

    word = NUMBER.fullmatch(number)
    if word is None:
        raise UsageError(f"{number} is not a number.", NUMBERS)
    found = (queries.show_transaction if word[1] else queries.show)(state, int(word[2]))
    if found is None:
        raise no_such_number(word, state)
    return found


def _print(sheet: Page, report: DreamReport) -> None:
    from kairos.core.judgement.consultation import Consultation
    from kairos.report.consultation import consultation_section
    from kairos.report.sections import skipped_section

    dream, transaction = report.dream, report.transaction
    sheet.line((f"Dream {dream.id}", "bold"), f", {shown(dream.at)}: {outcome_words(dream.outcome)}")
    sheet.line((short_path(dream.root, home()), "cyan"))
    if transaction is None:
        sheet.gap()
        sheet.line("It changed nothing.")
        _print_found(sheet, dream)
    else:
        _print_changes(sheet, transaction)
    asked = dream.stats.get("language_model")
    consultation_section(sheet, Consultation(**asked) if asked else None)
    skipped_section(sheet, dream.skipped)


def _print_found(sheet: Page, dream: Dream) -> None:
    """Write how many proposals and conflicts a dream that only reported found, and where they are listed."""
    root = shell_path(dream.root, home())
    for name, noun, command in (("waiting", "proposal", "proposals"), ("conflicts", "conflict", "conflicts")):
        number = dream.stats.get(name, 0)
        if number:
            sheet.line(f"It found {count(number, noun)}.", indent=2)
            sheet.command("to see those still open: ", f"kairos {command} {root}", indent=4)


def _print_transaction(sheet: Page, transaction: Transaction, dreams: Mapping[int, int]) -> None:
    what = f"of {undone_words(transaction.undoes, dreams)}" if transaction.undoes else transaction.note
    words = f"{transaction.kind.value} {what}".rstrip()
    sheet.line((f"t{transaction.id}", "bold"), f", {shown(transaction.at)}: {words}")
    sheet.line((short_path(transaction.root, home()), "cyan"))
    _print_changes(sheet, transaction)
    for file in transaction.files:
        sheet.line(f"{'written' if file.after else 'removed'}: {file.path}", indent=2)


def _print_changes(sheet: Page, transaction: Transaction) -> None:
    from kairos.report.sections import change_block

    removed = sum(1 for file in transaction.files if not file.after)
    written = len(transaction.files) - removed
    sheet.line(f"{count(written, 'file')} written, {removed} removed")
    if not transaction.holds:
        sheet.line(("All of it has been undone since.", "yellow"))
    for change in transaction.changes:
        sheet.gap()
        change_block(sheet, change)
        if change.key in transaction.undone_keys:
            sheet.line(("undone since", "yellow"), indent=4)
        elif transaction.active:
            sheet.command("to undo it: ", f"kairos undo {change.key}", indent=4)


def _value(report: DreamReport | Transaction, dreams: Mapping[int, int]) -> dict[str, Any]:
    dream, transaction = (
        (report.dream, report.transaction) if isinstance(report, DreamReport) else (None, report)
    )
    files = transaction.files if transaction else ()
    changes = transaction.changes if transaction else ()
    holds = transaction is not None and transaction.holds
    undone_keys = transaction.undone_keys if transaction else frozenset()
    return {
        **_named(report),
        "transaction": transaction and transaction.id,
        "undone": transaction is not None and not holds,
        "undoes": undone_values(transaction.undoes if transaction else (), dreams),
        "changes": [
            {**change_value(change), "undone": not holds or change.key in undone_keys} for change in changes
        ],
        "written": [file.path for file in files if file.after],
        "removed": [file.path for file in files if not file.after],
        "skipped": [skip_value(skip) for skip in (dream.skipped if dream else ())],
        "language_model": dream.stats.get("language_model") if dream else None,
    }


def _named(report: DreamReport | Transaction) -> dict[str, Any]:
    if isinstance(report, DreamReport):
        dream = report.dream
        return {"dream": dream.id, "root": dream.root, "at": dream.at.isoformat(), "status": dream.outcome}
    return {"dream": None, "root": report.root, "at": report.at.isoformat(), "status": report.kind.value}
