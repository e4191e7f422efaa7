"""`kairos status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home, local_now, open_state, written_config
from kairos.cli.moments import ago, shown
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.roots import configured_roots, seen_root
from kairos.cli.terminal import print_json
from kairos.report.escape import one_line, visible
from kairos.report.values import skip_value
from kairos.report.wording import count, shell_path, short_path

if TYPE_CHECKING:
    from kairos.model import Skip
    from kairos.store.records import Dream, StatusRow

_SKIPS_SHOWN = 5


@click.command()
@root_argument
@json_option
@config_option
def status(root: Path | None, *, as_json: bool, config_file: Path | None) -> None:
    """Show how memory directories fare.

    Their last dream, their size, what waits for you and what was left alone.
    """
    from kairos.store import queries

    config = written_config(config_file)
    with open_state(config) as state:
        rows = list(queries.status(state))
        if root is not None:
            meant = seen_root(root, state)
            rows = [row for row in rows if row.root == meant]
            never: list[str] = []
        else:
            known = {row.root for row in rows}
            never = [path for path in configured_roots(config) if path not in known]
    if as_json:
        print_json([*(_value(row) for row in rows), *(_value_of_new(path) for path in never)])
        return
    _print(rows, never, local_now())


def _print(rows: list[StatusRow], never: list[str], now: datetime) -> None:
    blocks = [*(list(_lines(row, now)) for row in rows), *(list(_lines_of_new(path)) for path in never)]
    if not blocks:
        click.echo("Kairos looks after nothing yet. Run `kairos init`, then `kairos dream`.")
    for number, block in enumerate(blocks):
        click.echo("\n" * bool(number) + "\n".join(block))


def _lines_of_new(path: str) -> Iterator[str]:
    yield _name(path)
    yield _line("last dream", f"never; run `kairos dream {visible(shell_path(path, home()))}`")


def _lines(row: StatusRow, now: datetime) -> Iterator[str]:
    yield f"{_name(row.root)}  {row.layout}"
    last = row.last
    if last is None:
        yield _line("last dream", "never")
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
    yield from _secrets(stats.get("secrets", []))
    yield from _skips(last.skipped)


def _secrets(secrets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield where credentials stand in the notes."""
    for number, secret in enumerate(secrets[:_SKIPS_SHOWN]):
        yield _line(
            "" if number else "credentials", one_line(f"{secret['file']}:{secret['line']} {secret['kind']}")
        )
    if len(secrets) > _SKIPS_SHOWN:
        yield _line("", f"and {len(secrets) - _SKIPS_SHOWN} more")


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


def _value(row: StatusRow) -> dict[str, Any]:
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
        "recall": stats.get("recall"),
        "secrets": stats.get("secrets"),
        "skipped": [skip_value(skip) for skip in (last.skipped if last else ())],
    }


def _value_of_new(path: str) -> dict[str, Any]:
    from kairos.store.records import StatusRow

    return _value(StatusRow(path, "", None, 0, 0, 0))
