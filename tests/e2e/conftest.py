"""A booted systemd with users for the tests of the service, and a daemon, real or fake, for those of the commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import kairos
from kairos.control.status import ConfigStatus, DaemonStatus, GateStatus, RootStatus, WatchStatus
from tests.e2e.kairosd import Kairosd
from tests.e2e.made_up_daemon import HOUR, NOW, Daemon
from tests.e2e.place import Place
from tests.e2e.shell import Shell
from tests.e2e.systemd_box import CHECKOUT, Box, why_no_box

PROBE = CHECKOUT / "tests" / "e2e" / "probe.py"
_PYTHONPATH = f"{CHECKOUT}:{CHECKOUT}/service"


@dataclass(frozen=True)
class User:
    """A user in the box, with a home and a configuration."""

    box: Box
    name: str
    uid: int
    home: str

    @property
    def state(self) -> str:
        return f"{self.home}/.local/state/kairos"

    @property
    def unit(self) -> str:
        return f"kairos@{self.name}.service"

    @property
    def systemctl(self) -> tuple[str, ...]:
        """The command that speaks to this user's own systemd."""
        return ("systemctl", "--user", f"--machine={self.name}@")

    def configure(self, text: str) -> None:
        self.box.write(f"{self.home}/.config/kairos/config.yaml", text)
        self.own(f"{self.home}/.config")

    def make(self, *directories: str) -> None:
        self.box.get("mkdir", "-p", "--", *directories)
        self.own(*directories)

    def own(self, *places: str) -> None:
        self.box.get("chown", "-R", f"{self.name}:", "--", self.home, *places)

    def bring_models(self, models: Path) -> None:
        """Give this user the models that are compiled by now. Another user's tests compile them in the sandbox."""
        for compiled in models.glob("*/settings.json"):
            name = compiled.parent.name
            if ".part" not in name:
                self.box.bring(compiled.parent, f"{self.home}/.cache/kairos/models/{name}")
        self.own()

    def probe(self, *places: str, lines: Sequence[str] = (), system: bool = True, report: str = "") -> None:
        """Make the unit run the probe instead of the daemon."""
        words = [sys.executable, str(PROBE), report or f"{self.state}/report", *places]
        command = " ".join(
            '"' + word.translate({37: "%%", 36: "$$", 34: '\\"', 92: r"\\"}) + '"' for word in words
        )
        reload = ("ExecReload=", "ExecReload=/bin/kill -HUP $MAINPID")
        self.drop_in("ExecStart=", f"ExecStart={command}", *reload, *lines, system=system)

    def drop_in(self, *lines: str, system: bool) -> None:
        """Make the unit run the code under test, and add these lines to it."""
        code = f"Environment=PYTHONPATH={_PYTHONPATH}"
        # Tests start it more often than systemd's own limit allows.
        text = ("[Unit]", "StartLimitIntervalSec=0", "[Service]", code, "RestartSec=100ms", *lines, "")
        self.box.write(self.test_drop_in(system=system), "\n".join(text))
        if not system:
            self.own()

    def test_drop_in(self, *, system: bool) -> str:
        """The path of the drop-in that the tests write for the unit."""
        folder = "/etc/systemd/system" if system else f"{self.home}/.config/systemd/user"
        return f"{folder}/{self.unit if system else 'kairos.service'}.d/99-test.conf"

    def report(self) -> dict[str, Any]:
        """What the probe found."""
        return dict(json.loads(self.box.get("cat", f"{self.state}/report")))

    def kairos(self, *words: str) -> tuple[int, str]:
        """Run `kairos` as this user. Returns its exit code and all its output."""
        done = self.box.run(*self.command(*words))
        return done.returncode, done.stdout + done.stderr

    def command(self, *words: str) -> tuple[str, ...]:
        """The command with which root runs `kairos` as this user."""
        runtime = f"XDG_RUNTIME_DIR=/run/user/{self.uid}"
        return (
            "setpriv", f"--reuid={self.name}", f"--regid={self.name}", "--init-groups",
            "env", f"HOME={self.home}", f"USER={self.name}", runtime, *_kairos(words),
        )  # fmt: skip

    def sudo_kairos(self, *words: str) -> tuple[int, str]:
        """Run `kairos` as root, for this user."""
        done = self.box.run(*_kairos((*words, "--system")), env=(f"SUDO_USER={self.name}",))
        return done.returncode, done.stdout + done.stderr


def _kairos(words: Sequence[str]) -> list[str]:
    return ["env", f"PYTHONPATH={_PYTHONPATH}", sys.executable, "-m", "kairos", *words]


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A real systemd, booted once."""
    if reason := why_no_box():
        pytest.skip(f"no systemd can be booted here: {reason}")
    if Path(sys.prefix).is_relative_to("/tmp"):  # noqa: S108 - of this machine
        pytest.skip("the box has a /tmp of its own, and this Python lies in the one outside")
    with Box(tmp_path_factory.mktemp("systemd") / "box") as booted:
        # This installation may lie in a home that only its owner can enter.
        booted.run("chmod", "o+x", "/root", "/home")
        booted.write("/usr/lib/modules/marker", "")
        yield booted


def make_user(box: Box, name: str, home: str = "") -> User:
    home = home or f"/home/{name}"
    box.get("useradd", "--create-home", "--home-dir", home, "--shell", "/bin/sh", name)
    user = User(box, name, int(box.get("id", "-u", name)), home)
    user.make(f"{home}/.claude/projects/x/memory", f"{home}/.ssh")
    user.configure("roots:\n  - ~/.claude/projects/*/memory\n")
    return user


@pytest.fixture
def kairosd(experienced: Path) -> Iterator[Kairosd]:
    daemon = Kairosd(experienced)
    daemon.configure()
    yield daemon
    if daemon.process is not None:
        daemon.process.kill()
        daemon.process.wait()


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def place(home: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(home, capsys)


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


@pytest.fixture
def daemon_status(root: Path) -> DaemonStatus:
    gates = (
        GateStatus("changed", open=True, value="3 entries, 1.2 kB; needs 1 or 200 B"),
        GateStatus("quiet", open=False, value="written 2 min ago; needs 10", until=NOW + HOUR),
    )
    return DaemonStatus(
        version=kairos.__version__,
        pid=4711,
        since=NOW - 3 * HOUR,
        state="running",
        config=ConfigStatus("/c.yaml"),
        roots=(RootStatus(str(root), watch=WatchStatus("inotify"), next_due=NOW + HOUR, gates=gates),),
    )


@pytest.fixture
def daemon(state_dir: Path, daemon_status: DaemonStatus) -> Iterator[Daemon]:
    running = Daemon(state_dir, daemon_status)
    yield running
    running.end()
