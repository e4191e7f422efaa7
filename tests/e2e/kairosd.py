"""kairosd as a real process over the roots of a temporary home."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kairos.control.client import ask
from kairos.control.protocol import Request, Value, Verb
from kairos.control.status import DaemonStatus, RootStatus
from kairos.errors import DaemonError

PATIENCE = 120
ROOTS = '"~/projects/*/memory", "~/single"'
CONFIG = """
roots: [{roots}]
daemon:
  schedule: {{every_hours: 8000, jitter_minutes: 0, catch_up_minutes: {catch_up}}}
  gates: {{min_hours: 0, quiet_minutes: 0, max_load_per_core: 1000, min_battery_percent: 0}}
  watch: {{quiet_seconds: 0.2, reconcile_minutes: {reconcile}}}
  worker: {{niceness: 0, at_once: 1}}
"""
NOTE = "# Notes\n\n- Releases are cut from the main branch every Thursday.\n- {}\n"
UNREAD = "The {} is watered on Mondays."
"""A sentence for one test alone: the model has to read it first, so that the dream takes a while."""


class Kairosd:
    """A daemon over the roots of a temporary home; `program` are the arguments with which Python runs it."""

    def __init__(self, home: Path, program: Sequence[str] = ("-m", "kairos_service")) -> None:
        self.home = home
        self.program = program
        self.state_dir = home / ".local/state/kairos"
        self.config = home / ".config/kairos/config.yaml"
        self.log = home / "kairosd.log"
        self.process: subprocess.Popen[bytes] | None = None

    def configure(
        self, *, roots: str = ROOTS, catch_up: float = 1000, reconcile: float = 1000, more: str = ""
    ) -> None:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(roots=roots, catch_up=catch_up, reconcile=reconcile) + more
        self.config.write_text(text, encoding="utf-8")

    def root(self, name: str, *lines: str) -> Path:
        directory = self.home / name
        directory.mkdir(parents=True)
        for number, line in enumerate(lines or ("Tea is free.", "Rooms are booked by mail.")):
            (directory / f"n{number}.md").write_text(NOTE.format(line), encoding="utf-8")
        return directory

    def start(self, *words: object) -> DaemonStatus:
        command = [sys.executable, *self.program, *map(str, words)]
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

    def of(self, root: Path) -> RootStatus:
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

    def wait_for(self, root: Path, holds: Callable[[RootStatus], bool]) -> RootStatus:
        self.wait(lambda status: any(one.path == str(root) and holds(one) for one in status.roots))
        return self.of(root)

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def reload(self) -> tuple[int, str]:
        """Have it reread its configuration, as `systemctl reload` does. Returns the exit code and the output."""
        command = [sys.executable, "-m", "kairos_service.reload", str(self.state_dir)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

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


def kairos(*words: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "kairos", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout
