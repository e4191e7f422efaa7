"""The real daemon as a service in the box, and how tests inspect and control it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kairos.control.status import DaemonStatus, RootStatus
from tests.e2e.conftest import User
from tests.e2e.systemd_box import Box

PATIENCE = 120
CONFIG = """
roots: ["~/.claude/projects/*/memory"{roots}]
daemon:
  schedule: {{every_hours: 8000, jitter_minutes: 0, catch_up_minutes: 1000}}
  gates: {{min_hours: 0, quiet_minutes: 0, max_load_per_core: 1000, min_battery_percent: 0}}
  watch: {{quiet_seconds: 0.2, reconcile_minutes: 1000}}
  worker: {{niceness: 0, memory_mb: {memory_mb}}}
"""
NOTE = "# Notes\n\n- Releases are cut from the main branch every {}.\n- {}\n"

Holds = Callable[[RootStatus], bool]


@dataclass(frozen=True)
class Served:
    """The daemon of one user, run by the system's systemd or by the user's own."""

    user: User
    system: bool

    @property
    def box(self) -> Box:
        return self.user.box

    @property
    def unit(self) -> str:
        return self.user.unit if self.system else "kairos.service"

    @property
    def ctl(self) -> Sequence[str]:
        return ("systemctl",) if self.system else self.user.systemctl

    @property
    def root(self) -> str:
        return f"{self.user.home}/.claude/projects/x/memory"

    def prepare(self) -> None:
        """Give the user notes and a configuration, and make the unit run the code under test."""
        self.write_twice("Thursday")
        self.configure()
        self.user.drop_in(system=self.system)

    def configure(self, *, roots: str = "", memory_mb: int = 2048, more: str = "") -> None:
        self.user.configure(CONFIG.format(roots=roots, memory_mb=memory_mb) + more)

    def install(self) -> str:
        """Run `kairos service install` and return its output."""
        run = self.user.sudo_kairos if self.system else self.user.kairos
        code, said = run("service", "install")
        assert code == 0, said + self.log()
        return said

    def reset(self) -> None:
        """Restore the first configuration, and start the daemon unless it is running."""
        self.configure()
        if self.property("ActiveState") != "active":
            assert self.order("restart") == 0, self.log()

    def order(self, *words: str) -> int:
        """Run a command of `systemctl` on the unit. Returns its exit code."""
        return self.box.run(*self.ctl, *words, self.unit, seconds=PATIENCE).returncode

    def signal(self, name: str) -> None:
        assert self.order("kill", f"--signal={name}", "--kill-whom=main") == 0

    def property(self, name: str) -> str:
        return self.box.property(self.unit, name, ctl=self.ctl)

    def restarted(self, action: Callable[[], object]) -> DaemonStatus:
        """Do something that makes systemd restart the daemon. Returns the status of the new one."""
        before, times = self.property("MainPID"), int(self.property("NRestarts"))
        action()
        self.box.wait(self.unit, "NRestarts", str(times + 1), ctl=self.ctl, seconds=PATIENCE)
        self.box.wait(self.unit, "ActiveState", "active", ctl=self.ctl, seconds=PATIENCE)
        assert self.property("MainPID") != before
        return self.wait(lambda _: True)

    @contextmanager
    def limited(self, *lines: str) -> Iterator[None]:
        """Restart the daemon with these lines in its unit, and without them at the end."""
        place = f"/run/systemd/system/{self.unit}.d/98-limits.conf"
        self.box.write(place, "\n".join(("[Service]", *lines, "")))
        self.box.get("systemctl", "daemon-reload")
        try:
            assert self.order("restart") == 0, self.log()
            yield
        finally:
            self.box.get("rm", "-r", place.rpartition("/")[0])
            self.box.get("systemctl", "daemon-reload")
            assert self.order("restart") == 0, self.log()

    def status(self) -> DaemonStatus:
        """Ask for the status as the user does, with `kairos status`."""
        done = self.box.run(*self.user.command("status", "--daemon", "--json"))
        value = json.loads(done.stdout)
        assert value["running"], f"{done}\n{self.log()}"
        return DaemonStatus.from_value(value["status"])

    def wait(self, holds: Callable[[DaemonStatus], bool]) -> DaemonStatus:
        """Watch the daemon as the user does, with `kairos watch`, until its status is as wanted."""
        end = time.monotonic() + PATIENCE
        last = None
        while (left := end - time.monotonic()) > 0:
            with self.box.lines_of(*self.user.command("watch", "--json"), seconds=left) as lines:
                for line in lines:
                    last = DaemonStatus.from_value(json.loads(line))
                    if holds(last):
                        return last
        raise AssertionError(f"{last}\n{self.log()}")

    def wait_for_root(self, holds: Holds) -> RootStatus:
        """Wait until the one root is as wanted."""
        status = self.wait(lambda status: any(one.path == self.root and holds(one) for one in status.roots))
        return next(one for one in status.roots if one.path == self.root)

    def dream(self) -> RootStatus:
        """Ask for a dream, and wait until it has succeeded."""
        before = self.wait(lambda _: True).roots[0].last_success
        self.signal("USR1")
        return self.wait_for_root(lambda one: one.last_success != before and one.dream is None)

    def finish_first_dream(self) -> None:
        """Make sure that the next dream is not the first one, which only reports."""
        if self.wait_for_root(lambda _: True).last_success is None:
            self.dream()

    def write_twice(self, day: str) -> None:
        """Write two notes that say the same in one line."""
        for number, line in enumerate(("Tea is free.", "Rooms are booked by mail.")):
            self.box.write(f"{self.root}/n{number}.md", NOTE.format(day, line))
        self.user.own()

    def times(self, day: str) -> int:
        """How often the notes say what two of them said."""
        return "".join(self.notes().values()).count(f"every {day}")

    def notes(self) -> dict[str, str]:
        names = self.box.get("ls", self.root).split()
        return {name: self.box.get("cat", f"{self.root}/{name}") for name in names}

    def log(self) -> str:
        """The end of its log, whichever systemd it runs under."""
        option = "--unit" if self.system else "--user-unit"
        return self.box.run("journalctl", "-n", "40", "-o", "cat", f"{option}={self.unit}").stdout
