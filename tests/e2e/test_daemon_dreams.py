"""The dreams of kairosd as a real process: what they achieve, and what becomes of those that are cut short."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from kairos.control.protocol import Verb
from kairos.control.status import RootStatus
from tests.e2e.kairosd import UNREAD, Kairosd, kairos


def test_the_first_dream_reports_and_the_second_applies(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    before = {file.name: file.read_bytes() for file in root.iterdir()}
    kairosd.start()
    kairosd.dream(root)
    assert {file.name: file.read_bytes() for file in root.iterdir()} == before
    kairosd.dream(root)
    together = "".join(file.read_text() for file in root.glob("n*.md"))
    assert together.count("every Thursday") == 1
    # The daemon's own writes do not count as changes.
    root_status = kairosd.wait_for(root, lambda one: one.dirty_since is None)
    assert {gate.name: gate.open for gate in root_status.gates}["changed"] is False
    kairos("undo", root, "--all")
    assert {name: (root / name).read_bytes() for name in before} == before


def test_metrics_count_what_was_done(kairosd: Kairosd) -> None:
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
    """Scrape until the figures hold a text; that must come long before the regular update, once a minute."""
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


def test_a_running_dream_of_the_command_line_is_not_taken_for_a_crash(kairosd: Kairosd) -> None:
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


def test_a_killed_child_costs_one_dream(kairosd: Kairosd) -> None:
    root = kairosd.root("single", UNREAD.format("garden"), "Tea is free.")
    kairosd.start()
    kairosd.ask(Verb.DREAM, root)
    kairosd.wait_for(root, lambda one: one.dream is not None)
    for child in _children(kairosd):
        os.kill(child, signal.SIGKILL)
    root_status = kairosd.wait_for(root, lambda one: one.failures == 1)
    assert "killed" in str(root_status.last_error)
    assert {gate.name: gate.open for gate in root_status.gates}["failures"] is False
    kairosd.dream(root)  # a person asks for it, so it does not wait after the failure
    assert kairosd.of(root).failures == 0


UPGRADED = """
from dataclasses import replace
from kairos_service import __main__, daemon
run = daemon.run_dream
def refused(request, settings, **more):
    return run(request, replace(settings, config_text="daemon: {log_level: 7}"), **more)
daemon.run_dream = refused
__main__.main()
"""
"""A daemon as after an upgrade: its dreams refuse the configuration that it has accepted itself."""


def test_the_output_of_a_failed_dream_is_shown(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.program = ("-c", UPGRADED)
    kairosd.start()
    kairosd.ask(Verb.DREAM, root)
    root_status = kairosd.wait_for(root, lambda one: one.failures == 1)
    first, last = root_status.tail
    assert (first[-1], "daemon.log_level" in last) == (":", True)
    assert str(kairosd.config) in first
    assert first not in kairos("status")
    shown = kairos("status", root)
    assert f"it said     {first}\n" in shown
    assert shown.count(last.strip()) == 2  # as the reason as well
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


def is_changed(root_status: RootStatus) -> bool:
    """Whether the daemon thinks that something has changed since the last dream."""
    return (
        root_status.dirty_since is not None or {gate.name: gate.open for gate in root_status.gates}["changed"]
    )


def test_changes_by_commands_do_not_wake_the_daemon(kairosd: Kairosd) -> None:
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
    # What somebody else writes counts, until a dream has seen it, whoever started that dream.
    (root / "n2.md").write_text("# Notes\n\n- The lift is slow.\n", encoding="utf-8")
    kairosd.wait_for(root, is_changed)
    time.sleep(3)
    assert is_changed(kairosd.of(root))
    kairos("dream", "--yes", root, code=3)  # what was undone is left alone
    kairosd.wait_for(root, lambda one: not is_changed(one))
    # A root that the daemon itself has never dreamt over.
    kairos("dream", "--yes", other)
    kairosd.wait_for(other, lambda one: one.last_success is not None and not is_changed(one))
    kairosd.stop()
    kairosd.start()
    time.sleep(2)
    for one in (root, other):
        kairosd.wait_for(one, lambda one: not is_changed(one))
    (other / "n0.md").write_bytes((other / "n1.md").read_bytes())
    kairosd.wait_for(other, is_changed)


def test_sigusr1_dreams_over_everything(kairosd: Kairosd) -> None:
    roots = [kairosd.root("single"), kairosd.root("projects/a/memory")]
    kairosd.start()
    kairosd.send(signal.SIGUSR1)
    for root in roots:
        kairosd.wait_for(root, lambda one: one.last_success is not None)


def _children(kairosd: Kairosd) -> list[int]:
    assert kairosd.process is not None
    pid = kairosd.process.pid
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_transaction_interrupted_by_a_crash_is_recovered_at_the_start(kairosd: Kairosd) -> None:
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
