"""Measure the idle daemon: start-up, memory, CPU time, how soon it notices a write, and `kairos status`.

usage: python -m bench.daemon [--roots N] [--notes N] [--seconds S] [--json]

Works in a scratch home, with roots whose last dream is faked, so that nothing is due. Linux only: it reads /proc. Exits
with 1 if a figure exceeds its limit.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from kairos.config import Config
from kairos.control.client import ask
from kairos.control.ledger import Ledger, RootRecord
from kairos.control.protocol import Request, Verb
from kairos.control.status import DaemonStatus
from kairos_service.census import census
from kairos_service.scope import Scope

_CONFIG = """
roots: ["~/projects/*/memory"]
daemon:
  watch: {{quiet_seconds: 0.2, reconcile_minutes: {reconcile:.4f}}}
"""
_USUAL_RECONCILE = Config().daemon.watch.reconcile_minutes
_FREQUENT_RECONCILE = 0.1  # minutes: the cost of one reconcile is measured over many
_STARTS = 5
_ROUNDS = 3
_PAUSE_SECONDS = 0.02  # between two writes
_PATIENCE_SECONDS = 120.0
_PAIRS = 15
_BASELINE = ["-c", "import yaml, sqlite3"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, its unit, and its upper limit, if there is one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def is_fine(self) -> bool:
        """Whether it is within its limit."""
        return self.at_most is None or self.value <= self.at_most


class Scratch:
    """A scratch home with roots full of notes, and the environment for whatever runs in it."""

    def __init__(self, home: Path, roots: int, notes: int) -> None:
        self.home = home
        self.state_dir = home / ".local/state/kairos"
        checkout = Path(__file__).resolve().parents[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
        self.env = kept | {
            "HOME": str(home),
            "PYTHONPATH": f"{checkout}:{checkout}/service",
            "PYTHONPYCACHEPREFIX": str(home / "compiled"),  # as when installed, modules are compiled once
        }
        self.roots = [self._make_root(number, notes // roots) for number in range(roots)]
        self._fake_dreams()

    def _make_root(self, number: int, notes: int) -> Path:
        root = self.home / f"projects/p{number:03}/memory"
        root.mkdir(parents=True)
        for note in range(notes):
            text = f"# Note {note}\n\n- Fact {note} of project {number} stays as it is.\n"
            (root / f"n{note:04}.md").write_text(text, encoding="utf-8")
        return root

    def _fake_dreams(self) -> None:
        now, scope = datetime.now(UTC), Scope.of("plain", Config())
        records = {
            str(root): RootRecord(last_looked=now, last_success=now, census=census(root, scope).to_json())
            for root in self.roots
        }
        Ledger(records).write(self.state_dir)

    def configure(self, reconcile_minutes: float) -> None:
        """Write the configuration file."""
        file = self.home / ".config/kairos/config.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_CONFIG.format(reconcile=reconcile_minutes), encoding="utf-8")

    @contextmanager
    def daemon(self, reconcile_minutes: float = _USUAL_RECONCILE) -> Iterator[tuple[int, float]]:
        """Run a daemon; yields its PID and the seconds until it reported READY."""
        self.configure(reconcile_minutes)
        address = self.home / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
            ears.bind(str(address))
            ears.settimeout(_PATIENCE_SECONDS)
            env = self.env | {"NOTIFY_SOCKET": str(address)}
            began = time.perf_counter()
            command = [sys.executable, "-m", "kairos_service"]
            with subprocess.Popen(command, env=env, cwd="/", stderr=subprocess.DEVNULL) as process:
                try:
                    while b"READY=1" not in ears.recv(4096).splitlines():
                        pass
                    yield process.pid, time.perf_counter() - began
                finally:
                    process.terminate()
        address.unlink()

    def status(self) -> DaemonStatus:
        """Ask the daemon for its status."""
        answer = ask(self.state_dir, Request(Verb.STATUS), timeout=_PATIENCE_SECONDS)
        if answer is None:
            raise SystemExit("The daemon is gone.")
        return DaemonStatus.from_value(answer["status"])

    def dirty(self) -> Mapping[str, datetime]:
        """Return the dirty roots, each with since when it has been dirty."""
        return {root.path: root.dirty_since for root in self.status().roots if root.dirty_since}

    def settle(self, dirty: int) -> None:
        """Wait until exactly `dirty` roots are dirty, then a second for the daemon to finish counting."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while len(found := self.dirty()) != dirty:
            if time.monotonic() > end:
                raise SystemExit(f"Expected {dirty} dirty roots, not {len(found)}.")
            time.sleep(0.5)
        time.sleep(1)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, in seconds, of all threads of a process, at nanosecond resolution."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text(encoding="ascii").split()[0]) for file in files) / 1e9


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB of 2**20 bytes, including shared libraries."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc/{pid}/status has no VmRSS.")


def idle_share(pid: int, seconds: float) -> float:
    """Return the CPU time that a process uses while nothing happens, in per cent of one core."""
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - before) / (time.monotonic() - began)


def latencies(scratch: Scratch) -> list[float]:
    """Return the milliseconds, sorted, from each write to when the daemon marked its root dirty."""
    found = []
    for _ in range(_ROUNDS):
        written = {}
        for root in scratch.roots:
            written[str(root)] = datetime.now(UTC)
            (root / "new.md").write_text("- Something new.\n", encoding="utf-8")
            time.sleep(_PAUSE_SECONDS)
        scratch.settle(len(scratch.roots))
        noticed = scratch.dirty()
        found += [(noticed[root] - at).total_seconds() * 1000 for root, at in written.items()]
        for root in scratch.roots:
            (root / "new.md").unlink()
        scratch.settle(0)
    return sorted(found)


def status_ratio(env: Mapping[str, str]) -> tuple[float, float]:
    """Return how many times as long `kairos status` takes as two imports, and its milliseconds; medians over pairs."""
    ratios, times = [], []
    for number in range(_PAIRS + 1):
        baseline = _seconds(_BASELINE, env)
        status = _seconds(["-m", "kairos", "status"], env)
        if number:  # the first pair only warms the caches
            ratios.append(status / baseline)
            times.append(status * 1000)
    return statistics.median(ratios), statistics.median(times)


def _seconds(arguments: list[str], env: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=env, cwd="/", stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def starts(scratch: Scratch) -> float:
    """Return the median seconds from start to READY."""
    found = []
    for number in range(_STARTS + 1):
        with scratch.daemon() as (_, seconds):
            if number:
                found.append(seconds)
    return statistics.median(found)


def measure(scratch: Scratch, seconds: float) -> Iterator[Figure]:
    """Yield the figures as they are measured."""
    yield Figure("start to READY", starts(scratch), "s", 1)
    with scratch.daemon() as (pid, _):
        scratch.settle(0)
        usual = idle_share(pid, seconds)
        yield Figure("memory, idle (RSS)", resident_mb(pid), "MB", 60)
        found = latencies(scratch)
        yield Figure("write to dirty, median", statistics.median(found), "ms", 100)
        yield Figure("write to dirty, p99", found[int(len(found) * 0.99)], "ms", 100)
        ratio, milliseconds = status_ratio(scratch.env)
        yield Figure("kairos status", milliseconds, "ms")
        yield Figure("kairos status / two imports", ratio, "x", 3)
        yield Figure("memory, after that (RSS)", resident_mb(pid), "MB", 60)
    ratio, _ = status_ratio(scratch.env)
    yield Figure("the same without the daemon", ratio, "x", 3)
    with scratch.daemon(_FREQUENT_RECONCILE) as (pid, _):
        scratch.settle(0)
        frequent = idle_share(pid, seconds)
    reconcile = (frequent - usual) / 100 * _FREQUENT_RECONCILE * 60
    yield Figure("one reconcile", reconcile * 1000, "ms")
    share = usual + 100 * reconcile / (_USUAL_RECONCILE * 60)
    yield Figure("CPU, idle", share, "%", 0.1)


def _line(figure: Figure) -> str:
    limit = "" if figure.at_most is None else f"at most {figure.at_most:g}"
    verdict = "" if figure.is_fine else "  TOO MUCH"
    return f"{figure.name:30}{figure.value:10.3f} {figure.unit:4}{limit}{verdict}"


@click.command()
@click.option("--roots", default=100, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--notes",
    default=10_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Notes in all.",
)
@click.option("--seconds", default=60.0, show_default=True, help="How long the idle daemon is watched.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON instead of a table.")
def main(roots: int, notes: int, seconds: float, *, as_json: bool) -> None:
    """Print the figures of the idle daemon, one per line."""
    found = []
    with tempfile.TemporaryDirectory(prefix="kairos-bench-") as home:
        for figure in measure(Scratch(Path(home).resolve(), roots, notes), seconds):
            found.append(figure)
            if not as_json:
                print(_line(figure), flush=True)
    if as_json:
        print(json.dumps([asdict(figure) for figure in found], indent=2))
    sys.exit(0 if all(figure.is_fine for figure in found) else 1)


if __name__ == "__main__":
    main()
