"""The commands that hand over to a daemon or watch it: without one, and with a fake one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.control.ledger import Ledger, read_ledger
from kairos.control.protocol import Verb
from kairos.control.status import (
    FOREVER,
    DaemonStatus,
    DreamProgress,
)
from tests.e2e.made_up_daemon import NOW, Daemon
from tests.e2e.shell import Shell
from tests.processes import holding_lock


def test_pause_and_resume_without_a_daemon_are_in_its_ledger(
    shell: Shell, root: Path, state_dir: Path
) -> None:
    began = datetime.now(UTC)
    assert "The daemon will not dream over ~/memory until 2" in shell("pause", root, "--for", "1h30m")
    until = read_ledger(state_dir).of(str(root)).paused_until
    assert until
    assert timedelta(minutes=89) < until - began < timedelta(minutes=91)
    assert (
        "The daemon will not dream over any directory until further notice; `kairos dream` still works"
        in shell("pause")
    )
    assert read_ledger(state_dir).paused_until == FOREVER
    text = shell("status")
    assert text.count("paused") == 2
    assert "But all directories are paused until further notice" in shell("resume", root)
    assert read_ledger(state_dir).of(str(root)).paused_until is None
    shell("pause", root)
    assert "dreams over every directory again" in shell("resume")
    ledger = read_ledger(state_dir)
    assert (ledger.paused_until, ledger.of(str(root)).paused_until) == (None, None)


def test_pause_and_resume_are_handed_to_a_daemon(
    shell: Shell, root: Path, state_dir: Path, daemon: Daemon
) -> None:
    shell("pause", root, "--for", "2h")
    shell("resume")
    paused, resumed = daemon.requests
    assert (paused.do, paused.root, resumed.do, resumed.root) == (Verb.PAUSE, str(root), Verb.RESUME, None)
    assert paused.until
    assert read_ledger(state_dir) == Ledger()


@pytest.mark.parametrize(
    "words", [("--for", "soon"), ("--for", "0h"), ("--for", "-2h"), ("--for", "99999d"), ("--for", "2")]
)
@pytest.mark.usefixtures("root")
def test_an_invalid_duration_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    assert "duration" in shell("pause", *words, code=2) or "between" in shell("pause", *words, code=2)


def test_only_known_roots_can_be_paused(shell: Shell, root: Path) -> None:
    assert "does not exist" in shell("pause", root / "nowhere", code=10)
    assert "has never looked at" in shell("pause", root.parent, code=10)


@pytest.mark.usefixtures("root")
def test_watch_without_a_daemon_fails(shell: Shell) -> None:
    assert "kairosd is not running" in shell("watch", code=1)


def test_watch_in_a_pipe_is_json_a_line_for_each_change(
    root: Path, daemon: Daemon, daemon_status: DaemonStatus
) -> None:
    command = [sys.executable, "-m", "kairos", "watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stdout
        assert watch.stderr
        assert json.loads(watch.stdout.readline())["pid"] == 4711
        assert daemon.watched.wait(10)
        daemon.becomes(daemon_status._replace(queue=(str(root),)))
        assert json.loads(watch.stdout.readline())["queue"] == [str(root)]
        daemon.end()
        assert "kairosd has ended" in watch.stderr.read()
        assert watch.wait() == 1


def test_watch_on_a_terminal_is_a_live_view(
    daemon: Daemon, daemon_status: DaemonStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "kairos", "watch"])  # noqa: S606
    assert "quiet: written 2 min ago; needs 10" in _read_until(terminal, "needs 10")
    assert daemon.watched.wait(10)
    dreaming = daemon_status.roots[0]._replace(dream=DreamProgress("judge", 1, 2, NOW))
    daemon.becomes(daemon_status._replace(roots=(dreaming,)))
    assert "~/memory" in _read_until(terminal, "judging, 1 of 2")
    os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)


def _read_until(terminal: int, words: str) -> str:
    shown = ""
    while words not in shown:
        shown += os.read(terminal, 65536).decode()
    return shown


def test_a_dream_waits_for_the_daemons_own_dream_over_that_root(
    shell: Shell, root: Path, state_dir: Path, daemon: Daemon, daemon_status: DaemonStatus
) -> None:
    at_work = daemon_status.roots[0]._replace(dream=DreamProgress("embed", 1, 2, NOW))
    daemon.becomes(daemon_status._replace(roots=(at_work,)))
    with holding_lock(state_dir / "locks", root) as holder:

        def finish() -> None:
            assert daemon.watched.wait(20)
            holder.kill()
            holder.wait()
            daemon.becomes(daemon_status)

        finishing = threading.Thread(target=finish)
        finishing.start()
        text = shell("dream", root, "--yes")
        finishing.join()
    assert "kairosd has just dreamt over it" in text


def test_a_dream_does_not_wait_for_a_lock_of_another_process(
    shell: Shell, root: Path, state_dir: Path, daemon: Daemon
) -> None:
    with holding_lock(state_dir / "locks", root):
        assert "being worked on by another Kairos" in shell("dream", root, "--yes", code=11)
    assert Verb.WATCH in {request.do for request in daemon.requests}
