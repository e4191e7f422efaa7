"""kairosd as a real process over real roots: its life cycle, its configuration, its commands and its status."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from kairos.control.client import ask, follow
from kairos.control.ledger import Ledger, RootRecord
from kairos.control.protocol import Request, Verb
from kairos.control.status import DaemonStatus, RootStatus
from tests.e2e.kairosd import PATIENCE, Kairosd, kairos


def test_it_starts_tells_how_it_stands_and_ends(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    status = kairosd.start()
    assert kairosd.process is not None
    assert (status.pid, status.state) == (kairosd.process.pid, "running")
    (root_status,) = (one for one in status.roots if one.path == str(root))
    assert root_status.problem is None
    assert root_status.watch is not None
    assert (root_status.watch.mode, root_status.watch.problem) == ("inotify", None)
    assert root_status.next_due is not None
    answer = ask(kairosd.state_dir, Request(Verb.STATUS, shut_gates_only=True))
    assert answer is not None
    roots = DaemonStatus.from_value(answer["status"]).roots
    (shut,) = (one for one in roots if one.path == root_status.path)
    names = [gate.name for gate in root_status.gates]
    assert names.index("there") < names.index("battery")
    assert [gate.name for gate in shut.gates] == [gate.name for gate in root_status.gates if not gate.open]
    assert "kairosd" in kairos("status")
    code, seconds = kairosd.stop()
    assert code == 0
    assert seconds < 10
    assert kairosd.ask(Verb.STATUS) is None


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
    assert "no longer exists" in str(kairosd.wait_for(later, lambda one: one.problem is not None).problem)
    (kairosd.home / "elsewhere").rename(later)
    kairosd.wait_for(later, lambda one: one.problem is None)
    shutil.rmtree(root)
    root.symlink_to(later)
    kairosd.wait_for(root, lambda one: one.problem is not None)


def test_a_root_that_is_switched_off_is_left_alone_and_says_so(kairosd: Kairosd) -> None:
    off, single = kairosd.root("off"), kairosd.root("single")
    (kairosd.home / "projects/link").mkdir(parents=True)
    (kairosd.home / "projects/link/memory").symlink_to(off)
    text = kairosd.config.read_text(encoding="utf-8")
    switched = text.replace('"~/single"]', '"~/single", {path: ~/off, enabled: false}]')
    kairosd.config.write_text(switched, encoding="utf-8")
    assert "none by itself: it is switched off in the configuration" in kairos("status", off)
    kairosd.start()
    root_status = kairosd.of(off)
    gates = {gate.name: (gate.open, gate.value) for gate in root_status.gates}
    assert gates["enabled"] == (False, "switched off in the configuration")
    assert gates["there"] == (True, "not checked")
    assert (root_status.problem, root_status.next_due) == (None, None)
    assert root_status.watch is not None
    assert root_status.watch.mode == "none"
    assert kairosd.ask(Verb.DREAM, off) == {"roots": []}
    shown = kairos("status", off)
    assert "next dream  none by itself\n" in shown
    assert "enabled (shut): switched off in the configuration" in shown
    assert {gate.name: gate.open for gate in kairosd.of(single).gates}["enabled"] is True
    kairosd.config.write_text(switched.replace("enabled: false", "enabled: true"), encoding="utf-8")
    assert kairosd.reload() == (0, "")
    kairosd.wait_for(off, lambda one: one.next_due is not None)
    kairosd.config.write_text(switched, encoding="utf-8")
    assert kairosd.reload() == (0, "")
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


def test_changes_to_roots_while_no_daemon_ran_are_noticed(kairosd: Kairosd) -> None:
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
        assert f"now leads to {private}, and led to" in str(kairosd.of(linked).problem)
        assert kairosd.of(gone).problem == "It no longer exists."
        assert kairosd.of(came).problem is None
        assert str(private) not in {root.path for root in kairosd.status().roots}
        assert "It no longer exists (since " in kairos("status")
        kairosd.stop(number)
    kairosd.start()
    assert kairosd.reload() == (0, "")  # a person asks for it
    assert kairosd.of(private).problem is None
    kairosd.stop()
    kairosd.start()
    assert kairosd.of(private).problem is None


def test_what_agents_leave_as_touched_is_read(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.start()
    kairosd.dream(root)
    (kairosd.state_dir / "touched" / "1").write_text(f"{root}\n", encoding="utf-8")
    end = time.monotonic() + PATIENCE
    while (kairosd.state_dir / "touched" / "1").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


_STATUS = """
import sys
from kairos.cli.app import cli
from kairos.cli.failures import run
code = run(cli, ["status"])
print("schema" if "kairos.config" in sys.modules else "no schema")
sys.exit(code)
"""


def test_status_loads_no_schema_while_the_daemon_knows_the_configuration(kairosd: Kairosd) -> None:
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
    assert root.name in refused.stdout  # an invalid file does not hide the daemon's status


def test_a_directory_that_replaced_another_is_reported(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.start()
    assert kairosd.of(root).replaced_at is None
    root.rename(root.parent / "aside")
    gone = kairosd.wait_for(root, lambda one: one.problem == "It no longer exists.")
    assert gone.problem_since is not None
    root.mkdir()  # as a mount or a restored backup would be
    back = kairosd.wait_for(root, lambda one: one.problem is None and one.replaced_at is not None)
    assert back.problem_since is None
    assert "replaced by another directory" in kairos("status")


def test_a_pause_goes_along_with_a_directory_that_was_moved(kairosd: Kairosd) -> None:
    old, new, away = (kairosd.home / name for name in ("projects/a/memory", "projects/b/memory", "away"))
    kairosd.root("projects/a/memory")
    kairosd.start()
    kairosd.dream(old)
    kairos("pause", old)
    old.parent.rename(new.parent)
    kairosd.wait_for(new, lambda one: one.problem is None)
    kairos("moved", old, new, "--yes")
    assert kairosd.of(new).paused_until is not None
    new.rename(away)
    assert "was paused, but kairosd did not carry the pause over" in kairos("moved", new, away, "--yes")
    assert "dream: only reported" in kairos("log", away)


def test_a_status_says_when_a_dream_is_really_next(kairosd: Kairosd) -> None:
    root = kairosd.root("single")
    kairosd.configure(catch_up=60)
    kairosd.start()
    root_status = kairosd.of(root)
    assert root_status.catch_up_at is not None
    assert 50 < (root_status.catch_up_at - datetime.now(UTC)).total_seconds() / 60 <= 60
    assert f"next dream  {root_status.catch_up_at.astimezone():%Y-%m-%d %H:%M}" in kairos("status")
    kairosd.stop()
    kairosd.configure(catch_up=0.001)
    text = kairosd.config.read_text(encoding="utf-8")
    now = datetime.now().astimezone()
    end = now + timedelta(hours=2)
    kairosd.config.write_text(
        text.replace(
            "max_load_per_core: 1000", f"quiet_hours: '{now - timedelta(hours=1):%H:%M}-{end:%H:%M}'"
        ),
        encoding="utf-8",
    )
    kairosd.start()
    kairosd.wait_for(root, lambda one: one.due_since is not None)
    assert f"next dream  {end:%Y-%m-%d %H:%M} at the earliest (due since " in kairos("status")


def test_a_gate_that_keeps_a_root_out_for_a_week_is_warned_of(kairosd: Kairosd) -> None:
    kept, recent = kairosd.root("projects/a/memory"), kairosd.root("projects/b/memory")
    kairosd.configure(catch_up=0.001)
    text = kairosd.config.read_text(encoding="utf-8")
    kairosd.config.write_text(
        text.replace("max_load_per_core: 1000", "max_load_per_core: 0.01"), encoding="utf-8"
    )
    now = datetime.now(UTC)
    since = {kept: now - timedelta(days=8), recent: now - timedelta(days=6)}
    Ledger(
        {
            str(root): RootRecord(last_looked=at, due_since=at, kept_by="load", kept_since=at)
            for root, at in since.items()
        }
    ).write(kairosd.state_dir)
    kairosd.start()
    kairosd.wait(lambda status: sum(one.due_since is not None for one in status.roots) == 2)
    kairosd.wait(lambda _: "a root is kept from dreaming" in kairosd.log.read_text(encoding="utf-8"))
    time.sleep(0.5)
    (line,) = [line for line in kairosd.log.read_text(encoding="utf-8").splitlines() if " kept " in line]
    assert " warning " in line
    assert str(kept) in line
    assert "No dream for 8 days: the gate 'load' is shut." in line
    shown = kairos("status")
    assert shown.count("kept out") == 1
    assert (
        f"by the gate 'load' since {since[kept].astimezone():%Y-%m-%d %H:%M}, for more than a week" in shown
    )


def test_a_status_of_the_daemon_tells_all_that_it_checks(kairosd: Kairosd) -> None:
    kairosd.start()
    kairosd.wait(lambda status: bool(status.checks))
    text = kairos("status", "--daemon")
    assert "sandbox     none: not started by Kairos' own unit" in text
    assert "inotify watches " in text
    assert "sandbox" not in kairos("status")


def test_a_status_tells_who_holds_a_lock_now(kairosd: Kairosd) -> None:
    root = kairosd.root(".claude/projects/-a/memory")
    kairosd.configure(roots='"~/.claude/projects/*/memory"')
    kairosd.start()
    assert gate_of(kairosd.of(root), "lock") == (True, "free")
    with subprocess.Popen(["sleep", "1000"]) as agent:
        (root / ".consolidate-lock").write_text(str(agent.pid), encoding="ascii")
        assert gate_of(kairosd.of(root), "lock") == (False, f"held by PID {agent.pid}")
        agent.kill()
        agent.wait()
    assert gate_of(kairosd.of(root), "lock") == (True, "free")

    answers = follow(kairosd.state_dir, Request(Verb.WATCH))
    told = (DaemonStatus.from_value(answer["status"]).roots[0] for answer in answers)
    assert gate_of(next(told), "lock") == (True, "free")
    (root / ".consolidate-lock").write_text(str(os.getpid()), encoding="ascii")
    assert next(one for one in told if gate_of(one, "lock") == (False, f"held by PID {os.getpid()}"))
    answers.close()


def gate_of(root_status: RootStatus, name: str) -> tuple[bool, str]:
    return next((gate.open, gate.value) for gate in root_status.gates if gate.name == name)
