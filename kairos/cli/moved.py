"""`kairos moved`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import (
    home,
    local_now,
    open_kairos,
    open_state,
    read_config,
    shown_path,
    state_directory,
)
from kairos.cli.options import PathAsGiven, config_option, json_option
from kairos.cli.terminal import page, print_json
from kairos.core.text.counts import count
from kairos.errors import DaemonError, ExitCode, NoSuchRootError, UsageError
from kairos.report.phrases import shell_path, short_path
from kairos.report.values import skip_value
from kairos.store.moved import HistorySize, Move, MoveResult, plan_move
from kairos.store.overview import moves
from kairos.store.tree import Tree

if TYPE_CHECKING:
    from kairos.config import Config
    from kairos.control.ledger import Ledger
    from kairos.store.state import State


@click.command()
@click.argument("old", type=PathAsGiven())
@click.argument("new", type=PathAsGiven())
@click.option("--dry-run", is_flag=True, help="Only show what would be carried over.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask if most notes are unchanged.")
@json_option
@config_option
def moved(old: Path, new: Path, *, dry_run: bool, yes: bool, as_json: bool, config_file: Path | None) -> int:
    """Carry the history of a moved directory over to its new path.

    Everything that Kairos knew about OLD then belongs to NEW: dreams, decisions, conflicts, proposals, removed notes,
    and what can be undone. Run it after the directory was moved or renamed; no note is touched. Says first how many of
    the known notes are in NEW, and asks. Without a terminal, it only says so, unless --yes is given; that is enough if
    most of the notes are unchanged.
    """
    from kairos.store.transaction import Store

    config = read_config(config_file)
    move = _planned(old, new, config)
    if not as_json:
        _print(move)
    may_ask = sys.stdin.isatty() and not as_json
    if dry_run or not _is_confirmed(move, yes=yes, may_ask=may_ask):
        if as_json:
            print_json({**_value(move, None), "advice": []})
        elif not dry_run:
            way = "--yes does it without asking" if move.is_plain else "run it on a terminal to be asked"
            click.echo("Nothing was changed: you declined." if may_ask else f"Nothing was changed; {way}.")
        return ExitCode.OK if dry_run or may_ask else ExitCode.PARTIAL
    after = Path(move.after)
    layout = open_kairos(config).layout_of(after)
    lock = after / layout.foreign_lock if layout.foreign_lock else None
    with closing(Store(state_directory(config))) as store:
        move, result = store.move(
            move.before, after, at=local_now(), foreign_lock=lock, flocked=layout.flocked
        )
    advice = (*_update_daemon_and_cache(move, config), *_configuration_advice(move, config))
    if as_json:
        print_json({**_value(move, result), "advice": advice})
    else:
        _print_done(move, result, advice)
    return ExitCode.PARTIAL if result.skipped else ExitCode.OK


def _planned(old: Path, new: Path, config: Config) -> Move:
    with open_state(config) as state:
        before = _known_name(old, state)
        _refuse_misunderstanding(before, new, state)
        with closing(Tree(new)) as tree:
            return plan_move(state, before, tree)


def _refuse_misunderstanding(before: str, new: Path, state: State) -> None:
    """Raise UsageError or NoSuchRootError for a move that is over, goes nowhere, or is told the wrong way round."""
    after, roots = os.path.realpath(new), state.roots()
    if before not in roots and before in (done := moves(state)):
        raise NoSuchRootError(
            f"The history of {before} has already been carried over to {done[before]}.",
            f"`kairos log {shell_path(done[before], '')}` shows it.",
        )
    if before == after:
        raise UsageError(f"{before} is given twice.", "Give the old path first, then the new one.")
    if before not in roots and after in roots and not os.path.lexists(before):
        raise NoSuchRootError(
            f"Kairos knows nothing about {before}, but it knows {new}.",
            "If the history was carried over before, nothing is left to do; otherwise see `kairos status`.",
        )
    if os.path.lexists(new):
        return
    if after in roots and Path(before).is_dir():
        raise UsageError(
            f"{new} does not exist, while {before} does.",
            f"The old path comes first: `kairos moved {shell_path(after, '')} {shell_path(before, '')}`.",
        )
    raise NoSuchRootError(f"{new} does not exist.", f"Give the directory that {before} was moved to.")


def _known_name(given: Path, state: State) -> str:
    """Return the path by which the state knows a root that is gone; a link left there may lead elsewhere."""
    names = (os.path.abspath(given), os.path.realpath(given))  # noqa: PTH100 - the real path is tried too
    return next((name for name in names if name in state.roots()), names[0])


def _is_confirmed(move: Move, *, yes: bool, may_ask: bool) -> bool:
    """Whether to go ahead. Raises UsageError if --yes alone is not enough and nobody can be asked."""
    if yes and move.is_plain:
        return True
    if may_ask:
        doubt = "" if move.is_plain else f"{_doubt_words(move)}. Is it the same directory anyway? "
        return click.confirm(f"{doubt}Carry its history over?")
    if yes:
        raise UsageError(
            f"{_doubt_words(move)}, and joined histories cannot be separated again: --yes alone is not enough.",
            "If it is the same directory anyway, confirm that on a terminal.",
        )
    return False


def _doubt_words(move: Move) -> str:
    path, notes = (move.after, move.others) if move.notes.are_most else (move.before, move.notes)
    few = f"only {notes.same:,} of {count(notes.known, 'note')}" if notes.same else "none of the notes"
    return f"Unchanged in {shown_path(move.after)}: {few} that Kairos knew in {shown_path(path)}"


# --- what else depends on the path ---


def _update_daemon_and_cache(move: Move, config: Config) -> Iterator[str]:
    """Have the daemon take over the new path, and drop the cache files of both paths; yields what could not be done."""
    from kairos.cli.daemon import request_or_edit_ledger
    from kairos.config import cache_dir
    from kairos.config.root_cache import files_of
    from kairos.control.ledger import read_ledger
    from kairos.control.protocol import Request, Verb

    for root in (move.before, move.after):
        for file in files_of(cache_dir(config, os.environ), root):
            file.unlink(missing_ok=True)
    state_dir = state_directory(config)
    until = read_ledger(state_dir).of(move.before).paused_until
    is_paused = until is not None and until > local_now()
    request = Request(Verb.PAUSE, move.after, until) if is_paused else Request(Verb.TOUCH, move.after)
    try:
        request_or_edit_ledger(state_dir, request, lambda ledger: _renamed(ledger, move))
    except DaemonError as error:
        if is_paused:
            yield f"{shown_path(move.before)} was paused, but kairosd did not carry the pause over: {error}"


def _renamed(ledger: Ledger, move: Move) -> Ledger:
    """Return the ledger with the old path's record moved to the new path."""
    old = ledger.of(move.before)
    record = replace(old, census=None, paused_until=old.paused_until or ledger.of(move.after).paused_until)
    others = {path: known for path, known in ledger.roots.items() if path != move.before}
    return replace(ledger, roots={**others, move.after: record})


def _configuration_advice(move: Move, config: Config) -> Iterator[str]:
    """Yield the edit that the configuration needs so that the daemon finds the new path."""
    from kairos.config import home_dir
    from kairos.config.globs import matches_glob

    patterns = [pattern for pattern, _ in config.absolute_patterns(home_dir(os.environ))]
    if any(matches_glob(move.before, pattern) for pattern in patterns) and not any(
        matches_glob(move.after, pattern) for pattern in patterns
    ):
        yield f"The configuration still names {shown_path(move.before)}: change it to {shown_path(move.after)}."


# --- output ---


def _print(move: Move) -> None:
    click.echo(f"{shown_path(move.before)} → {shown_path(move.after)}")
    if move.notes.known:
        known = count(move.notes.known, "known note")
        click.echo(f"  {known}: {move.notes.there:,} found there, {move.notes.same:,} unchanged")
    click.echo(f"  {_history(move.past)} move with it, with everything that was found and decided")
    if move.since != HistorySize():
        click.echo(f"  {_history(move.since)} under the new path are joined to them")


def _print_done(move: Move, result: MoveResult, advice: tuple[str, ...]) -> None:
    from kairos.report.sections import skipped_section

    sheet = page()
    sheet.line(f"Done: Kairos now knows it as {short_path(move.after, home())}.")
    for sentence in advice:
        sheet.line(sentence)
    skipped_section(sheet, result.skipped)
    if result.again:
        sheet.line(f"{count(len(result.again), 'change')} that you had undone came back after the move.")
    for key in result.again:
        sheet.command("to undo it: ", f"kairos undo {key}")
    sheet.command("To see its history: ", f"kairos log {shell_path(move.after, home())}")


def _history(past: HistorySize) -> str:
    return f"{count(past.dreams, 'dream')} and {count(past.transactions, 'transaction')}"


def _value(move: Move, result: MoveResult | None) -> dict[str, Any]:
    return {
        "done": result is not None,
        "before": move.before,
        "after": move.after,
        "notes": asdict(move.notes),
        "past": asdict(move.past),
        "since": asdict(move.since),
        "transaction": result and result.transaction,
        "done_again": list(result.again) if result else [],
        "skipped": [skip_value(skip) for skip in (result.skipped if result else ())],
    }
