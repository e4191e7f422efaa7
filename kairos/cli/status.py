"""`kairos status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kairos.cli.access import home, local_now, shown_path
from kairos.cli.failures import failed
from kairos.cli.known import NOTHING_KNOWN, acknowledge_alerts, known_roots
from kairos.cli.moments import ago, shown
from kairos.cli.options import config_option, json_option, root_argument
from kairos.cli.terminal import configured, hanging, print_json
from kairos.core.text.counts import count
from kairos.report.escape import one_line
from kairos.report.phrases import outcome_words, shell_path

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.cli.known import Fault, Known
    from kairos.control.status import RootStatus
    from kairos.store.overview import LastDream, RootOverview

_SKIPS_SHOWN = 5
_OFF = "none by itself: it is switched off in the configuration"
_DONE = {
    "dream": "changes were applied",
    "undo": "something was undone",
    "resolve": "a conflict was settled",
    "approve": "a proposal was applied",
}


@click.command()
@root_argument
@click.option("--daemon", "only_daemon", is_flag=True, help="Show only the daemon.")
@click.option("--seen", is_flag=True, help="Mark the listed alerts as seen; they are not listed again.")
@json_option
@config_option
def status(
    root: Path | None, *, only_daemon: bool, seen: bool, as_json: bool, config_file: Path | None
) -> int:
    """Show the state of memory directories and of the daemon.

    For each directory: whether it is gone, its last dream, its size, what waits for you, what was left alone, and
    alerts about changes to notes that no agent makes. Also what the daemon will do next, or why it is not dreaming.
    """
    from kairos.cli.daemon import load_config_and_daemon

    # Printing all roots needs only the shut gates, and most gates are open.
    config, view, fault = load_config_and_daemon(config_file, shut_gates_only=root is None and not as_json)
    code: int = fault
    now = local_now()
    if only_daemon and as_json:
        print_json(_value_of_daemon(view))
        return code
    known = NOTHING_KNOWN if only_daemon else known_roots(config, view)
    rows = list(known.rows.values()) if root is None or only_daemon else [known.of(root)]
    for silence in known.silences:
        code = failed(silence)
    if seen:
        acknowledge_alerts(config, rows)
    if as_json:
        print_json([_value(row, known.faults.get(row.root), view.roots.get(row.root)) for row in rows])
        return code
    blocks = (
        [list(_lines_of_daemon(view, now, all_checks=only_daemon))]
        if rows or only_daemon or view.status
        else []
    )
    for row in rows:
        lines = [
            *_lines(row, known, now),
            *_lines_of_root_status(row.root, view, now, all_gates=root is not None),
        ]
        blocks.append([*lines, _line("next dream", _OFF)] if row.root in known.off else lines)
    if not rows and not only_daemon and not known.silences:
        advice = configured("Run `kairos init`, then `kairos dream`.")
        blocks.append([f"Kairos does not know any directory yet. {advice}"])
    for number, block in enumerate(blocks):
        click.echo("\n" * bool(number) + "\n".join(block))
    return code


def _lines_of_daemon(view: DaemonView, now: datetime, *, all_checks: bool) -> Iterator[str]:
    from kairos.cli.status_lines import daemon_lines

    for label, words in daemon_lines(view, now, all_checks=all_checks):
        yield (
            _line(label, one_line(words))
            if label
            else f"{click.style('kairosd', bold=True)}  {hanging(configured(one_line(words)), 9)}"
        )


def _lines_of_root_status(path: str, view: DaemonView, now: datetime, *, all_gates: bool) -> Iterator[str]:
    from kairos.cli.status_lines import root_lines

    root_status = view.roots.get(path)
    if root_status is None:
        if view.status is not None:
            yield _line(
                "next dream", "none by itself: the daemon's configuration does not name this directory"
            )
        return
    for label, words in root_lines(root_status, view.status, now, all_gates=all_gates):
        yield _line(one_line(label), one_line(words))


def _lines(row: RootOverview, known: Known, now: datetime) -> Iterator[str]:
    yield f"{_name(row.root)}  {one_line(row.layout)}".rstrip()
    last, fault = row.last, known.faults.get(row.root)
    yield from _fault(row, fault, known.moves.get(row.root), now)
    if not known.has_state:
        yield _line("last dream", "unknown: the state does not answer")
        return
    if last is None:
        advice = f"; run `kairos dream {shell_path(row.root, home())}`" if fault is None else ""
        yield _line("last dream", f"never{advice}")
        return
    stats = last.stats
    when = f"{last.id}, {shown(last.at)} ({ago(last.at, now)}): {one_line(outcome_words(last.outcome))}"
    yield _line("last dream", when)
    if last.since:
        kind, at = last.since
        yield _line(
            "since then",
            f"{_DONE[kind]} ({ago(at, now)}); the figures below are older, until the next dream",
        )
    merged = count(row.duplicates_removed, "duplicate")
    yield _line("entries", f"{stats.get('entries', 0):,}, {merged} removed so far")
    if stats.get("index_lines") is not None:
        yield _line("index", f"{_share(stats, 'line')}, {_share(stats, 'byte')}")
    yield _line("conflicts", _todo(row.open_conflicts, "open", "kairos conflicts"))
    yield _line("proposals", _todo(row.waiting_proposals, "waiting for you", "kairos proposals"))
    yield _line("stale", count(stats.get("stale", 0), "entry", "entries"))
    yield from _alerts(row)
    yield from _secrets(stats.get("secrets", []))
    yield from _skips(last)


def _fault(row: RootOverview, fault: Fault | None, moved_to: str | None, now: datetime) -> Iterator[str]:
    if fault is None:
        return
    from kairos.cli.root_faults import fault_lines

    for number, words in enumerate(fault_lines(row, fault, moved_to, now)):
        yield _line("" if number else "problem", one_line(words), None if number else "red")


def _alerts(row: RootOverview) -> Iterator[str]:
    """Yield the alerts that nobody has acknowledged, and the command that does."""
    for number, alert in enumerate(row.alerts[:_SKIPS_SHOWN]):
        words = one_line(f"{alert.path}: {alert.words} (since {alert.since})")
        yield _line("" if number else "alert", words, "yellow")
    if len(row.alerts) > _SKIPS_SHOWN:
        yield _line("", f"and {len(row.alerts) - _SKIPS_SHOWN} more")
    if row.alerts:
        yield _line("", f"once seen: `kairos status --seen {shell_path(row.root, home())}`")


def _secrets(secrets: list[dict[str, Any]]) -> Iterator[str]:
    """Yield where the notes contain credentials."""
    for number, secret in enumerate(secrets[:_SKIPS_SHOWN]):
        yield _line(
            "" if number else "credentials", one_line(f"{secret['file']}:{secret['line']} {secret['kind']}")
        )
    if len(secrets) > _SKIPS_SHOWN:
        yield _line("", f"and {len(secrets) - _SKIPS_SHOWN} more")


def _skips(last: LastDream) -> Iterator[str]:
    """Yield what the last dream left alone; the changes that were turned down before are only counted."""
    skips = [skip for skip in last.skipped if not skip.key]
    lines = [f"{one.what}: {_sentence(one.reason)} {one.advice}" for one in skips[:_SKIPS_SHOWN]]
    if len(skips) > _SKIPS_SHOWN:
        lines.append(f"and {len(skips) - _SKIPS_SHOWN} more")
    if turned_down := len(last.skipped) - len(skips):
        words = count(turned_down, "change that was", "changes that were")
        lines.append(f"{words} undone, rejected or held back before; see `kairos show {last.id}`")
    for number, words in enumerate(lines):
        yield _line("" if number else "left alone", one_line(words))


def _skip_value(what: str, reason: str, advice: str) -> dict[str, str]:
    return {"what": what, "reason": _sentence(reason), "advice": advice}


def _sentence(reason: str) -> str:
    """Return the reason as a sentence, as `Skip.why` does, without importing `kairos.model`."""
    return reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."


def _name(path: str) -> str:
    return click.style(shown_path(path), bold=True)


def _line(name: str, value: str, colour: str | None = None) -> str:
    words = hanging(configured(value), 14)
    return f"  {click.style(f'{name:<11}', dim=True)} {click.style(words, fg=colour)}"


def _share(stats: Mapping[str, Any], unit: str) -> str:
    """Return the size of the index in a unit, against its budget if it has one."""
    used, most = stats[f"index_{unit}s"], stats[f"budget_{unit}s"]
    return count(used, unit) if most is None else f"{used:,} of {most:,} {unit}s"


def _todo(number: int, words: str, command: str) -> str:
    return f"{number:,} {words}; see `{command}`" if number else "none"


def _value(row: RootOverview, fault: Fault | None, root_status: RootStatus | None) -> dict[str, Any]:
    from kairos.control.wire import to_value

    last = row.last
    stats = last.stats if last else {}
    return {
        "root": row.root,
        "layout": row.layout,
        "problem": fault and fault.problem,
        "last_dream": last and {"dream": last.id, "at": last.at.isoformat(), "status": last.outcome},
        "changed_since": last and last.since and {"kind": last.since[0], "at": last.since[1].isoformat()},
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
        "alerts": [alert._asdict() for alert in row.alerts],
        "skipped": [_skip_value(*skip[:3]) for skip in (last.skipped if last else ())],
        "daemon": root_status and to_value(root_status),
    }


def _value_of_daemon(view: DaemonView) -> dict[str, Any]:
    return {
        "running": view.status is not None,
        "problem": view.problem,
        "paused_until": view.paused_until and view.paused_until.isoformat(),
        "status": view.status and view.status.to_value(),
    }
