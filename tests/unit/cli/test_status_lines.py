"""What `kairos status` says about the daemon and a root: the last collection of originals, pauses, the next dream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kairos.cli.daemon import DaemonView
from kairos.cli.moments import shown
from kairos.cli.status_lines import daemon_lines, root_lines
from kairos.control.status import ConfigStatus, DaemonStatus, GateStatus, GcRecord, RootStatus

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DONE = GcRecord(NOW - timedelta(hours=3), files=2, bytes=4_096)
FAILED = GcRecord(NOW - timedelta(hours=3), error="The disk is full.")

STATUS = DaemonStatus("0", 1, NOW, "running", ConfigStatus("/c"))
SOON, LATER, LATEST = (NOW + timedelta(hours=hours) for hours in (1, 3, 5))
CHANGED = GateStatus("changed", open=False, value="0 entries")
HOURS = GateStatus("hours", open=False, value="the last dream was 1 h ago", until=LATER)
PAUSED = GateStatus("paused", open=False, value="until 17:00", until=LATEST)
GONE = GateStatus("there", open=False, value="It no longer exists.")
FOR_GOOD = GateStatus("paused", open=False, value="until it is resumed")


def said(record: GcRecord | None, *, running: bool) -> list[str]:
    status = DaemonStatus("0", 1, NOW, "running", ConfigStatus("/c"), gc=record) if running else None
    view = DaemonView.of(status) if status else DaemonView(None, None, {}, gc=record)
    return [words for label, words in daemon_lines(view, NOW) if label == "gc"]


def test_the_last_collection_or_its_failure_is_shown() -> None:
    for running in (True, False):
        (done,) = said(DONE, running=running)
        assert "3 hours ago" in done
        assert done.endswith(": 2 originals deleted, 4,096 bytes")
        (failed,) = said(FAILED, running=running)
        assert failed.startswith("failed ")
        assert failed.endswith("The disk is full.")
        assert said(None, running=running) == []


def test_the_command_that_ends_a_pause_can_be_pasted() -> None:
    root = RootStatus("/notes/of two", paused_until=NOW + timedelta(hours=1))
    lines = dict(root_lines(root, None, NOW, all_gates=False))
    assert lines["paused"].endswith("; `kairos resume '/notes/of two'` ends it")


@pytest.mark.parametrize(
    ("gates", "due", "words"),
    [
        ((), None, shown(SOON)),
        ((CHANGED,), None, shown(SOON)),
        ((HOURS, CHANGED), None, f"the first scheduled time after {shown(LATER)}"),
        ((PAUSED, HOURS), None, f"{shown(LATEST)} at the earliest"),
        ((FOR_GOOD, HOURS), None, "not until it is resumed"),
        ((), NOW, f"at once (due since {shown(NOW)})"),
        ((CHANGED,), NOW, f"as soon as its gates open (due since {shown(NOW)})"),
        ((HOURS,), NOW, f"{shown(LATER)} at the earliest (due since {shown(NOW)})"),
        ((FOR_GOOD,), NOW, f"not until it is resumed (due since {shown(NOW)})"),
    ],
)
def test_the_next_dream_follows_from_schedule_and_gates(
    gates: tuple[GateStatus, ...], due: datetime | None, words: str
) -> None:
    root = RootStatus("/r", next_due=SOON, gates=gates, due_since=due)
    lines = dict(root_lines(root, STATUS, NOW, all_gates=False))
    assert lines["next dream"] == words


def test_a_problem_says_it_all() -> None:
    root = RootStatus("/r", problem="It no longer exists.", next_due=SOON, gates=(GONE, CHANGED))
    lines = dict(root_lines(root, STATUS, NOW, all_gates=False))
    assert lines == {"next dream": "none until its problem is solved"}
    assert dict(root_lines(root, STATUS, NOW, all_gates=True))["gates"].startswith("there (shut)")


def test_a_gate_that_opens_before_the_dream_is_due_does_not_count() -> None:
    early = GateStatus("hours", open=False, value="", until=NOW + timedelta(minutes=5))
    root = RootStatus("/r", next_due=SOON, gates=(early,))
    assert dict(root_lines(root, STATUS, NOW, all_gates=False))["next dream"] == shown(SOON)
