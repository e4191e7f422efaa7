"""`kairos watch`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kairos.cli.access import lenient_config, local_now, shown_path, state_directory
from kairos.cli.options import config_option, json_option
from kairos.cli.places import how_to_run_daemon
from kairos.cli.terminal import print_json
from kairos.errors import DaemonError, ExitCode
from kairos.report.escape import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from kairos.control.protocol import Value
    from kairos.control.status import DaemonStatus, RootStatus


@click.command()
@json_option
@config_option
def watch(*, as_json: bool, config_file: Path | None) -> int:
    """Watch the daemon live.

    Ends with Ctrl-C, or when the daemon ends. In a pipe, prints one line of JSON for each change.
    """
    from kairos.control.client import follow
    from kairos.control.protocol import Request, Verb

    config, _ = lenient_config(config_file)
    answers = follow(state_directory(config), Request(Verb.WATCH))
    try:
        seen = _print_lines(answers) if as_json or not sys.stdout.isatty() else _show(answers)
    except KeyboardInterrupt:
        return ExitCode.OK
    if not seen:
        raise DaemonError("kairosd is not running.", f"{how_to_run_daemon()}.")
    raise DaemonError("kairosd has ended.", "See `kairos status`.")


def _print_lines(answers: Iterator[Value]) -> bool:
    seen = False
    for answer in answers:
        seen = True
        print_json(answer.get("status"), indent=None)
        sys.stdout.flush()
    return seen


def _show(answers: Iterator[Value]) -> bool:
    from rich.console import Console
    from rich.live import Live

    from kairos.cli.daemon import parse_status

    seen = False
    console = Console(markup=False, emoji=False, highlight=False)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for answer in answers:
            seen = True
            live.update(_screen(parse_status(answer), local_now()), refresh=True)
    return seen


def _screen(status: DaemonStatus, now: datetime) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from kairos.cli.daemon import DaemonView
    from kairos.cli.status_lines import daemon_lines

    lines = daemon_lines(DaemonView.of(status), now)
    head = [Text(one_line(f"{label or 'kairosd'}  {words}")) for label, words in lines]
    return Group(*head, Text(), _table(status, now))


def _table(status: DaemonStatus, now: datetime) -> Table:
    from rich.table import Table
    from rich.text import Text

    from kairos.cli.moments import shown

    table = Table("Memory directory", "State", "Next dream", "Last good dream", box=None, pad_edge=False)
    for root in sorted(status.roots, key=lambda root: (root.dream is None, root.path)):
        words, style = next(_states(root, status, now))
        cells = (
            shown_path(root.path),
            Text(one_line(words), style),
            _next(root),
            shown(root.last_success) if root.last_success else "never",
        )
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
    return table


def _next(root: RootStatus) -> str:
    from kairos.cli.moments import shown
    from kairos.cli.status_lines import drops_the_next, is_paused_for_good, opens_at

    if is_paused_for_good(root):
        return "when resumed"
    if root.due_since:
        return "when it may"
    if root.next_at is None:
        return ""
    opens = opens_at(root)
    if opens is None or opens <= root.next_at:
        return shown(root.next_at)
    return f"after {shown(opens)}" if drops_the_next(root) else shown(opens)


def _states(root: RootStatus, status: DaemonStatus, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the states of a root right now, each with its style, the most important first."""
    from kairos.cli.status_lines import dream_words, gate_words, pause_words

    if root.dream:
        yield dream_words(root.dream, now), "green"
    if root.problem:
        yield root.problem, "red"
    if root.paused_until and root.paused_until > now:
        yield f"paused {pause_words(root.paused_until)}", "yellow"
    if root.path in status.queue:
        yield "waits for its turn", "cyan"
    if root.failures:
        yield f"failed: {root.last_error or 'reason unknown'}", "red"
    yield from ((gate_words(gate, now), "") for gate in root.gates if not gate.open)
    yield ("changed" if root.dirty_since else "at rest"), ""
