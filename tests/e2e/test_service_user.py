"""The user's unit under a real `systemd --user`, with a probe in the daemon's place."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import User, make_user
from tests.e2e.systemd_box import Box
from tests.e2e.test_service_system import IN_BOTH, TOLD_BY_SYSTEMD, directives, outside

ONLY_HERE = {"BindReadOnlyPaths"}  # without it the probe could not say that it is ready
WITHOUT_GROUPS = {"MemoryMax": str((512 + 2048) << 20), "TasksMax": "128"}
"""Limits that a user's systemd enforces only where it is given the controllers, which old hierarchies do not do."""


@pytest.fixture(scope="module")
def gina(box: Box) -> User:
    user = make_user(box, "gina")
    code, said = user.kairos("service", "install")
    assert (code, "cannot be reached from here" in said, "### " in said) == (1, True, True), said
    box.get("systemctl", "start", "dbus", "systemd-logind")
    box.get("loginctl", "enable-linger", user.name)
    box.get("systemctl", "start", f"user@{user.uid}")
    box.get("touch", "/tmp/outside", "/dev/marker")
    memory = f"{user.home}/.claude/projects/x/memory"
    user.probe(
        user.state, memory, "/srv", "/etc", "/usr", "/var/lib", f"{user.home}/.ssh", "/tmp",
        lines=(f"Environment=ROOTS={memory}",), system=False,
    )  # fmt: skip
    code, said = user.kairos("service", "install")
    assert (code, "it starts when you log in" in said) == (0, True), said + box.journal()
    return user


@pytest.mark.parametrize("directive", sorted(IN_BOTH))
def test_each_directive_holds(gina: User, directive: str) -> None:
    seen = gina.report() | {"outside": outside(gina.box)}
    assert IN_BOTH[directive](seen), json.dumps(seen, indent=1)


@pytest.mark.parametrize(
    ("directive", "value"),
    [item for item in (TOLD_BY_SYSTEMD | WITHOUT_GROUPS).items() if item[1] and item[0] != "IPAddressDeny"],
)
def test_directives_that_cannot_be_tried_are_known_to_systemd(gina: User, directive: str, value: str) -> None:
    assert gina.box.property("kairos.service", directive, ctl=gina.systemctl) == value


def test_every_directive_of_the_unit_is_under_test() -> None:
    assert directives("kairos.service") == (
        {*IN_BOTH, *TOLD_BY_SYSTEMD, *WITHOUT_GROUPS, *ONLY_HERE} - {"IPAddressDeny"}
    )


def test_the_daemon_finds_its_sandbox_whole(gina: User) -> None:
    checks = gina.report()["checks"]
    assert checks["sandbox"] == [True, "holds"]
    assert checks["roots"] == [True, "open"]
    assert checks["linger"] == [True, "runs from boot on"]


def test_directories_in_the_configuration_are_writable(gina: User) -> None:
    written = gina.report()["write"]
    open_places = {place for place, outcome in written.items() if outcome == "open"}
    assert open_places == {gina.state, f"{gina.home}/.claude/projects/x/memory", "/tmp"}


def test_without_a_sandbox_the_daemon_complains(gina: User) -> None:
    """As on machines whose AppArmor rules deny namespaces to a user's units."""
    memory = f"{gina.home}/.claude/projects/x/memory"
    lines = ("PrivateUsers=no", "ProtectHome=no", "NoNewPrivileges=no", "SystemCallFilter=", "ProtectSystem=no",
             *(f"{name}=no" for name in ("PrivateTmp", "PrivateDevices", "PrivateMounts", "PrivateNetwork",
               "ProtectClock", "ProtectHostname", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
               "ProtectControlGroups", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
               "MemoryDenyWriteExecute")),
             "RestrictAddressFamilies=", "SystemCallArchitectures=", "BindPaths=", "BindReadOnlyPaths=",
             "ReadWritePaths=", "CapabilityBoundingSet=~")  # fmt: skip
    hank = make_user(gina.box, "hank")
    gina.box.get("loginctl", "enable-linger", hank.name)
    gina.box.get("systemctl", "start", f"user@{hank.uid}")
    hank.probe(memory, lines=lines, system=False)
    code, said = hank.kairos("service", "install")
    assert code == 0, said + gina.box.journal()
    ok, value = hank.report()["checks"]["sandbox"]
    assert not ok
    assert value == "may gain privileges; may use every system call; may write to all of the home directory"


def test_status_advises_on_linger_and_uninstall_removes_the_unit(gina: User) -> None:
    code, said = gina.kairos("service", "status")
    assert (code, "kairos.service is active" in said, "log out" in said) == (0, True, False)
    gina.box.get("rm", f"/var/lib/systemd/linger/{gina.name}")
    code, said = gina.kairos("service", "status")
    assert f"`loginctl enable-linger {gina.name}`" in said
    code, said = gina.kairos("service", "uninstall")
    assert (code, "kairos.service is gone" in said) == (0, True)
    units = f"{gina.home}/.config/systemd/user"
    assert gina.box.get("find", units, "-type", "f").split() == [f"{units}/kairos.service.d/99-test.conf"]
    code, said = gina.kairos("service", "status")
    assert (code, "is not installed" in said) == (3, True)
