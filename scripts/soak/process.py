"""The daemon of a soak as a process: to start, query and kill it, and to measure its memory and open files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from kairos.control.client import ask
from kairos.control.protocol import Request, Verb
from kairos.control.status import DaemonStatus, RootStatus
from kairos.errors import DaemonError
from scripts.soak.ending import die_with_parent

CONFIG = """
roots: ["~/projects/*/memory"]
limits: {max_removed_fraction: 1}
daemon:
  schedule: {cron: "30 2 * * *", timezone: Europe/Berlin, jitter_minutes: 720, catch_up_minutes: 0.05}
  gates: {min_hours: 0, min_changed_bytes: 1, quiet_minutes: 0, max_load_per_core: 1000, min_battery_percent: 0}
  watch: {quiet_seconds: 0.3, at_most_seconds: 5, reconcile_minutes: 0.2, poll_seconds: 2}
  worker: {niceness: 0, at_once: 2, minutes: 3}
  backoff: {first_minutes: 120, at_most_hours: 24}
"""
BAD_CONFIG = CONFIG + "  log_level: 7\n"
PATIENCE_SECONDS = 120.0
_ANSWER_SECONDS = 20.0
_END_SECONDS = 30.0
_STEP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of a daemon: PID, monotonic time, resident memory in MB, and number of open files."""

    pid: int
    at: float
    memory: float
    files: int


class Kairosd:
    """The daemon over one scratch home. `deaths` lists exits that nobody asked for."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state_dir = home / ".local/state/kairos"
        self.config = home / ".config/kairos/config.yaml"
        self.log = home / "kairosd.log"
        self.deaths: list[str] = []
        checkout = Path(__file__).resolve().parents[2]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        self.env: Mapping[str, str] = kept | {
            "HOME": str(home),
            "PYTHONPATH": f"{checkout}:{checkout}/service",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._began: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)  # whatever happened to the soak, nothing may outlive it

    def configure(self, text: str = CONFIG) -> None:
        """Write the configuration file."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text, encoding="utf-8")

    @property
    def pid(self) -> int:
        """The PID of the running process; 0 if none was started or it was ended."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until it answers. Its clock counts from the first start."""
        self._began = self._began or datetime.now(UTC)
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "scripts.soak.kairosd", self._began.isoformat()]
            self._process = subprocess.Popen(
                command,
                stderr=log,
                env=self.env,
                cwd="/",
                start_new_session=True,  # so that a signal to our process group does not reach it
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one call of the system
            )
        self.wait(lambda status: status.pid == self.pid)

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """End it with a signal, or kill it if that fails; return its exit status and how many seconds it took."""
        if self._process is None:
            return 0, 0.0
        began = time.monotonic()
        process, self._process = self._process, None
        if process.poll() is not None:
            self.deaths.append(f"It ended by itself with status {process.returncode}.")
        process.send_signal(number)
        try:
            code = process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        return code, time.monotonic() - began

    def send(self, number: signal.Signals) -> None:
        """Send it a signal that it survives."""
        os.kill(self.pid, number)

    def children(self) -> list[int]:
        """Return the PIDs of its running child processes."""
        try:
            return [
                int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        except OSError:
            return []

    def status(self) -> DaemonStatus | None:
        """Ask for its status; None if it does not answer."""
        try:
            answer = ask(self.state_dir, Request(Verb.STATUS), timeout=_ANSWER_SECONDS)
        except DaemonError:
            return None
        return None if answer is None else DaemonStatus.from_value(answer["status"])

    def dream(self, root: Path) -> None:
        """Ask for a dream."""
        try:
            ask(self.state_dir, Request(Verb.DREAM, str(root)), timeout=_ANSWER_SECONDS)
        except DaemonError:
            return  # it does not look after this root right now

    def wait(self, holds: Callable[[DaemonStatus], bool], seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until a condition on its status holds; False if it never did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.status()
            if status is not None and holds(status):
                return True
            time.sleep(_STEP_SECONDS)
        return False

    def sample(self) -> Sample | None:
        """Measure its memory and open files; None if it is not running."""
        pid = self.pid
        try:
            files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are enough
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError):
            return None
        return Sample(pid, time.monotonic(), pages * os.sysconf("SC_PAGE_SIZE") / 2**20, files)


class Gauge:
    """A thread that samples the daemon every second, and every five seconds how long roots have waited for a dream."""

    def __init__(self, daemon: Kairosd) -> None:
        self.samples: list[Sample] = []
        self.longest_wait = 0.0
        self.dreams = 0
        self.due: defaultdict[str, set[datetime]] = defaultdict(set)
        self._daemon = daemon
        self._waiting: dict[str, tuple[object, float]] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gauge", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop sampling."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        turn = 0
        while not self._is_over.wait(1.0):
            sample = self._daemon.sample()
            if sample is not None:
                self.samples.append(sample)
            turn += 1
            status = self._daemon.status() if turn % 5 == 0 else None
            for root in status.roots if status else ():
                self._look(root)

    def _look(self, root: RootStatus) -> None:
        if root.next_due is not None:
            self.due[root.path].add(root.next_due)
        before, since = self._waiting.get(root.path, (root.last_success, time.monotonic()))
        if root.last_success != before:
            self.dreams += 1
        is_waiting = root.problem is None and root.dirty_since is not None and root.last_success == before
        since = since if is_waiting else time.monotonic()
        self._waiting[root.path] = (root.last_success, since)
        self.longest_wait = max(self.longest_wait, time.monotonic() - since)
