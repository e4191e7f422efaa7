"""kairosd as a real process over real roots: its commands, its signals, its dreams."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from kairos.control.client import ask
from kairos.control.protocol import Request, Value, Verb
from kairos.control.standing import DaemonStatus, RootStanding
from kairos.errors import DaemonError

PATIENCE = 60
CONFIG = """
roots: ["~/projects/*/memory", "~/single"]
daemon:
  schedule: {{every_hours: 8000, jitter_minutes: 0, catch_up_minutes: {catch_up}}}
  gates: {{min_hours: 0, quiet_minutes: 0, max_load_per_core: 1000, min_battery_percent: 0}}
  watch: {{quiet_seconds: 0.2, reconcile_minutes: {reconcile}}}
  worker: {{niceness: 0, at_once: 1}}
"""
NOTE = "# Notes\n\n- Releases are cut from the main branch every Thursday.\n- {}\n"
UNREAD = "The {} is watered on Mondays."
"""No other test says so: the model has to read it first, and the dream takes a while."""


class Kairosd:
    """A daemon of its own, over the roots of a made-up home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state_dir = home / ".local/state/kairos"
        self.config = home / ".config/kairos/config.yaml"
        self.log = home / "kairosd.log"
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, *, catch_up: float = 1000, reconcile: float = 1000, more: str = "") -> None:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(catch_up=catch_up, reconcile=reconcile) + more
        self.config.write_text(text, encoding="utf-8")

    def root(self, name: str, *lines: str) -> Path:
        directory = self.home / name
        directory.mkdir(parents=True)
        for number, line in enumerate(lines or ("Tea is free.", "Rooms are booked by mail.")):
            (directory / f"n{number}.md").write_text(NOTE.format(line), encoding="utf-8")
        return directory

    def start(self, *words: object) -> DaemonStatus:
        command = [sys.executable, "-m", "kairos_service", *map(str, words)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, cwd="/")
        return self.wait(lambda _: True)

    def status(self) -> DaemonStatus:
        answer = ask(self.state_dir, Request(Verb.STATUS))
        if answer is None:
            raise DaemonError("not there")
        return DaemonStatus.from_value(answer["status"])

    def ask(self, verb: Verb, root: Path | None = None) -> Value | None:
        return ask(self.state_dir, Request(verb, None if root is None else str(root)))

    def of(self, root: Path) -> RootStanding:
        return next(one for one in self.status().roots if one.path == str(root))

    def wait(self, holds: Callable[[DaemonStatus], bool]) -> DaemonStatus:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                status = self.status()
            except DaemonError:
                pass
            else:
                if holds(status):
                    return status
            time.sleep(0.05)
        raise AssertionError(f"{self.log.read_text()}\nstill {self.status()}")

    def wait_for(self, root: Path, holds: Callable[[RootStanding], bool]) -> RootStanding:
        self.wait(lambda status: any(one.path == str(root) and holds(one) for one in status.roots))
        return self.of(root)

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, time.monotonic() - began

    def dream(self, root: Path) -> None:
        before = self.of(root).last_success
        self.ask(Verb.DREAM, root)
        self.wait_for(root, lambda one: one.last_success != before and one.dream is None)


@pytest.fixture
def kairosd(experienced: Path) -> Iterator[Kairosd]:
    daemon = Kairosd(experienced)
    daemon.configure()
    yield daemon
    if daemon.process is not None:
        daemon.process.kill()
        daemon.process.wait()


def kairos(*words: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "kairos", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout


def test_it_starts_tells_how_it_stands_and_ends(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    status = kairosd.start()
    assert kairosd.process is not None
    assert (status.pid, status.state) == (kairosd.process.pid, "running")
    (standing,) = (one for one in status.roots if one.path == str(root))
    assert standing.problem is None
    assert standing.watch is not None
    assert (standing.watch.mode, standing.watch.problem) == ("inotify", None)
    assert standing.next_due is not None
    answer = ask(kairosd.state_dir, Request(Verb.STATUS, shut_gates_only=True))
    assert answer is not None
    roots = DaemonStatus.from_value(answer["status"]).roots
    (shut,) = (one for one in roots if one.path == standing.path)
    names = [gate.name for gate in standing.gates]
    assert names.index("there") < names.index("battery")
    assert [gate.name for gate in shut.gates] == [gate.name for gate in standing.gates if not gate.open]
    assert "kairosd" in kairos("status")
    code, seconds = kairosd.stop()
    assert code == 0
    assert seconds < 10
    assert kairosd.ask(Verb.STATUS) is None


def test_the_first_dream_reports_and_the_second_applies(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    before = {file.name: file.read_bytes() for file in root.iterdir()}
    kairosd.start()
    kairosd.dream(root)
    assert {file.name: file.read_bytes() for file in root.iterdir()} == before
    kairosd.dream(root)
    together = "".join(file.read_text() for file in root.glob("n*.md"))
    assert together.count("every Thursday") == 1
    # Its own writes do not wake it.
    standing = kairosd.wait_for(root, lambda one: one.dirty_since is None)
    assert {gate.name: gate.open for gate in standing.gates}["changed"] is False
    kairos("undo", root, "--all")
    assert {name: (root / name).read_bytes() for name in before} == before


def test_figures_tell_what_was_done(kairosd: Kairosd) -> None:
    place = kairosd.home / "m.sock"
    kairosd.configure(more=f"  metrics: {{listen: 'unix:{place}'}}\n")
    root = kairosd.root("single")
    kairosd.start()
    assert "kairos_dreams_total{" not in scrape(place)
    kairosd.dream(root)  # it only reports
    known = f'kairos_last_success_timestamp_seconds{{root="{root}"}}'
    text = wait_to_read(place, known)
    assert 'kairos_dreams_total{outcome="reported"} 1.0' in text
    assert "kairos_edits_total{" not in text
    kairosd.dream(root)
    text = wait_to_read(place, 'kairos_dreams_total{outcome="done"} 1.0')
    assert 'kairos_edits_total{kind="merge"} 1.0' in text
    assert "kairos_dream_seconds_count 2.0" in text
    assert "kairos_queue_length 0.0" in text
    assert f'kairos_open_conflicts{{root="{root}"}} 0.0' in text


def scrape(place: Path) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(place))
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        with client.makefile("r") as answer:
            return answer.read()


def wait_to_read(place: Path, wanted: str) -> str:
    """Scrape until it is said, long before the next weighing of a minute."""
    end = time.monotonic() + 20
    while wanted not in (text := scrape(place)):
        assert time.monotonic() < end, text
        time.sleep(0.1)
    return text


def test_a_missed_schedule_is_caught_up_after_the_start(kairosd: Kairosd) -> None:
    kairosd.configure(catch_up=0.001)
    root = kairosd.root("projects/a/memory")
    kairosd.start()
    kairosd.wait_for(root, lambda one: one.last_success is not None)
    kairosd.stop()
    past = json.loads((kairosd.state_dir / "daemon.json").read_bytes())["roots"][str(root)]
    assert {"last_looked", "last_success", "census"} <= set(past)
    kairosd.start()
    time.sleep(1.5)
    assert kairosd.of(root).dream is None
    assert kairosd.status().queue == ()


def test_a_write_marks_a_root_and_roots_come_and_go(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    kairosd.start()
    kairosd.dream(root)
    assert kairosd.of(root).dirty_since is None
    (root / "n0.md").write_text("# Notes\n\n- Something else.\n", encoding="utf-8")
    kairosd.wait_for(root, lambda one: one.dirty_since is not None)
    later = kairosd.root("projects/b/memory")
    kairosd.wait_for(later, lambda one: one.problem is None)
    later.rename(kairosd.home / "elsewhere")
    assert "gone" in str(kairosd.wait_for(later, lambda one: one.problem is not None).problem)
    (kairosd.home / "elsewhere").rename(later)
    kairosd.wait_for(later, lambda one: one.problem is None)
    shutil.rmtree(root)
    root.symlink_to(later)
    kairosd.wait_for(root, lambda one: one.problem is not None)


def test_a_new_configuration_counts_and_a_bad_one_does_not(kairosd: Kairosd) -> None:
    single = kairosd.root("single")
    kairosd.start()
    kairosd.configure(more="  log_level: 7\n")
    kairosd.send(signal.SIGHUP)
    status = kairosd.wait(lambda status: status.config.error is not None)
    assert "daemon.log_level" in str(status.config.error)
    assert kairosd.of(single).problem is None
    kairosd.configure(more="ignore: [secret]\n")
    other = kairosd.root("projects/x/memory")
    kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda status: status.config.error is None)
    kairosd.wait_for(other, lambda one: one.problem is None)


@pytest.mark.parametrize("is_named", [True, False])
def test_a_configuration_that_went_is_a_bad_one(kairosd: Kairosd, *, is_named: bool) -> None:
    single = kairosd.root("single")
    place = kairosd.config
    if is_named:
        place = kairosd.home / "named.yaml"
        place.write_bytes(kairosd.config.read_bytes())
        kairosd.config.write_text("roots: []\n", encoding="utf-8")
        kairosd.start("--config", place)
    else:
        kairosd.start()
    place.rename(kairosd.home / "aside")  # as an editor may, for a moment
    kairosd.send(signal.SIGHUP)
    status = kairosd.wait(lambda status: status.config.error is not None)
    assert str(place) in str(status.config.error)
    assert "there is none" in str(status.config.error)
    assert kairosd.of(single).problem is None
    (kairosd.home / "aside").rename(place)
    kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda status: status.config.error is None)
    assert kairosd.of(single).problem is None


def test_where_no_configuration_was_the_defaults_hold_until_there_is_one(kairosd: Kairosd) -> None:
    kairosd.config.unlink()
    single = kairosd.root("single")
    assert single not in {Path(root.path) for root in kairosd.start().roots}
    assert reload(kairosd) == (0, "")
    kairosd.configure()
    assert reload(kairosd) == (0, "")
    kairosd.wait_for(single, lambda one: one.problem is None)
    kairosd.config.unlink()
    assert reload(kairosd)[0] == 1
    assert kairosd.of(single).problem is None


def test_whoever_reloads_waits_for_it_and_hears_why_not(kairosd: Kairosd) -> None:
    kairosd.root("single")
    code, said = reload(kairosd)
    assert (code, "none listens" in said) == (1, True), said
    kairosd.start()
    other = kairosd.root("projects/x/memory")
    kairosd.configure()
    assert reload(kairosd) == (0, "")
    assert kairosd.of(other).problem is None
    kairosd.configure(more="  log_level: 7\n")
    code, said = reload(kairosd)
    assert (code, "daemon.log_level" in said) == (1, True), said
    # A wrong file hides neither the daemon nor what it says about that file.
    assert "refused, the one before holds" in kairos("status", code=2)


def reload(kairosd: Kairosd) -> tuple[int, str]:
    command = [sys.executable, "-m", "kairos_service.reload", str(kairosd.state_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_one_reload_after_the_other_and_none_after_the_end_began(
    kairosd: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        kairosd.root(f"projects/p{number}/memory")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        kairosd.start()
        with ThreadPoolExecutor() as askers:
            answers = [askers.submit(kairosd.ask, Verb.RELOAD) for _ in range(3)]
            for _ in range(3):
                kairosd.send(signal.SIGHUP)
            assert [answer.result() for answer in answers] == [{}, {}, {}]
        kairosd.wait(lambda status: status.state == "running")
        kairosd.send(signal.SIGHUP)
        assert kairosd.stop()[0] == 0
        systemd.setblocking(False)
        said = list(_states(systemd))
    end = said.index("STOPPING=1")
    assert set(said[end + 1 :]) <= {"WATCHDOG=1"}
    assert said[0] == "READY=1"
    assert said[1:4] == ["RELOADING=1", "READY=1", "RELOADING=1"]
    assert not {("RELOADING=1", "RELOADING=1"), ("READY=1", "READY=1")} & set(itertools.pairwise(said))


def _states(systemd: socket.socket) -> Iterator[str]:
    """Yield what the daemon said about its state, in order."""
    with suppress(BlockingIOError):
        while True:
            first = systemd.recv(4096).decode().split("\n")[0]
            if not first.startswith("STATUS="):
                yield first


def test_a_dream_of_the_command_line_in_progress_is_no_crash(kairosd: Kairosd) -> None:
    kairosd.configure(reconcile=0.01)
    root = kairosd.root("single")
    kairos("dream", root, code=3)  # the first only reports
    command = [sys.executable, "-c", CRASHING_DREAM.replace("SIGKILL", "SIGSTOP"), str(root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as dream:
        os.waitid(os.P_PID, dream.pid, os.WSTOPPED | os.WNOWAIT)
        kairosd.start()
        time.sleep(2)
        status = kairosd.status()
        assert (status.queue, kairosd.of(root).dream, kairosd.of(root).failures) == ((), None, 0)
        assert "a crash" not in kairosd.log.read_text()
        before = kairosd.of(root).last_success
        dream.kill()
    kairosd.wait(lambda _: "a crash" in kairosd.log.read_text())
    kairosd.wait_for(root, lambda one: one.last_success != before and one.dream is None)


def test_what_is_switched_off_is_left_alone_and_says_so(kairosd: Kairosd) -> None:
    off, single = kairosd.root("off"), kairosd.root("single")
    (kairosd.home / "projects/link").mkdir(parents=True)
    (kairosd.home / "projects/link/memory").symlink_to(off)
    text = kairosd.config.read_text(encoding="utf-8")
    switched = text.replace('"~/single"]', '"~/single", {path: ~/off, enabled: false}]')
    kairosd.config.write_text(switched, encoding="utf-8")
    assert "none by itself: it is switched off in the configuration" in kairos("status", off)
    kairosd.start()
    standing = kairosd.of(off)
    gates = {gate.name: (gate.open, gate.value) for gate in standing.gates}
    assert gates["enabled"] == (False, "switched off in the configuration")
    assert gates["there"] == (True, "nobody looks")
    assert (standing.problem, standing.next_due) == (None, None)
    assert standing.watch is not None
    assert standing.watch.mode == "none"
    assert kairosd.ask(Verb.DREAM, off) == {"roots": []}
    shown = kairos("status", off)
    assert "next dream  none by itself\n" in shown
    assert "enabled (shut): switched off in the configuration" in shown
    assert {gate.name: gate.open for gate in kairosd.of(single).gates}["enabled"] is True
    kairosd.config.write_text(switched.replace("enabled: false", "enabled: true"), encoding="utf-8")
    assert reload(kairosd) == (0, "")
    kairosd.wait_for(off, lambda one: one.next_due is not None)
    kairosd.config.write_text(switched, encoding="utf-8")
    assert reload(kairosd) == (0, "")
    kairosd.wait_for(off, lambda one: one.next_due is None)


def test_a_pause_outlives_a_restart(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.start()
    kairos("pause", root, "--for", "2h")
    assert kairosd.of(root).paused_until is not None
    kairosd.stop(signal.SIGKILL)
    kairosd.start()
    assert kairosd.of(root).paused_until is not None
    assert {gate.name: gate.open for gate in kairosd.of(root).gates}["paused"] is False
    kairos("resume", root)
    assert kairosd.of(root).paused_until is None


def test_a_second_daemon_says_who_is_there(kairosd: Kairosd) -> None:
    kairosd.root("single")
    kairosd.start()
    assert kairosd.process is not None
    second = subprocess.run(
        [sys.executable, "-m", "kairos_service"], capture_output=True, text=True, check=False
    )
    assert second.returncode == 11
    assert str(kairosd.process.pid) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_killed_child_costs_one_dream(kairosd: Kairosd) -> None:
    root = kairosd.root("single", UNREAD.format("garden"), "Tea is free.")
    kairosd.start()
    kairosd.ask(Verb.DREAM, root)
    kairosd.wait_for(root, lambda one: one.dream is not None)
    for child in _children(kairosd):
        os.kill(child, signal.SIGKILL)
    standing = kairosd.wait_for(root, lambda one: one.failures == 1)
    assert "killed" in str(standing.last_error)
    assert {gate.name: gate.open for gate in standing.gates}["failures"] is False
    kairosd.dream(root)  # asked for by a person, it does not rest
    assert kairosd.of(root).failures == 0


def test_what_a_failed_dream_said_is_shown(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.start()
    kairosd.configure(more="  log_level: 7\n")  # the daemon does not read it, but a dream does
    kairosd.ask(Verb.DREAM, root)
    standing = kairosd.wait_for(root, lambda one: one.failures == 1)
    first, last = standing.tail
    assert (first[-1], "daemon.log_level" in last) == (":", True)
    kairosd.configure()
    assert first not in kairos("status")
    shown = kairos("status", root)
    assert f"it said     {first}\n" in shown
    assert shown.count(last.strip()) == 2  # as the reason, too
    kairosd.stop()
    assert first in kairos("status", root)


def test_stopped_in_a_dream_it_ends_soon_and_goes_on_later(kairosd: Kairosd) -> None:
    root = kairosd.root("single", UNREAD.format("roof"), "Tea is free.")
    before = {file.name: file.read_bytes() for file in root.iterdir()}
    kairosd.start()
    kairosd.ask(Verb.DREAM, root)
    kairosd.wait_for(root, lambda one: one.dream is not None)
    (child,) = _children(kairosd)
    code, seconds = kairosd.stop()
    assert code == 0
    assert seconds < 10
    assert not Path(f"/proc/{child}").exists()
    assert {file.name: file.read_bytes() for file in root.iterdir()} == before
    kairosd.start()
    assert kairosd.of(root).last_success is None


def is_changed(standing: RootStanding) -> bool:
    """Whether the daemon takes something for changed since the last dream."""
    return standing.dirty_since is not None or {gate.name: gate.open for gate in standing.gates}["changed"]


def test_what_the_commands_do_wakes_nobody(kairosd: Kairosd) -> None:
    kairosd.configure(reconcile=0.03)
    root, other = kairosd.root("single"), kairosd.root("projects/a/memory")
    kairosd.start()
    kairosd.dream(root)  # the first only reports
    before = {file.name: file.read_bytes() for file in root.iterdir()}
    kairos("dream", "--yes", root)
    assert {file.name: file.read_bytes() for file in root.iterdir()} != before
    kairosd.wait_for(root, lambda one: not is_changed(one))
    kairos("undo", root)
    assert {file.name: file.read_bytes() for file in root.iterdir()} == before
    kairosd.wait_for(root, lambda one: not is_changed(one))
    # What somebody else wrote does, and no longer once it was dreamt over, whoever began that.
    (root / "n2.md").write_text("# Notes\n\n- The lift is slow.\n", encoding="utf-8")
    kairosd.wait_for(root, is_changed)
    time.sleep(3)
    assert is_changed(kairosd.of(root))
    kairos("dream", "--yes", root, code=3)  # what was undone is left alone
    kairosd.wait_for(root, lambda one: not is_changed(one))
    # A root over which the daemon itself never dreamt.
    kairos("dream", "--yes", other)
    kairosd.wait_for(other, lambda one: one.last_success is not None and not is_changed(one))
    kairosd.stop()
    kairosd.start()
    time.sleep(2)
    for one in (root, other):
        kairosd.wait_for(one, lambda one: not is_changed(one))
    (other / "n0.md").write_bytes((other / "n1.md").read_bytes())
    kairosd.wait_for(other, is_changed)


def test_what_became_of_a_root_while_no_daemon_ran_is_noticed(kairosd: Kairosd) -> None:
    linked, gone, private = (
        kairosd.root(name) for name in ("projects/a/memory", "projects/b/memory", "private")
    )
    kairosd.start()
    kairosd.stop()
    shutil.rmtree(linked)
    linked.symlink_to(private)
    gone.parent.rename(kairosd.home / "projects/c")
    came = kairosd.home / "projects/c/memory"
    for number in (signal.SIGKILL, signal.SIGTERM):
        kairosd.start()
        assert f"leads to {private} now" in str(kairosd.of(linked).problem)
        assert kairosd.of(gone).problem == "It is gone."
        assert kairosd.of(came).problem is None
        assert str(private) not in {root.path for root in kairosd.status().roots}
        assert "It is gone." in kairos("status")
        kairosd.stop(number)
    kairosd.start()
    assert reload(kairosd) == (0, "")  # a person's word
    assert kairosd.of(private).problem is None
    kairosd.stop()
    kairosd.start()
    assert kairosd.of(private).problem is None


def test_agents_leave_word(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.start()
    kairosd.dream(root)
    (kairosd.state_dir / "touched" / "1").write_text(f"{root}\n", encoding="utf-8")
    end = time.monotonic() + PATIENCE
    while (kairosd.state_dir / "touched" / "1").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_sigusr1_dreams_over_everything(kairosd: Kairosd) -> None:
    roots = [kairosd.root("single"), kairosd.root("projects/a/memory")]
    kairosd.start()
    kairosd.send(signal.SIGUSR1)
    for root in roots:
        kairosd.wait_for(root, lambda one: one.last_success is not None)


_STATUS = """
import sys
from kairos.cli.app import cli
from kairos.cli.failures import run
code = run(cli, ["status"])
print("schema" if "kairos.config" in sys.modules else "no schema")
sys.exit(code)
"""


def test_status_needs_no_schema_while_the_daemon_knows_the_configuration(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    command = [sys.executable, "-c", _STATUS]
    os.utime(kairosd.config, (0, 0))
    kairosd.start()
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert known.endswith("no schema\n")
    assert root.name in known
    kairosd.configure(more="  log_level: 7\n")  # which the daemon has not read yet
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, "daemon.log_level" in refused.stderr) == (2, True), refused
    assert refused.stdout.endswith("\nschema\n")
    assert root.name in refused.stdout  # a wrong file does not hide how the daemon stands


def _children(kairosd: Kairosd) -> list[int]:
    assert kairosd.process is not None
    pid = kairosd.process.pid
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_what_a_crash_left_half_done_is_put_right_at_the_start(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    before = {file.name: file.read_bytes() for file in root.iterdir()}
    kairos("dream", root, code=3)  # the first only reports
    crash = subprocess.run(
        [sys.executable, "-c", CRASHING_DREAM, root], capture_output=True, text=True, check=False
    )
    assert crash.returncode == -signal.SIGKILL, crash.stderr
    assert {file.name: file.read_bytes() for file in root.iterdir()} != before
    kairosd.start()
    kairosd.wait_for(root, lambda one: one.last_success is not None and one.dream is None)
    kairosd.wait(lambda status: not status.queue)
    kairos("undo", root, "--all")
    assert {file.name: file.read_bytes() for file in root.iterdir()} == before


CRASHING_DREAM = """
import os, signal, sys
from kairos.store.disk import Disk
def deadly(real):
    def call(self, source, target, **more):
        real(self, source, target, **more)
        if target.endswith(".md"):  # the first note that is written has its name
            os.kill(os.getpid(), signal.SIGKILL)
    return call
Disk.exchange, Disk.rename = deadly(Disk.exchange), deadly(Disk.rename)
from kairos.cli import main
sys.argv = ["kairos", "dream", "--yes", sys.argv[1]]
main()
"""
