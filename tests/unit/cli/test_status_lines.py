"""What `kairos status` says about the daemon: its last collection of originals, and pauses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kairos.cli.daemon import DaemonView
from kairos.cli.status_lines import daemon_lines, root_lines
from kairos.control.status import ConfigStatus, DaemonStatus, GcRecord, RootStatus

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DONE = GcRecord(NOW - timedelta(hours=3), files=2, bytes=4_096)
FAILED = GcRecord(NOW - timedelta(hours=3), error="The disk is full.")


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
