"""`kairos undo`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import home, open_kairos, open_state, read_config
from kairos.cli.numbers import undone_words
from kairos.cli.options import config_option, json_option
from kairos.cli.roots import advice_if_moved
from kairos.cli.targets import Target, resolve_target
from kairos.cli.terminal import page, print_json
from kairos.core.text.counts import count
from kairos.errors import ExitCode
from kairos.model import Receipt, Skip
from kairos.report.phrases import short_path
from kairos.report.values import skip_value

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.report.page import Page
    from kairos.store.state import State


@click.command()
@click.argument("words", metavar="[ROOT] [TARGET]", nargs=-1)
@click.option(
    "--all", "everything", is_flag=True, help="Undo everything that Kairos has done to the directory."
)
@json_option
@config_option
def undo(words: Sequence[str], *, everything: bool, as_json: bool, config_file: Path | None) -> int:
    """Undo a dream, a change, or everything.

    By default, undoes the last thing that Kairos did: a dream, a settled conflict or an approved proposal.

    TARGET is the number of a dream, the key of a change (a unique prefix is enough), or `t12` for another
    transaction from `kairos log`: an undo can itself be undone.
    """
    from kairos.store.queries import dreams_by_transaction, newest_holding

    config = read_config(config_file)
    with open_state(config) as state:
        left = _recover(words, config, state)
        target = resolve_target(words, state, everything=everything)
        dreams = dreams_by_transaction(state)
        if everything and newest_holding(state, target.root) is None:
            why = _why_nothing(state, target.root)
            return _report_nothing_to_undo(target.root, why, left, as_json=as_json)
    receipt = open_kairos(config).undo(
        Path(target.root), transaction=target.transaction, change=target.change, everything=everything
    )
    receipt = replace(receipt, skipped=(*left, *receipt.skipped))
    if as_json:
        print_json(_value(target.root, receipt))
    else:
        what = _words(target, dreams, in_part=bool(receipt.skipped))
        _print(page(), target.root, what, receipt)
    return ExitCode.PARTIAL if receipt.skipped else ExitCode.OK


def _recover(words: Sequence[str], config: Config, state: State) -> tuple[Skip, ...]:
    """Finish or roll back transactions that a crash interrupted; only then is it known what can be undone.

    Of the roots with such transactions, those among `words`, or else all. Returns what was left alone.
    """
    from kairos.store.queries import unfinished_roots

    roots = unfinished_roots(state)
    given = {os.path.realpath(word) for word in words}.intersection(roots)
    return open_kairos(config).recover(given or roots) if roots else ()


def _why_nothing(state: State, root: str) -> str:
    """Return why there is nothing to undo: the root may have been moved here, without its history."""
    from kairos.report.phrases import shell_path
    from kairos.store.queries import has_been_changed

    if has_been_changed(state, root):
        return "Nothing to undo: everything that Kairos did here is already undone."
    moved = advice_if_moved(shell_path(root, ""), state.roots())
    return f"Nothing to undo: Kairos has not changed anything here.{f' {moved}.' if moved else ''}"


def _report_nothing_to_undo(root: str, why: str, left: Sequence[Skip], *, as_json: bool) -> int:
    """Say that there is nothing to undo. This is not an error: the user has what they asked for."""
    from kairos.report.sections import skipped_section

    if as_json:
        print_json(_value(root, Receipt(0, skipped=tuple(left))))
    else:
        sheet = page()
        sheet.line(why)
        skipped_section(sheet, left)
    return ExitCode.PARTIAL if left else ExitCode.OK


def _words(target: Target, dreams: Mapping[int, int], *, in_part: bool) -> str:
    """Return in words what was undone; `in_part` if something was left alone."""
    from kairos.store.records import Undoing

    if target.change is not None:
        return f"change {target.change}"
    if target.transaction is None:
        return "everything but what is listed below" if in_part else "everything"
    return undone_words([Undoing(target.transaction)], dreams)


def _print(sheet: Page, root: str, what: str, receipt: Receipt) -> None:
    from kairos.report.phrases import shell_path
    from kairos.report.sections import skipped_section

    written, removed = len(receipt.written), len(receipt.removed)
    sheet.line((short_path(root, home()), "bold cyan"))
    words = (
        f"{count(written, 'file')} written, {removed} removed"
        if written or removed
        else "no file had to change"
    )
    sheet.line((f"Undone: {what}; {words}.", "bold"))
    for path in receipt.written:
        sheet.line(f"restored: {path}", indent=2)
    for path in receipt.removed:
        sheet.line(f"removed again: {path}", indent=2)
    skipped_section(sheet, receipt.skipped)
    sheet.command("To undo this undo: ", f"kairos undo {shell_path(root, home())} t{receipt.transaction}")


def _value(root: str, receipt: Receipt) -> dict[str, object]:
    return {
        "root": root,
        "transaction": receipt.transaction,
        "written": list(receipt.written),
        "removed": list(receipt.removed),
        "skipped": [skip_value(skip) for skip in receipt.skipped],
    }
