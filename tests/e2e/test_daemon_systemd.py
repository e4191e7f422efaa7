"""The real daemon under a real systemd: the system's unit, from `kairos service install` to uninstall."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from kairos.control.status import RootStatus
from tests.e2e.conftest import make_user
from tests.e2e.served import Served
from tests.e2e.systemd_box import Box

SEVERAL = {"sandbox", "roots", "inotify watches", "inotify instances"}


@pytest.fixture(scope="module")
def installed(box: Box) -> Iterator[Served]:
    served = Served(make_user(box, "nora"), system=True)  # who has no compiled model yet
    served.prepare()
    served.install()
    yield served
    served.user.sudo_kairos("service", "uninstall")


@pytest.fixture
def nora(installed: Served) -> Served:
    """Nora's service, running with its first configuration, whatever the previous test has left."""
    installed.reset()
    return installed


def test_active_means_that_it_answers(nora: Served) -> None:
    assert nora.order("restart") == 0
    status = nora.status()
    assert (status.pid, status.state) == (int(nora.property("MainPID")), "running")
    assert [(root.path, root.problem) for root in status.roots] == [(nora.root, None)]
    assert nora.property("StatusText") == "Looks after 1 of 1 directory."
    assert nora.property("ActiveState") == "active"
    began, ready = (
        int(nora.property(name))
        for name in ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    )
    assert ready > began


def test_it_finds_its_sandbox_whole_and_says_so(nora: Served) -> None:
    status = nora.wait(lambda status: bool(status.checks))
    checks = {check.name: check for check in status.checks}
    assert set(checks) == SEVERAL
    assert [check for check in status.checks if not check.ok] == []
    assert (checks["sandbox"].value, checks["roots"].value) == ("holds", "open")
    code, said = nora.user.kairos("status")
    assert (code, "running since" in said, f"PID {status.pid}" in said) == (0, True, True), said
    code, said = nora.user.sudo_kairos("service", "status")
    assert (code, "Its status: Looks after 1 of 1 directory." in said) == (0, True), said


def test_a_reload_is_over_when_systemctl_is(nora: Served) -> None:
    other = nora.root.replace("/x/", "/x/other-")
    nora.user.make(other)
    nora.configure(roots=f', "{other}"')
    pid = nora.property("MainPID")
    assert nora.order("reload") == 0
    assert {root.path for root in nora.status().roots} == {nora.root, other}
    nora.configure()
    assert nora.order("reload") == 0
    assert {root.path for root in nora.status().roots} == {nora.root}
    assert (nora.property("MainPID"), nora.property("ActiveState")) == (pid, "active")


def test_a_bad_configuration_is_refused_and_the_old_one_stays(nora: Served) -> None:
    pid = nora.property("MainPID")
    nora.configure(more="  log_level: 7\n")
    assert nora.order("reload") != 0
    assert (nora.property("MainPID"), nora.property("ActiveState")) == (pid, "active")
    status = nora.status()
    assert "daemon.log_level" in str(status.config.error)
    assert [root.problem for root in status.roots] == [None]
    assert "refused, the previous one still applies" in nora.user.kairos("status")[1]
    assert "daemon.log_level" in nora.log()
    nora.configure()
    nora.signal("HUP")
    nora.wait(lambda status: status.config.error is None)


@pytest.mark.parametrize("name", ["SEGV", "KILL"])
def test_a_crash_is_followed_by_a_new_start(nora: Served, name: str) -> None:
    status = nora.restarted(lambda: nora.signal(name))
    assert status.pid == int(nora.property("MainPID"))
    assert f"/{name}" in nora.log()


def test_a_hanging_main_loop_is_ended_by_the_watchdog(nora: Served) -> None:
    with nora.limited("WatchdogSec=3"):
        began = time.monotonic()
        nora.restarted(lambda: nora.signal("STOP"))
        assert time.monotonic() - began < 30
        assert "Watchdog timeout" in nora.log()


def test_an_invalid_configuration_is_not_retried(nora: Served) -> None:
    nora.configure(more="  log_level: 7\n")
    assert nora.order("restart") != 0
    assert [nora.property(name) for name in ("ActiveState", "ExecMainStatus", "NRestarts")] == [
        "failed",
        "2",
        "0",
    ]
    assert "daemon.log_level" in nora.log()
    code, said = nora.user.kairos("status", "--daemon")
    assert (code, "not running" in said, "daemon.log_level" in said) == (2, True, True), said
    nora.configure()
    assert nora.order("start") == 0
    assert nora.status().config.error is None


def test_it_sees_from_its_sandbox_that_an_agent_is_at_work(nora: Served) -> None:
    agent = "kairos-test-agent.service"
    nora.box.get("systemd-run", f"--uid={nora.user.name}", f"--unit={agent}", "sleep", "1000")
    nora.box.write(f"{nora.root}/.consolidate-lock", nora.box.property(agent, "MainPID"))
    nora.wait_for_root(lambda root: not lock_is_open(root))
    nora.box.get("systemctl", "stop", agent)
    nora.wait_for_root(lock_is_open)
    nora.box.get("rm", f"{nora.root}/.consolidate-lock")


def lock_is_open(root: RootStatus) -> bool:
    return {gate.name: gate.open for gate in root.gates}["lock"]


@pytest.mark.model
def test_the_first_dream_in_the_sandbox_reports_and_the_second_applies(nora: Served) -> None:
    before = nora.notes()
    nora.dream()
    assert nora.notes() == before
    nora.dream()
    assert nora.times("Thursday") == 1
    assert_that_the_journal_knows_it_by_its_field(nora, ["reported", "done"])
    code, said = nora.user.kairos("undo", nora.root, "--all")
    assert (code, nora.notes()) == (0, before), said


def assert_that_the_journal_knows_it_by_its_field(nora: Served, outcomes: list[str]) -> None:
    lines = nora.box.get("journalctl", "-o", "json", f"KAIROS_ROOT={nora.root}").splitlines()
    events = [json.loads(line) for line in lines]
    assert {(event["_SYSTEMD_UNIT"], event["SYSLOG_IDENTIFIER"]) for event in events} == {
        (nora.unit, "kairosd")
    }
    ends = [event for event in events if event["MESSAGE"].startswith("a dream ended")]
    assert [event["KAIROS_OUTCOME"] for event in ends] == outcomes
    assert all(float(event["KAIROS_SECONDS"]) > 0 for event in ends)
    assert "Thursday" not in nora.box.get("journalctl", "-o", "json", f"--unit={nora.unit}")


@pytest.mark.model
def test_stopped_in_a_dream_it_ends_soon_and_goes_on_later(nora: Served) -> None:
    nora.finish_first_dream()
    plants = "".join(f"- Plant {n} stands in bed {n * 7} of the garden.\n" for n in range(300))
    nora.box.write(f"{nora.root}/plants.md", plants)  # which the model has to read first
    nora.write_twice("Friday")
    before, last = nora.notes(), nora.wait_for_root(lambda _: True).last_success
    nora.signal("USR1")
    nora.wait_for_root(lambda one: one.dream is not None and one.dream.stage != "starting")
    began = time.monotonic()
    assert nora.order("stop") == 0
    assert time.monotonic() - began < 10
    assert nora.property("Result") == "success"
    assert nora.box.run("pgrep", "-u", nora.user.name).stdout == ""
    assert nora.notes() == before
    assert nora.order("start") == 0
    assert nora.wait_for_root(lambda _: True).last_success == last
    nora.box.get("rm", f"{nora.root}/plants.md")
    nora.dream()
    assert nora.times("Friday") == 1


@pytest.mark.model
def test_a_dream_that_outgrows_the_unit_dies_alone(nora: Served) -> None:
    shelves = "".join(f"- Box {n} of the long list holds what shelf {n * 7} had.\n" for n in range(2000))
    nora.box.write(f"{nora.root}/boxes.md", shelves)  # a small dream fits
    nora.write_twice("Monday")
    with nora.limited("MemoryMax=120M", "MemorySwapMax=0"):
        pid = nora.property("MainPID")
        nora.signal("USR1")
        root_status = nora.wait_for_root(lambda one: one.failures > 0)
        assert "ran out of memory" in str(root_status.last_error)
        assert (nora.property("MainPID"), nora.property("ActiveState")) == (pid, "active")
    nora.box.get("rm", f"{nora.root}/boxes.md")


@pytest.mark.model
def test_a_dream_that_outgrows_its_own_limit_costs_one_dream(nora: Served) -> None:
    nora.finish_first_dream()
    shelves = "".join(f"- Item {n} of the long list lies on shelf {n * 7}.\n" for n in range(600))
    nora.box.write(f"{nora.root}/shelves.md", shelves)  # still at work when its memory is checked
    nora.write_twice("Sunday")
    nora.configure(memory_mb=128)
    assert nora.order("reload") == 0
    pid, failures = nora.property("MainPID"), nora.wait_for_root(lambda _: True).failures
    nora.signal("USR1")
    root_status = nora.wait_for_root(lambda one: one.failures > failures)
    assert "more than its 128 MiB" in str(root_status.last_error)
    assert nora.times("Sunday") == 2
    nora.configure()
    assert nora.order("reload") == 0
    assert nora.dream().failures == 0
    assert nora.times("Sunday") == 1
    assert (nora.property("MainPID"), nora.property("ActiveState")) == (pid, "active")


def test_uninstalling_leaves_nothing(nora: Served) -> None:
    code, said = nora.user.sudo_kairos("service", "uninstall")
    assert (code, f"{nora.unit} is gone" in said) == (0, True), said
    assert nora.box.run("pgrep", "-u", nora.user.name).stdout == ""
    left = nora.box.get("find", "/etc/systemd", "/run/systemd/system", "-name", "*kairos@*")
    assert nora.box.get("find", *left.split(), "-type", "f").split() == [nora.user.test_drop_in(system=True)]
    assert nora.box.run("test", "-e", f"{nora.user.state}/kairosd.sock").returncode == 1
    code, said = nora.user.kairos("status", "--daemon")
    assert (code, "not running" in said) == (0, True)
