"""The status of the daemon and of its roots in words, for `kairos status` and `kairos watch`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import kairos
from kairos.cli.access import home
from kairos.cli.moments import ago, shown
from kairos.cli.places import how_to_run_daemon
from kairos.cli.terminal import STAGES
from kairos.control.status import FOREVER
from kairos.core.text.counts import count
from kairos.report.phrases import shell_path

if TYPE_CHECKING:
    from kairos.cli.daemon import DaemonView
    from kairos.control.status import DaemonStatus, DreamProgress, GateStatus, GcRecord, RootStatus

Line = tuple[str, str]
"""A label and its text, neither yet escaped for the terminal."""

_LONG_KEPT_OUT = timedelta(days=7)
_RECENT = timedelta(days=7)


def daemon_lines(view: DaemonView, now: datetime, *, all_checks: bool = False) -> Iterator[Line]:
    """Yield the status of the daemon itself. The first line, without a label, is its headline.

    Its self-checks are listed if they failed, or all of them with `all_checks`.
    """
    status = view.status
    if status is None:
        yield "", view.problem or f"not running; {how_to_run_daemon()}"
        yield from _paused(view.paused_until, now, "kairos resume")
        yield from _collected(view.gc, now)
        if view.flaw:
            yield "ledger", view.flaw
        return
    yield "", f"{status.state} since {shown(status.since)} ({ago(status.since, now)}), PID {status.pid}"
    yield from _differences(status)
    yield from _paused(status.paused_until, now, "kairos resume")
    for check in status.checks:
        if all_checks or not check.ok:
            yield check.name, f"{check.value}. {check.advice}" if check.advice else check.value
    if status.queue:
        yield "waiting", f"{len(status.queue)} in the queue"
    yield from _collected(status.gc, now)


def _collected(record: GcRecord | None, now: datetime) -> Iterator[Line]:
    """Yield when originals were last collected, and how much that freed."""
    if record is None:
        return
    when = f"{shown(record.at)} ({ago(record.at, now)})"
    if record.error is not None:
        yield "gc", f"failed {when}: {record.error}"
    else:
        yield "gc", f"{when}: {count(record.files, 'original')} deleted, {record.bytes:,} bytes"


def _differences(status: DaemonStatus) -> Iterator[Line]:
    if status.version != kairos.__version__:
        yield "version", f"{status.version}, while this command is {kairos.__version__}; restart kairosd"
    if status.config.error:
        yield "config", f"refused, the previous one still applies: {status.config.error}"


def root_lines(
    root: RootStatus, status: DaemonStatus | None, now: datetime, *, all_gates: bool
) -> Iterator[Line]:
    """Yield the daemon's status of a root.

    With `all_gates`, every gate and all kept log lines of a failed dream; otherwise shut gates and the last line.
    """
    if root.replaced_at and now - root.replaced_at < _RECENT:
        when = f"{shown(root.replaced_at)} ({ago(root.replaced_at, now)})"
        yield "replaced", f"{when}: replaced by another directory, which was mounted, moved or restored"
    if root.dream:
        yield "dreaming", dream_words(root.dream, now)
    elif status is not None:
        yield "next dream", _next(root, status)
        for number, gate in enumerate(root.gates if all_gates else _telling_gates(root)):
            label = "gates" if all_gates else "why not now"
            yield "" if number else label, gate_words(gate, now, marked=all_gates)
    yield from _paused(root.paused_until, now, f"kairos resume {shell_path(root.path, home())}")
    yield from _failures(root, whole=all_gates)
    yield from _troubles(root, now, whole=all_gates)


def _telling_gates(root: RootStatus) -> list[GateStatus]:
    """Return the gates that say why a root is not dreamt over: none if it has a problem, which says it all."""
    return [] if root.problem else [gate for gate in root.gates if not gate.open]


def _next(root: RootStatus, status: DaemonStatus) -> str:
    if root.path in status.queue:
        return "as soon as its turn comes"
    shut = [gate for gate in root.gates if not gate.open]
    if any(gate.name == "enabled" for gate in shut):
        return "none by itself"
    if root.problem:
        return "none until its problem is solved"
    due = f" (due since {shown(root.due_since)})" if root.due_since else ""
    if is_paused_for_good(root):
        return f"not until it is resumed{due}"
    opens = opens_at(root)
    if due:
        kept = f"{shown(opens)} at the earliest" if opens else "as soon as its gates open"
        return f"{kept if shut else 'at once'}{due}"
    return _by_schedule(root, opens)


def _by_schedule(root: RootStatus, opens: datetime | None) -> str:
    at = root.next_at
    if at is None:
        return "when the schedule says so"
    if opens is None or opens <= at:
        return shown(at)
    if drops_the_next(root):
        return f"the first scheduled time after {shown(opens)}"
    return f"{shown(opens)} at the earliest"


def drops_the_next(root: RootStatus) -> bool:
    """Whether the last gate to open is `hours`: a scheduled time at which it is shut is passed over, not owed."""
    opens = opens_at(root)
    return opens is not None and any(gate.name == "hours" and gate.until == opens for gate in root.gates)


def is_paused_for_good(root: RootStatus) -> bool:
    """Whether a root is paused without an end: no dream until somebody resumes it, or all roots."""
    return any(gate.name == "paused" and not gate.open and gate.until is None for gate in root.gates)


def opens_at(root: RootStatus) -> datetime | None:
    """Return when the last gate opens of those shut until a known time; None if there are none."""
    return max((gate.until for gate in root.gates if gate.until and not gate.open), default=None)


def _failures(root: RootStatus, *, whole: bool) -> Iterator[Line]:
    if not root.failures:
        return
    times = "once" if root.failures == 1 else f"{root.failures} times in a row"
    when = f", last {shown(root.last_failure)}" if root.last_failure else ""
    yield "failed", f"{times}{when}: {root.last_error or 'reason unknown'}"
    said = root.tail if whole else root.tail[-1:]
    if root.last_error and [line.removeprefix("kairos: ") for line in said] == [root.last_error]:
        return  # it would only repeat the reason
    for number, line in enumerate(said):
        yield "" if number else "it said", line


def _troubles(root: RootStatus, now: datetime, *, whole: bool) -> Iterator[Line]:
    if root.kept_by and root.kept_since and now - root.kept_since >= _LONG_KEPT_OUT:
        yield "kept out", f"by the gate {root.kept_by!r} since {shown(root.kept_since)}, for more than a week"
    is_odd = root.watch and not root.problem and (root.watch.mode != "inotify" or root.watch.problem)
    if root.watch and (whole or is_odd):
        how = {"inotify": "by events", "polling": "by polling", "none": "not at all"}.get(root.watch.mode)
        yield "watched", f"{how or root.watch.mode}{f': {root.watch.problem}' if root.watch.problem else ''}"


def _paused(until: datetime | None, now: datetime, command: str) -> Iterator[Line]:
    if until is not None and until > now:
        yield "paused", f"{pause_words(until)}; `{command}` ends it"


def pause_words(until: datetime) -> str:
    """Return until when a pause lasts, in words."""
    return "until further notice" if until >= FOREVER else f"until {shown(until)}"


def dream_words(dream: DreamProgress, now: datetime) -> str:
    """Return the progress of a dream in words."""
    steps = f", {dream.done:,} of {dream.of:,}" if dream.of else ""
    seconds = max(0, round((now - dream.since).total_seconds()))
    return f"{STAGES.get(dream.stage, dream.stage)}{steps}, for {seconds} s"


def gate_words(gate: GateStatus, now: datetime, *, marked: bool = False) -> str:
    """Return a gate with its value and, if it is shut, when it may open."""
    mark = f" ({'open' if gate.open else 'shut'})" if marked else ""
    until = f" (until {shown(gate.until)})" if gate.until and gate.until > now and not gate.open else ""
    return f"{gate.name}{mark}: {gate.value}{until}"
