from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kairos.control.status import Check
from kairos_service.looks import Looks
from kairos_service.selfcheck import SystemPaths, checks

UNDER_UNIT = {"KAIROS_UNIT": "kairos.service", "HOME": "/home/alice", "USER": "alice"}
HIDDEN = "30 1 0:1 / / ro - ext4 /dev/sda rw\n31 30 0:2 / /home rw - tmpfs tmpfs rw\n"
OPEN = "30 1 0:1 / / rw - ext4 /dev/sda rw\n31 30 0:2 / /home rw - ext4 /dev/sdb rw\n"


@pytest.fixture
def machine(tmp_path: Path) -> SystemPaths:
    """A machine of files, on which all is well."""
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "sys/fs/inotify").mkdir(parents=True)
    (proc / "self/status").write_text("Name:\tpython\nNoNewPrivs:\t1\nSeccomp:\t2\n")
    (proc / "self/mountinfo").write_text(HIDDEN)
    (proc / "sys/fs/inotify/max_user_watches").write_text("65536\n")
    (proc / "sys/fs/inotify/max_user_instances").write_text("2\n")
    linger = tmp_path / "linger"
    linger.mkdir()
    (linger / "alice").touch()
    return SystemPaths(proc, linger, shut=(str(tmp_path / "missing"),))


def named(found: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in found}


def test_all_is_well(machine: SystemPaths, tmp_path: Path) -> None:
    found = checks(UNDER_UNIT, [tmp_path], 100, Looks(), machine)
    assert [check.name for check in found] == [
        "sandbox",
        "roots",
        "inotify watches",
        "inotify instances",
        "linger",
    ]
    assert all(check.ok and not check.advice for check in found), found


def test_outside_a_unit_no_sandbox_is_missed(machine: SystemPaths, tmp_path: Path) -> None:
    found = named(checks({}, [tmp_path / "none"], 1, Looks(), machine))
    assert found["sandbox"].ok
    assert "not started by Kairos' own unit" in found["sandbox"].value
    assert {"roots", "linger"}.isdisjoint(found)


def test_a_unit_is_advised_only_where_systemd_runs(machine: SystemPaths, tmp_path: Path) -> None:
    with_systemd, without = (
        named(checks({}, [], 1, Looks(), replace(machine, booted=booted)))["sandbox"].advice
        for booted in (tmp_path, tmp_path / "none")
    )
    assert with_systemd == "Run `kairos service install`."
    assert without == ""


@pytest.mark.parametrize(
    ("file", "text", "hole"),
    [
        ("status", "NoNewPrivs:\t0\nSeccomp:\t2\n", "may gain privileges"),
        ("status", "NoNewPrivs:\t1\nSeccomp:\t0\n", "may use every system call"),
        ("mountinfo", OPEN, "may write to all of the home directory"),
        (
            "mountinfo",
            HIDDEN + "32 31 0:2 / /home rw - ext4 /dev/sdb rw\n",
            "may write to all of the home directory",
        ),
        ("mountinfo", "not a line\n", "may write to all of the home directory"),
    ],
)
def test_each_hole_is_found(machine: SystemPaths, file: str, text: str, hole: str) -> None:
    (machine.proc / "self" / file).write_text(text)
    check = named(checks(UNDER_UNIT, [], 1, Looks(), machine))["sandbox"]
    assert (check.ok, check.value) == (False, hole)
    assert "kairos service install --system" in check.advice


def test_a_place_that_takes_files_is_a_hole(machine: SystemPaths, tmp_path: Path) -> None:
    open_machine = SystemPaths(machine.proc, machine.linger, shut=(str(tmp_path),))
    before = sorted(tmp_path.iterdir())
    check = named(checks(UNDER_UNIT, [], 1, Looks(), open_machine))["sandbox"]
    assert (check.ok, check.value) == (False, f"may write to {tmp_path}")
    assert sorted(tmp_path.iterdir()) == before


def test_a_read_only_home_is_covered(machine: SystemPaths) -> None:
    (machine.proc / "self/mountinfo").write_text("30 1 0:1 / / ro,nosuid - ext4 /dev/sda rw\n")
    assert named(checks(UNDER_UNIT, [], 1, Looks(), machine))["sandbox"].ok


@pytest.mark.parametrize(
    ("escaped", "home"),
    [
        (r"/home/a\040b", "/home/a b"),
        (r"/home/a\011b", "/home/a\tb"),
        (r"/home/a\012b", "/home/a\nb"),
        (r"/home/a\134b", "/home/a\\b"),
        ("/home/a\u2028b", "/home/a\u2028b"),
    ],
)
def test_a_home_with_an_unusual_name_is_found_among_the_mounts(
    machine: SystemPaths, escaped: str, home: str
) -> None:
    (machine.proc / "self/mountinfo").write_text(HIDDEN + f"32 31 0:3 / {escaped} rw - ext4 /dev/sdc rw\n")
    check = named(checks(UNDER_UNIT | {"HOME": home}, [], 1, Looks(), machine))["sandbox"]
    assert (check.ok, check.value) == (False, "may write to all of the home directory")


def test_a_root_that_the_unit_does_not_know(machine: SystemPaths, tmp_path: Path) -> None:
    check = named(checks(UNDER_UNIT, [tmp_path, tmp_path / "later"], 1, Looks(), machine))["roots"]
    assert (check.ok, check.value) == (False, f"cannot be written to: {tmp_path}/later")
    assert check.advice == "Run `kairos service install` again."


def test_too_few_watches(machine: SystemPaths) -> None:
    check = named(checks({}, [], 20_000, Looks(), machine))["inotify watches"]
    assert (check.ok, check.value) == (False, "65,536, for 20,000 directories")
    assert check.advice == "`sudo sysctl fs.inotify.max_user_watches=131072`."


def test_too_few_instances(machine: SystemPaths) -> None:
    for process in ("10", "11"):
        (machine.proc / process / "fd").mkdir(parents=True)
        (machine.proc / process / "fd/3").symlink_to("anon_inode:inotify")
        (machine.proc / process / "fd/4").symlink_to("/dev/null")
    check = named(checks({}, [], 1, Looks(), machine))["inotify instances"]
    assert (check.ok, check.value) == (False, "2, 2 in use")


def test_without_linger_it_ends_at_logout(machine: SystemPaths) -> None:
    (machine.linger / "alice").unlink()
    check = named(checks(UNDER_UNIT, [], 1, Looks(), machine))["linger"]
    assert (check.ok, check.advice) == (False, "`loginctl enable-linger alice` keeps it running.")
    assert "linger" not in named(
        checks(UNDER_UNIT | {"KAIROS_UNIT": "kairos@alice.service"}, [], 1, Looks(), machine)
    )


def test_a_machine_that_tells_nothing_hurts_nobody(tmp_path: Path) -> None:
    found = named(checks(UNDER_UNIT, [], 1, Looks(), SystemPaths(tmp_path, tmp_path, shut=())))
    assert not found["sandbox"].ok
    assert "inotify watches" not in found


def test_the_real_machine_can_be_asked() -> None:
    assert "sandbox" in named(checks({}, [], 1, Looks()))
