"""The system's unit under a real systemd: installed by `kairos service`, with a probe in the daemon's place."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PROBE, User, make_user
from tests.e2e.systemd_box import CHECKOUT, Box

Facts = dict[str, Any]

SHUT = {"EROFS", "EPERM", "EACCES", "EAFNOSUPPORT", "ENOENT"}

IN_BOTH: dict[str, Callable[[Facts], bool]] = {
    "Environment": lambda seen: seen["environment"]["KAIROS_UNIT"].startswith("kairos"),
    "WatchdogSec": lambda seen: seen["environment"]["WATCHDOG_USEC"] == "60000000",
    "UMask": lambda seen: seen["umask"] == 0o077,
    "NoNewPrivileges": lambda seen: seen["status"]["NoNewPrivs"] == "1",
    "CapabilityBoundingSet": lambda seen: int(seen["status"]["CapBnd"], 16) == 0,
    "RestrictSUIDSGID": lambda seen: seen["group_bit"] == "EPERM",
    "Nice": lambda seen: seen["nice"] == 15,
    "LimitCORE": lambda seen: seen["core"] == 0,
    "ProtectSystem": lambda seen: {seen["write"][place] for place in ("/etc", "/usr", "/var/lib", "/srv")} == {"EROFS"},
    "ProtectHome": lambda seen: ".ssh" not in seen["home"],
    "PrivateTmp": lambda seen: "outside" not in seen["tmp"] and seen["write"]["/tmp"] == "open",
    "PrivateDevices": lambda seen: "marker" not in seen["dev"],
    "PrivateMounts": lambda seen: seen["namespaces"]["mnt"] != seen["outside"]["mnt"],
    "ProtectClock": lambda seen: seen["clock"] == "EPERM",
    "ProtectHostname": lambda seen: seen["hostname"] == "EPERM",
    "ProtectKernelTunables": lambda seen: seen["read_only"]["/proc/sys"] and seen["read_only"]["/sys/kernel"],
    "ProtectKernelModules": lambda seen: seen["modules"] in ("EACCES", "EPERM"),
    "ProtectKernelLogs": lambda seen: seen["kernel_log"] == "EPERM",
    "ProtectControlGroups": lambda seen: bool(seen["read_only"]["/sys/fs/cgroup"]),
    "PrivateNetwork": lambda seen: seen["namespaces"]["net"] != seen["outside"]["net"],
    "RestrictAddressFamilies": lambda seen: seen["socket"].pop("AF_UNIX") == "open"
    and set(seen["socket"].values()) == {"EAFNOSUPPORT"},
    "RestrictNamespaces": lambda seen: seen["new_namespace"] == "EPERM",
    "RestrictRealtime": lambda seen: seen["realtime"] == "EPERM",
    "LockPersonality": lambda seen: seen["personality"] == "EPERM",
    "MemoryDenyWriteExecute": lambda seen: seen["own_code"] in ("EPERM", "EACCES"),
    "SystemCallFilter": lambda seen: {seen["mount"], seen["trace"], seen["nicer"]} == {"EPERM"},
    "SystemCallErrorNumber": lambda seen: seen["mount"] == "EPERM",
    "PrivateUsers": lambda seen: seen["namespaces"]["user"] != seen["outside"]["user"],
}  # fmt: skip

OF_THE_SYSTEM: dict[str, Callable[[Facts], bool]] = {
    "User": lambda seen: seen["uid"] == seen["wanted_uid"],
    "AmbientCapabilities": lambda seen: int(seen["status"]["CapAmb"], 16) == 0,
    "ProtectProc": lambda seen: seen["first_process"] == "ENOENT",
    "PrivateIPC": lambda seen: seen["namespaces"]["ipc"] != seen["outside"]["ipc"],
    "MemoryMax": lambda seen: int(seen["groups"]["memory"]) == (512 + 2048) << 20,
    "TasksMax": lambda seen: seen["groups"]["pids"] == "128",
}

TOLD_BY_SYSTEMD = {
    "Type": "notify",
    "NotifyAccess": "main",
    "Restart": "on-failure",
    "RestartSec": None,
    "RestartPreventExitStatus": None,
    "KillMode": "mixed",
    "TimeoutStopSec": None,
    "ExecStart": None,
    "ExecReload": None,
    "KeyringMode": "private",
    "CPUWeight": "20",
    "IOWeight": "20",
    "IOSchedulingClass": None,
    "IOSchedulingPriority": "7",
    "OOMPolicy": "continue",
    "IPAddressDeny": "::/0 0.0.0.0/0",
    "SystemCallArchitectures": "native",
}
"""Directives that no process can try by itself; None where another test of this file sees them at work."""


def directives(unit: str) -> set[str]:
    lines = (
        (CHECKOUT / "systemd" / unit)
        .read_text()
        .partition("[Service]")[2]
        .partition("[Install]")[0]
        .splitlines()
    )
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}


def outside(box: Box) -> dict[str, str]:
    """The namespaces outside the sandbox."""
    return {name: box.get("readlink", f"/proc/1/ns/{name}") for name in ("net", "ipc", "mnt", "user")}


@pytest.fixture(scope="module")
def alice(box: Box) -> User:
    user = make_user(box, "alice")
    user.make("/srv/notes/team")
    user.configure("roots:\n  - ~/.claude/projects/*/memory\n  - /srv/notes/team\n")
    box.get("touch", "/tmp/outside", "/dev/marker")
    places = (user.state, f"{user.home}/.claude/projects/x/memory", "/srv/notes/team", "/srv", "/etc", "/usr")
    user.probe(
        *places, "/var/lib", user.home, f"{user.home}/.ssh", "/tmp",
        lines=("Environment=NEIGHBOUR=1", f"Environment=ROOTS=/srv/notes/team:{user.home}/.claude/projects/x/memory"),
    )  # fmt: skip
    code, said = user.sudo_kairos("service", "install")
    assert code == 0, said + box.journal(user.unit)
    return user


def test_installing_says_what_was_done(alice: User) -> None:
    code, said = alice.sudo_kairos("service", "status")
    assert (code, "is active (running" in said, "Its status: probed" in said) == (0, True, True)
    assert f"journalctl -u {alice.unit}" in said
    assert alice.box.property(alice.unit, "UnitFileState") == "enabled"


def test_installing_again_changes_nothing(alice: User) -> None:
    before = alice.box.property(alice.unit, "MainPID")
    code, said = alice.sudo_kairos("service", "install")
    assert code == 0
    assert said.startswith(f"{alice.unit} was up to date, and is active, and enabled")
    assert alice.box.property(alice.unit, "MainPID") == before


@pytest.mark.parametrize("directive", sorted(IN_BOTH | OF_THE_SYSTEM))
def test_each_directive_holds(alice: User, directive: str) -> None:
    seen = alice.report() | {"outside": outside(alice.box), "wanted_uid": alice.uid}
    assert (IN_BOTH | OF_THE_SYSTEM)[directive](seen), json.dumps(seen, indent=1)


@pytest.mark.parametrize(("directive", "value"), [item for item in TOLD_BY_SYSTEMD.items() if item[1]])
def test_directives_that_cannot_be_tried_are_known_to_systemd(
    alice: User, directive: str, value: str
) -> None:
    found = alice.box.property(alice.unit, directive)
    assert sorted(found.split()) == sorted(value.split())  # sets come in any order


def test_every_directive_of_the_unit_is_under_test() -> None:
    assert directives("kairos@.service") == set(IN_BOTH) | set(OF_THE_SYSTEM) | set(TOLD_BY_SYSTEMD)


def test_the_same_probe_without_a_sandbox_finds_the_doors_open(alice: User) -> None:
    """What is refused in the sandbox is refused by the sandbox, not by some other accident of this machine."""
    alice.box.get(
        "setpriv", f"--reuid={alice.name}", f"--regid={alice.name}", "--init-groups", "env", f"HOME={alice.home}",
        sys.executable, str(PROBE), "/tmp/free", alice.home, f"{alice.home}/.ssh",
    )  # fmt: skip
    free = json.loads(alice.box.get("cat", "/tmp/free"))
    opened = ("first_process", "new_namespace", "nicer", "group_bit", "personality", "own_code", "trace")
    assert {name: free[name] for name in opened} == dict.fromkeys(opened, "open")
    assert set(free["write"].values()) == {"open"}
    assert free["socket"]["AF_INET"] == free["socket"]["AF_NETLINK"] == "open"
    assert "marker" in free["dev"]
    assert "outside" in free["tmp"]
    assert "marker" in free["modules"]


def test_directories_in_the_configuration_are_writable(alice: User) -> None:
    written = alice.report()["write"]
    open_places = {place for place, outcome in written.items() if outcome == "open"}
    assert open_places == {alice.state, f"{alice.home}/.claude/projects/x/memory", "/srv/notes/team", "/tmp"}
    assert set(written.values()) <= SHUT | {"open"}


def test_the_daemon_finds_its_sandbox_whole(alice: User) -> None:
    checks = alice.report()["checks"]
    assert checks["sandbox"] == [True, "holds"]
    assert checks["roots"] == [True, "open"]


def test_a_new_directory_needs_a_new_unit_and_status_says_so(alice: User) -> None:
    alice.make("/srv/other/memory")
    alice.configure("roots:\n  - ~/.claude/projects/*/memory\n  - /srv/notes/team\n  - /srv/other/memory\n")
    code, said = alice.sudo_kairos("service", "status")
    assert (code, "10-paths.conf is out of date" in said) == (3, True)
    before = alice.box.property(alice.unit, "MainPID")
    code, said = alice.sudo_kairos("service", "install")
    assert (code, "wrote /etc/systemd/system/kairos@alice.service.d/10-paths.conf" in said) == (0, True)
    assert alice.box.property(alice.unit, "MainPID") != before
    assert "/srv/other" in alice.box.property(alice.unit, "ReadWritePaths")


def test_reload_reaches_the_daemon(alice: User) -> None:
    alice.box.get("systemctl", "reload", alice.unit)
    alice.box.wait(alice.unit, "StatusText", "reloaded")


def restarted(alice: User, action: Callable[[], object]) -> str:
    """Do something that makes systemd restart the service. Returns its log once the new process is ready."""
    before = alice.box.property(alice.unit, "MainPID")
    times = int(alice.box.property(alice.unit, "NRestarts"))
    action()
    alice.box.wait(alice.unit, "NRestarts", str(times + 1))
    alice.box.wait(alice.unit, "ActiveState", "active")
    assert alice.box.property(alice.unit, "MainPID") != before
    return alice.box.journal(alice.unit)


def test_a_crash_is_followed_by_a_new_start(alice: User) -> None:
    log = restarted(
        alice, lambda: alice.box.get("systemctl", "kill", "--signal=SEGV", "--kill-whom=main", alice.unit)
    )
    assert "status=11/SEGV" in log


def test_a_hanging_main_loop_is_ended_by_the_watchdog(alice: User) -> None:
    drop_in = f"/run/systemd/system/{alice.unit}.d/98-watchdog.conf"
    alice.box.write(drop_in, "[Service]\nWatchdogSec=1\n")
    alice.box.get("systemctl", "daemon-reload")
    alice.box.get("systemctl", "restart", alice.unit)
    log = restarted(
        alice, lambda: alice.box.get("systemctl", "kill", "--signal=STOP", "--kill-whom=main", alice.unit)
    )
    assert "Watchdog timeout" in log
    alice.box.get("rm", drop_in)
    alice.box.get("systemctl", "daemon-reload")
    alice.box.get("systemctl", "restart", alice.unit)


def test_a_child_that_eats_all_memory_is_ended_alone(alice: User) -> None:
    drop_in = f"/run/systemd/system/{alice.unit}.d/98-memory.conf"
    alice.box.write(drop_in, "[Service]\nMemoryMax=100M\nMemorySwapMax=0\n")
    alice.box.get("systemctl", "daemon-reload")
    alice.box.get("systemctl", "restart", alice.unit)
    before = alice.box.property(alice.unit, "MainPID")
    alice.box.get("systemctl", "kill", "--signal=USR1", "--kill-whom=main", alice.unit)
    alice.box.wait(alice.unit, "StatusText", "child ended by -9")
    assert alice.box.property(alice.unit, "MainPID") == before
    assert alice.box.property(alice.unit, "ActiveState") == "active"
    alice.box.get("rm", drop_in)
    alice.box.get("systemctl", "daemon-reload")
    alice.box.get("systemctl", "restart", alice.unit)


def test_stopping_is_a_success(alice: User) -> None:
    alice.box.get("systemctl", "stop", alice.unit)
    assert alice.box.property(alice.unit, "Result") == "success"
    alice.box.get("systemctl", "start", alice.unit)


def test_an_invalid_configuration_is_not_retried(alice: User) -> None:
    # At this signal the probe exits with 2.
    alice.box.get("systemctl", "kill", "--signal=USR2", "--kill-whom=main", alice.unit)
    alice.box.wait(alice.unit, "ActiveState", "failed")
    code, said = alice.sudo_kairos("service", "status")
    assert (code, "is failed" in said) == (3, True)
    assert alice.sudo_kairos("service", "install")[0] == 0
    assert alice.box.property(alice.unit, "ActiveState") == "active"


def test_paths_with_characters_that_units_interpret_are_escaped(box: Box) -> None:
    odd = make_user(box, "odd")
    memory, state = f'{odd.home}/o d%h"$x\\y:z/memory', f"{odd.home}/s t%n$HOME"
    elsewhere = '/srv/%u "q" \\\\x:y/memory'
    odd.make(memory, elsewhere)
    odd.configure(json.dumps({"roots": [memory, elsewhere], "state_dir": state}))
    odd.probe(memory, elsewhere, state, "/srv", report=f"{state}/report")
    code, said = odd.sudo_kairos("service", "install")
    assert code == 0, said + box.journal(odd.unit)
    written = json.loads(box.get("cat", f"{state}/report"))["write"]
    assert written == {memory: "open", elsewhere: "open", state: "open", "/srv": "EROFS"}


def test_a_linked_directory_is_reached_under_its_own_name(box: Box) -> None:
    linked = make_user(box, "linked")
    memory = f"{linked.home}/.claude/projects/x/memory"
    box.get("mv", f"{linked.home}/.claude", f"{linked.home}/elsewhere")
    box.get("ln", "-s", "elsewhere", f"{linked.home}/.claude")
    linked.probe(memory, linked.home, f"{linked.home}/.ssh")
    code, said = linked.sudo_kairos("service", "install")
    assert (code, "leads through a link" in said) == (0, True), said + box.journal(linked.unit)
    assert linked.report()["write"] == {memory: "open", linked.home: "EROFS", f"{linked.home}/.ssh": "EROFS"}
    assert linked.report()["checks"]["sandbox"] == [True, "holds"]


def test_new_and_replaced_directories_are_visible(alice: User) -> None:
    """The parent directory is open to the sandbox, so changes in it show there as well."""
    projects = f"{alice.home}/.claude/projects"
    alice.box.get("mv", f"{projects}/x", f"{projects}/old")
    alice.make(f"{projects}/x/memory", f"{projects}/new/memory")
    pid = alice.box.property(alice.unit, "MainPID")
    alice.box.write(f"{projects}/x/memory/marker", "")
    seen = alice.box.get("ls", f"/proc/{pid}/root{projects}", f"/proc/{pid}/root{projects}/x/memory")
    assert {"new", "old", "x", "marker"} <= set(seen.split())


def test_somebody_elses_home_stays_shut(alice: User) -> None:
    carol = make_user(alice.box, "carol")
    carol.configure(f"roots:\n  - ~/.claude/projects/*/memory\n  - {alice.home}/.ssh/memory\n")
    carol.probe(carol.state, f"{alice.home}/.ssh")
    code, said = carol.sudo_kairos("service", "install")
    assert code == 0, said
    assert f"{alice.home}/.ssh is in another user's home" in said
    assert carol.report()["write"] == {carol.state: "open", f"{alice.home}/.ssh": "ENOENT"}


def test_loopback_for_metrics_reaches_this_machine(alice: User) -> None:
    dave = make_user(alice.box, "dave")
    dave.configure("roots: [~/.claude/projects/*/memory]\ndaemon: {metrics: {listen: '127.0.0.1:9178'}}\n")
    dave.probe()
    assert dave.sudo_kairos("service", "install")[0] == 0
    seen = dave.report()
    assert seen["socket"]["AF_INET"] == seen["socket"]["AF_INET6"] == "open"
    assert seen["socket"]["AF_PACKET"] == "EAFNOSUPPORT"
    assert seen["namespaces"]["net"] == outside(dave.box)["net"]
    allowed = dave.box.property(dave.unit, "IPAddressAllow").split()
    assert sorted(allowed) == ["127.0.0.0/8", "::1/128"]
    dave.configure("roots: [~/.claude/projects/*/memory]\n")
    code, said = dave.sudo_kairos("service", "install")
    assert (code, "removed /etc/systemd/system/kairos@dave.service.d/20-network.conf" in said) == (0, True)
    assert dave.report()["socket"]["AF_INET"] == "EAFNOSUPPORT"


def test_a_foreign_file_stays(box: Box) -> None:
    erin = make_user(box, "erin")
    place = f"/etc/systemd/system/{erin.unit}.d/10-paths.conf"
    box.write(place, "[Service]\nExecStart=/bin/true\n")
    code, said = erin.sudo_kairos("service", "install")
    assert (code, f"{place} was not written by Kairos" in said) == (1, True)
    assert box.get("cat", place) == "[Service]\nExecStart=/bin/true"
    erin.sudo_kairos("service", "uninstall")
    assert box.get("cat", place) == "[Service]\nExecStart=/bin/true"


def test_uninstalling_leaves_what_others_need(alice: User) -> None:
    frank = make_user(alice.box, "frank")
    frank.probe()
    assert frank.sudo_kairos("service", "install")[0] == 0
    code, said = frank.sudo_kairos("service", "uninstall", "--dry-run")
    assert (code, "would remove" in said, "kairos@.service\n" in said) == (0, True, False)
    code, said = frank.sudo_kairos("service", "uninstall")
    assert (code, "it serves other users" in said) == (0, True)
    assert frank.box.property(frank.unit, "ActiveState") == "inactive"
    assert frank.box.run("test", "-d", frank.state).returncode == 0
    assert alice.box.property(alice.unit, "ActiveState") == "active"
    assert frank.sudo_kairos("service", "uninstall")[0] == 0


def test_only_root_may_install_for_the_system(alice: User) -> None:
    code, said = alice.kairos("service", "install", "--system")
    assert (code, "Only root can change a system service" in said) == (1, True)
    code, said = alice.kairos("service", "install", "--system", "--dry-run")
    assert (code, "### /etc/systemd/system/kairos@.service" in said) == (0, True)


def test_the_files_are_readable_and_whole(alice: User) -> None:
    listed = alice.box.get("stat", "-c", "%a %n", "/etc/systemd/system/kairos@.service")
    assert listed.startswith("644 ")
    assert (
        Path(CHECKOUT, "systemd/kairos@.service").read_text()
        in alice.box.get("cat", "/etc/systemd/system/kairos@.service") + "\n"
    )
