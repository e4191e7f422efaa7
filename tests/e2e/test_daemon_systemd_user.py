"""The real daemon under a real `systemd --user`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import make_user
from tests.e2e.served import Served
from tests.e2e.systemd_box import Box


@pytest.fixture(scope="module")
def otto(box: Box, compiled_models: Path) -> Iterator[Served]:
    served = Served(make_user(box, "otto"), system=False)
    served.user.bring_models(compiled_models)
    box.get("systemctl", "start", "dbus", "systemd-logind")
    box.get("loginctl", "enable-linger", served.user.name)
    box.get("systemctl", "start", f"user@{served.user.uid}")
    served.prepare()
    served.install()
    yield served
    served.user.kairos("service", "uninstall")


def test_it_is_ready_and_finds_its_sandbox_whole(otto: Served) -> None:
    assert [otto.property(name) for name in ("ActiveState", "UnitFileState")] == ["active", "enabled"]
    assert otto.property("StatusText") == "Looks after 1 of 1 directory."
    status = otto.wait(lambda status: bool(status.checks))
    assert status.pid == int(otto.property("MainPID"))
    assert {check.name for check in status.checks} >= {"sandbox", "roots", "linger"}
    assert [check for check in status.checks if not check.ok] == []
    code, said = otto.user.kairos("status")
    assert (code, f"PID {status.pid}" in said) == (0, True), said


def test_a_reload_is_over_when_systemctl_is(otto: Served) -> None:
    other = otto.root.replace("/x/", "/x/other-")
    otto.user.make(other)
    otto.configure(roots=f', "{other}"')
    assert otto.order("reload") == 0
    assert {root.path for root in otto.status().roots} == {otto.root, other}
    otto.configure(more="  log_level: 7\n")
    assert otto.order("reload") != 0
    assert otto.property("ActiveState") == "active"
    assert "daemon.log_level" in str(otto.status().config.error)
    otto.configure()
    assert otto.order("reload") == 0


def test_a_crash_is_followed_by_a_new_start(otto: Served) -> None:
    otto.restarted(lambda: otto.signal("SEGV"))


def test_a_second_daemon_gives_up_at_once(otto: Served) -> None:
    """The second one is a service of the system for the same user."""
    second = Served(otto.user, system=True)
    second.user.drop_in(system=True)
    code, said = otto.user.sudo_kairos("service", "install")
    assert (code, "failed" in said) == (1, True), said
    assert [second.property(name) for name in ("ActiveState", "ExecMainStatus", "NRestarts")] == [
        "failed",
        "11",
        "0",
    ]
    assert f"is already running for this state directory (PID {otto.property('MainPID')}" in second.log()
    assert otto.status().pid == int(otto.property("MainPID"))
    assert otto.user.sudo_kairos("service", "uninstall")[0] == 0


@pytest.mark.model
def test_the_first_dream_in_the_sandbox_reports_and_the_second_applies(otto: Served) -> None:
    before = otto.notes()
    otto.dream()
    assert otto.notes() == before
    otto.dream()
    assert otto.times("Thursday") == 1
    lines = otto.box.get("journalctl", "-o", "json", f"KAIROS_ROOT={otto.root}").splitlines()
    ends = [event for event in map(json.loads, lines) if "KAIROS_OUTCOME" in event]
    assert [event["KAIROS_OUTCOME"] for event in ends] == ["reported", "done"]
    assert {event["_SYSTEMD_USER_UNIT"] for event in ends} == {"kairos.service"}


def test_uninstalling_leaves_nothing(otto: Served) -> None:
    code, said = otto.user.kairos("service", "uninstall")
    assert (code, "kairos.service is gone" in said) == (0, True), said
    assert otto.box.run("pgrep", "-u", otto.user.name, "-f", "kairos").stdout == ""
    units = f"{otto.user.home}/.config/systemd/user"
    left = otto.box.get("find", units, "!", "-type", "d").split()
    assert left == [otto.user.test_drop_in(system=False)]
    assert otto.box.run("test", "-e", f"{otto.user.state}/kairosd.sock").returncode == 1
