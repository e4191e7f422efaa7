"""The commands that meet a daemon: with none there, and with one whose answers the test makes up."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import kairos
from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.control.ledger import Ledger, RootRecord, read_ledger
from kairos.control.lock import DaemonLock
from kairos.control.protocol import Request, Value, Verb
from kairos.control.standing import (
    FOREVER,
    Check,
    ConfigStanding,
    DaemonStatus,
    DreamStanding,
    GateStanding,
    RootStanding,
    WatchStanding,
)
from kairos.errors import NoSuchRootError
from kairos_service.server import Server

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object, code: int = 0) -> str:
        found = run(cli, [str(word) for word in words])
        shown = self._capsys.readouterr()
        assert found == code, shown.err + shown.out
        return shown.out if "--json" in words else shown.out + shown.err

    def json(self, *words: object) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def root(home: Path) -> Path:
    directory = home / "memory"
    directory.mkdir()
    (directory / "a.md").write_text("# Notes\n\n- Releases are cut on Thursday.\n", encoding="utf-8")
    config = home / ".config/kairos/config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"roots: [{directory}]\n", encoding="utf-8")
    return directory


@pytest.fixture
def state_dir(home: Path) -> Path:
    directory = home / ".local/state/kairos"
    directory.mkdir(parents=True, mode=0o700)
    return directory


HOLD = """
import sys, time
from pathlib import Path
from kairos.store.lock import RootLock
with RootLock(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


def _held_by_another_process(state_dir: Path, root: Path) -> subprocess.Popen[str]:
    """Have the lock of a root, as the child of a daemon has it."""
    command = [sys.executable, "-c", HOLD, str(state_dir / "locks"), str(root)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    other.stdout.close()
    return other


class Daemon:
    """A real socket and lock, and a status that the test sets. Ends when the test says so."""

    def __init__(self, state_dir: Path, status: DaemonStatus) -> None:
        self._state_dir = state_dir
        self._status = status
        self._started = threading.Event()
        self.watched = threading.Event()
        self.requests: list[Request] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._thread.start()
        assert self._started.wait(10)

    async def _main(self) -> None:
        self._loop, self._end, self._news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Condition()
        with DaemonLock(self._state_dir, NOW):
            async with Server(self._state_dir, self._answer, self._stream):
                self._started.set()
                await self._end.wait()

    async def _answer(self, request: Request) -> Value:
        self.requests.append(request)
        if request.root and request.root not in {root.path for root in self._status.roots}:
            raise NoSuchRootError("The daemon has no such root.", "Add it to the configuration.")
        return {"status": self._status.to_value()} if request.do is Verb.STATUS else {}

    async def _stream(self, _request: Request) -> AsyncGenerator[Value]:
        while True:
            yield {"status": self._status.to_value()}
            self.watched.set()
            async with self._news:
                await self._news.wait()

    def becomes(self, status: DaemonStatus) -> None:
        async def change() -> None:
            self._status = status
            async with self._news:
                self._news.notify_all()

        asyncio.run_coroutine_threadsafe(change(), self._loop).result(10)

    def end(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)


@pytest.fixture
def standing(root: Path) -> DaemonStatus:
    gates = (
        GateStanding("changed", open=True, value="3 entries, 1.2 kB; wants 1 or 200 B"),
        GateStanding("quiet", open=False, value="written 2 min ago; wants 10", until=NOW + HOUR),
    )
    return DaemonStatus(
        version=kairos.__version__,
        pid=4711,
        since=NOW - 3 * HOUR,
        state="running",
        config=ConfigStanding("/c.yaml"),
        roots=(RootStanding(str(root), watch=WatchStanding("inotify"), next_due=NOW + HOUR, gates=gates),),
    )


@pytest.fixture
def daemon(state_dir: Path, standing: DaemonStatus) -> Iterator[Daemon]:
    running = Daemon(state_dir, standing)
    yield running
    running.end()


def test_status_without_a_daemon_says_so_and_shows_what_it_left(
    shell: Shell, root: Path, state_dir: Path
) -> None:
    assert "kairosd  not running; `kairos service install` sets it up" in shell("status")
    assert shell.json("status", "--daemon") == {
        "running": False, "problem": None, "paused_until": None, "status": None
    }  # fmt: skip
    record = RootRecord(failures=3, last_failure=NOW, last_error="The disk is full.\x1b[2J", kept_by="load",
                        kept_since=NOW - timedelta(days=9))  # fmt: skip
    Ledger({str(root): record}).write(state_dir)
    text = shell("status")
    assert "3 times in a row" in text
    assert "The disk is full.\\x1b[2J" in text
    assert "by the gate 'load' since" in text
    assert "it said" not in text
    assert shell.json("status")[0]["daemon"]["failures"] == 3
    tail = ("loading the model", "kairos: Out of paper.\x1b[2J")
    Ledger({str(root): replace(record, tail=tail)}).write(state_dir)
    assert "\n  it said     kairos: Out of paper.\\x1b[2J\n" in shell("status")
    assert "\n  it said     loading the model\n              kairos: Out of paper.\\x1b[2J\n" in shell(
        "status", root
    )


def test_status_tells_of_a_daemon_that_hangs(shell: Shell, root: Path, state_dir: Path) -> None:
    with DaemonLock(state_dir, NOW):
        text = shell("status")
    assert f"It runs (PID {os.getpid()}, since" in text
    assert str(root.name) in text


def test_status_with_a_daemon_says_when_and_why_not_now(
    shell: Shell, daemon: Daemon, standing: DaemonStatus
) -> None:
    text = shell("status")
    assert "kairosd  running since" in text
    assert "(3 hours ago), PID 4711" in text
    assert "why not now quiet: written 2 min ago; wants 10 (until" in text
    assert "changed:" not in text
    assert "watched" not in text
    value = shell.json("status")
    assert value[0]["daemon"]["gates"][1]["value"] == "written 2 min ago; wants 10"
    assert {request.shut_gates_only for request in daemon.requests[:1]} == {
        True
    }  # the text shows no open gate
    assert not daemon.requests[-1].shut_gates_only
    assert shell.json("status", "--daemon")["status"]["pid"] == 4711

    daemon.becomes(
        standing._replace(
            version="0.0",
            config=ConfigStanding("/c.yaml", "roots: expected a list"),
            paused_until=FOREVER,
            checks=(
                Check("sandbox", ok=False, value="off", advice="See docs/daemon.md."),
                Check("inotify", True, "ok"),
            ),
            roots=(
                standing.roots[0]._replace(
                    dream=DreamStanding("embed", 10, 40, NOW),
                    watch=WatchStanding("polling", "a network file system"),
                ),
                RootStanding("/else/where", problem="is gone since yesterday"),
            ),
            queue=("/else/where",),
        )
    )
    text = shell("status")
    for words in (
        "restart kairosd",
        "refused, the one before holds: roots: expected a list",
        "until further notice; `kairos resume` ends it",
        "off. See docs/daemon.md.",
        "dreaming    embedding, 10 of 40, for",
        "by polling: a network file system",
        "/else/where",
        "is gone since yesterday",
        "as soon as its turn comes",
    ):
        assert words in text
    assert "inotify" not in text


def test_status_of_one_root_shows_every_gate(shell: Shell, root: Path, daemon: Daemon) -> None:
    text = shell("status", root)
    assert "never; run `kairos dream" in text
    assert "changed (open): 3 entries, 1.2 kB" in text
    assert "quiet (shut): written 2 min ago" in text
    assert daemon.requests


def test_pause_and_resume_without_a_daemon_are_in_its_ledger(
    shell: Shell, root: Path, state_dir: Path
) -> None:
    began = datetime.now(UTC)
    assert "No dreams over ~/memory until 2" in shell("pause", root, "--for", "1h30m")
    until = read_ledger(state_dir).of(str(root)).paused_until
    assert until
    assert timedelta(minutes=89) < until - began < timedelta(minutes=91)
    assert "No dreams over any directory until further notice." in shell("pause")
    assert read_ledger(state_dir).paused_until == FOREVER
    text = shell("status")
    assert text.count("paused") == 2
    assert "But all directories are paused until further notice" in shell("resume", root)
    assert read_ledger(state_dir).of(str(root)).paused_until is None
    shell("pause", root)
    assert "come again" in shell("resume")
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
def test_what_is_no_duration(shell: Shell, words: tuple[str, ...]) -> None:
    assert "duration" in shell("pause", *words, code=2) or "between" in shell("pause", *words, code=2)


def test_only_known_roots_can_be_paused(shell: Shell, root: Path) -> None:
    assert "is not a directory" in shell("pause", root / "nowhere", code=10)
    assert "never looked at" in shell("pause", root.parent, code=10)


@pytest.mark.usefixtures("root")
def test_watch_without_a_daemon(shell: Shell) -> None:
    assert "kairosd is not running" in shell("watch", code=1)


def test_watch_in_a_pipe_is_json_a_line_for_each_change(
    root: Path, daemon: Daemon, standing: DaemonStatus
) -> None:
    command = [sys.executable, "-m", "kairos", "watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stdout
        assert watch.stderr
        assert json.loads(watch.stdout.readline())["pid"] == 4711
        assert daemon.watched.wait(10)
        daemon.becomes(standing._replace(queue=(str(root),)))
        assert json.loads(watch.stdout.readline())["queue"] == [str(root)]
        daemon.end()
        assert "kairosd has ended" in watch.stderr.read()
        assert watch.wait() == 1


def test_watch_on_a_terminal_is_a_live_view(
    daemon: Daemon, standing: DaemonStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "kairos", "watch"])  # noqa: S606
    assert "quiet: written 2 min ago; wants 10" in _read_until(terminal, "wants 10")
    assert daemon.watched.wait(10)
    dreaming = standing.roots[0]._replace(dream=DreamStanding("judge", 1, 2, NOW))
    daemon.becomes(standing._replace(roots=(dreaming,)))
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
    shell: Shell, root: Path, state_dir: Path, daemon: Daemon, standing: DaemonStatus
) -> None:
    at_work = standing.roots[0]._replace(dream=DreamStanding("embed", 1, 2, NOW))
    daemon.becomes(standing._replace(roots=(at_work,)))
    held = _held_by_another_process(state_dir, root)

    def finish() -> None:
        assert daemon.watched.wait(20)
        held.terminate()
        held.wait()
        daemon.becomes(standing)

    finishing = threading.Thread(target=finish)
    finishing.start()
    text = shell("dream", root, "--yes")
    finishing.join()
    assert "kairosd has just dreamt over it" in text


def test_a_lock_that_is_not_the_daemons_is_no_reason_to_wait(
    shell: Shell, root: Path, state_dir: Path, daemon: Daemon
) -> None:
    held = _held_by_another_process(state_dir, root)
    try:
        assert "being worked on by another Kairos" in shell("dream", root, "--yes", code=11)
    finally:
        held.terminate()
        held.wait()
    assert daemon.watched.is_set()


@pytest.mark.parametrize("text", ["daemon: {log_level: 7}\n", "roots: [\n", "state_dir: 7\n", "- a\n"])
def test_a_wrong_configuration_does_not_hide_what_is_known(
    home: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = home / "kairos.yaml"
    file.write_text(text)
    assert run(cli, ["status", "--config", str(file), "--daemon", "--json"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["running"] is False
    assert f"{file} is not a valid configuration" in shown.err


def test_a_wrong_configuration_still_says_where_the_state_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "kairos.yaml"
    file.write_text("state_dir: ~/elsewhere\nroots: 7\n")
    with DaemonLock(home / "elsewhere", NOW):
        assert run(cli, ["status", "--config", str(file), "--daemon"]) == 2
    assert f"It runs (PID {os.getpid()}" in capsys.readouterr().out
