"""`kairos status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home, local_now, open_state, state_directory, written_config
from kairos.cli.moments import ago, shown
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import configured_roots, seen_root
from kairos.cli.terminal import print_json
from kairos.control.wire import to_value
from kairos.report.escape import one_line, visible
from kairos.report.values import skip_value
from kairos.report.wording import count, shell_path, short_path

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.config import Config
    from kairos.control.standing import RootStanding
    from kairos.model import Skip
    from kairos.store.records import Dream, StatusRow

_SKIPS_SHOWN = 5


@click.command()
@root_argument
@click.option("--daemon", "only_daemon", is_flag=True, help="Only the daemon itself.")
@json_option
@config_option
def status(root: Path | None, *, only_daemon: bool, as_json: bool, config_file: Path | None) -> None:
    """Show how memory directories fare.

    Their last dream, their size, what waits for you and what was left alone; and what the daemon is about to do,
    or why it does not.
    """
    from kairos.cli.daemon import look

    config = written_config(config_file)
    view = look(state_directory(config))
    now = local_now()
    if only_daemon and as_json:
        print_json(_value_of_daemon(view))
        return
    rows = [] if only_daemon else _rows(root, config, view)
    if as_json:
        print_json([_value(row, view.roots.get(row.root)) for row in rows])
        return
    blocks = [list(_lines_of_daemon(view, now))] if rows or only_daemon or view.status else []
    blocks += [
        [*_lines(row, now), *_lines_of_standing(row.root, view, now, all_gates=root is not None)]
        for row in rows
    ]
    if not rows and not only_daemon:
        blocks.append(["Kairos looks after nothing yet. Run `kairos init`, then `kairos dream`."])
    for number, block in enumerate(blocks):
        click.echo("\n" * bool(number) + "\n".join(block))


def _rows(root: Path | None, config: Config | None, view: DaemonView) -> list[StatusRow]:
    """Return a row for the root that is meant, or for each that is known to anybody."""
    from kairos.store import queries
    from kairos.store.records import StatusRow

    with open_state(config) as state:
        rows = list(queries.status(state))
        if root is not None:
            meant = seen_root(root, state)
            return [row for row in rows if row.root == meant]
    known = {row.root for row in rows}
    watched = view.status.roots if view.status else ()
    never = dict.fromkeys([*configured_roots(config), *(standing.path for standing in watched)])
    return [*rows, *(StatusRow(path, "", None, 0, 0, 0) for path in never if path not in known)]


def _lines_of_daemon(view: DaemonView, now: datetime) -> Iterator[str]:
    from kairos.cli.standing import daemon_lines

    for label, words in daemon_lines(view, now):
        yield (
            _line(label, one_line(words))
            if label
            else f"{click.style('kairosd', bold=True)}  {one_line(words)}"
        )


def _lines_of_standing(path: str, view: DaemonView, now: datetime, *, all_gates: bool) -> Iterator[str]:
    from kairos.cli.standing import root_lines

    standing = view.roots.get(path)
    if standing is None:
        if view.status is not None:
            yield _line(
                "next dream", "none by itself: the daemon's configuration does not name this directory"
            )
        return
    for label, words in root_lines(standing, view.status, now, all_gates=all_gates):
        yield _line(one_line(label), one_line(words))


def _lines(row: StatusRow, now: datetime) -> Iterator[str]:
    yield f"{_name(row.root)}  {row.layout}".rstrip()
    last = row.last
    if last is None:
        yield _line("last dream", f"never; run `kairos dream {visible(shell_path(row.root, home()))}`")
        return
    stats = last.stats
    when = f"{last.id}, {shown(last.at)} ({ago(last.at, now)}): {_outcome(last)}"
    yield _line("last dream", when)
    merged = count(row.duplicates_removed, "duplicate")
    yield _line("entries", f"{stats.get('entries', 0):,}, {merged} removed so far")
    if stats.get("index_lines") is not None:
        lines, size = stats["index_lines"], stats["index_bytes"]
        room = f"{lines:,} of {stats['budget_lines']:,} lines, {size:,} of {stats['budget_bytes']:,} bytes"
        yield _line("index", room)
    yield _line("conflicts", _todo(row.open_conflicts, "open", "kairos conflicts"))
    yield _line("proposals", _todo(row.waiting_proposals, "waiting for you", "kairos proposals"))
    yield _line("stale", count(stats.get("stale", 0), "entry", "entries"))
    yield from _skips(last.skipped)


def _skips(skips: tuple[Skip, ...]) -> Iterator[str]:
    for number, skip in enumerate(skips[:_SKIPS_SHOWN]):
        words = one_line(f"{skip.what}: {skip.reason} {skip.advice}")
        yield _line("" if number else "left alone", words)
    if len(skips) > _SKIPS_SHOWN:
        yield _line("", f"and {len(skips) - _SKIPS_SHOWN} more")


def _name(path: str) -> str:
    return click.style(visible(short_path(path, home())), bold=True)


def _line(name: str, value: str) -> str:
    return f"  {click.style(f'{name:<11}', dim=True)} {value}"


def _todo(number: int, words: str, command: str) -> str:
    return f"{number:,} {words}; see `{command}`" if number else "none"


def _outcome(dream: Dream) -> str:
    return {
        "reported": "only reported",
        "nothing": "nothing to change",
        "partial": "applied in part",
    }.get(dream.outcome, dream.outcome)


def _value(row: StatusRow, standing: RootStanding | None) -> dict[str, Any]:
    last = row.last
    stats = last.stats if last else {}
    return {
        "root": row.root,
        "layout": row.layout,
        "last_dream": last and {"dream": last.id, "at": last.at.isoformat(), "status": last.outcome},
        "entries": stats.get("entries"),
        "duplicates_removed": row.duplicates_removed,
        "conflicts": row.open_conflicts,
        "proposals": row.waiting_proposals,
        "stale": stats.get("stale"),
        "index": {
            "lines": stats.get("index_lines"),
            "bytes": stats.get("index_bytes"),
            "most_lines": stats.get("budget_lines"),
            "most_bytes": stats.get("budget_bytes"),
        },
        "skipped": [skip_value(skip) for skip in (last.skipped if last else ())],
        "daemon": standing and to_value(standing),
    }


def _value_of_daemon(view: DaemonView) -> dict[str, Any]:
    paused = view.status.paused_until if view.status else view.ledger.paused_until
    return {
        "running": view.status is not None,
        "problem": view.problem,
        "paused_until": paused and paused.isoformat(),
        "status": view.status and view.status.to_value(),
    }
