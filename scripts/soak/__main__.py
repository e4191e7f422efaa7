"""A soak test of the daemon: many roots, an editor that changes them, dreams over them, and injected faults.

    python -m scripts.soak [--minutes M] [--roots N] [--seed S] [--json]

The daemon and its dreams are real processes. The daemon uses a fast clock, on which a day passes in 36 seconds and
which starts shortly before the clocks change in spring: schedules, catching up, gates and rests after failures run as
if over nights and hours. What comes from the system, such as file times, and how long it waits for quiet, stay real.
If the system lets the soak create user and mount namespaces, it also fills the disk and exhausts the kernel's watches.

Exits with 1 if anything was lost, leaked, forgotten or raised, or if a signal or the deadline ended it: then the table
shows how far it got.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from kairos.control.status import DaemonStatus
from scripts.soak.editor import HEADING, SENTENCES, Editor
from scripts.soak.ending import INSIDE, Interrupted, die_with_parent, interruptible, mounted_state
from scripts.soak.faults import FAULTS, NEEDS_NAMESPACE, TURMOIL, Fault, Scene, markers_below
from scripts.soak.nights import nights
from scripts.soak.process import Gauge, Kairosd
from scripts.soak.verdict import Verdict, flatness, no_byte_lost

_TURMOIL_SHARE = 0.3
"""The fraction of the time, at the start, in which the daemon itself is ended again and again."""
_NOTES = 4
_MARGIN_SECONDS = 180.0
"""The most that start and end may add to the minutes of the soak and of the last dreams."""
_END_SECONDS = 60.0
"""The part of the margin that is reserved for the end, when nothing is waited for any more."""
_SHOWN = 5


@dataclass(slots=True)
class Soak:
    """One soak over `roots` roots in `home`."""

    home: Path
    minutes: float
    roots: int
    seed: int
    flood: int
    within: float
    faults: Counter[str] = field(default_factory=Counter)
    unmet: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def longest(self) -> float:
        """The seconds after which it starts to end, whatever happens."""
        return (self.minutes + self.within) * 60 + _MARGIN_SECONDS - _END_SECONDS

    def run(self) -> list[Verdict]:
        """Run the soak and return its checks, even if it was interrupted."""
        with Kairosd(self.home) as daemon:
            daemon.configure()
            rng = random.Random(self.seed)
            scene = Scene(daemon, Editor(self.home, "1", rng), rng, self.flood)
            gauge = Gauge(daemon)
            interruption = None
            try:
                self._run_phases(scene)
            except Interrupted as interrupted:
                interruption = str(interrupted)
            gauge.stop()
            return self._checks(scene, gauge, interruption)

    def _run_phases(self, scene: Scene) -> None:
        daemon = scene.daemon
        self._make_roots(scene)
        self._warm_up(daemon)
        daemon.start()
        with self._changes.open("wb") as said:
            command = [sys.executable, "-m", "scripts.soak.editor", str(self.home), "2"]
            with subprocess.Popen(
                command,
                stdout=said,
                env=daemon.env,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one call of the system
            ) as editor:
                try:
                    self._cause_faults(scene)
                finally:
                    editor.terminate()
        self._await_last_dreams(daemon)

    @property
    def _changes(self) -> Path:
        return self.home / "changes.jsonl"

    def _checks(self, scene: Scene, gauge: Gauge, interruption: str | None) -> list[Verdict]:
        daemon = scene.daemon
        status = daemon.status()
        left = None if status is None else _undreamt(status)
        code, seconds = daemon.end(signal.SIGTERM)
        wrote, erased = _read_changes(self._changes)
        places = self.home / "projects", scene.elsewhere, daemon.state_dir
        found = set().union(*map(markers_below, places))
        return [
            *([] if interruption is None else [Verdict("INTERRUPTED", ok=False, value=interruption)]),
            no_byte_lost(scene.written | wrote, scene.erased | erased, found),
            *flatness(gauge.samples),
            Verdict(
                "every root was dreamt over in time",
                left == () and gauge.longest_wait <= self.within * 60,
                f"{gauge.dreams} dreams; a changed root waited {gauge.longest_wait:.0f} s at most, "
                f"{self.within * 60:.0f} s are allowed; {_undreamt_text(left)}",
            ),
            nights(gauge.due),
            Verdict("faults ended well", not self.unmet, "; ".join(self.unmet) or _listed(self.faults)),
            Verdict("it ended only when told to", not daemon.deaths, "; ".join(daemon.deaths) or "yes"),
            Verdict("SIGTERM", code == 0 and seconds < 10, f"status {code} after {seconds:.1f} s"),
            _log_check(daemon.log),
        ]

    def _make_roots(self, scene: Scene) -> None:
        for number in range(self.roots):
            root = self.home / f"projects/p{number:03}/memory"
            root.mkdir(parents=True)
            scene.fill(root, _NOTES)

    def _warm_up(self, daemon: Kairosd) -> None:
        """Have the model process every sentence once, so that later dreams take only a second or two."""
        root = self.home / "warm-up"
        root.mkdir()
        lines = "".join(f"- {sentence}\n" for sentence in SENTENCES)
        for name in ("a.md", "b.md"):
            (root / name).write_text(HEADING + lines, encoding="utf-8")
        command = [sys.executable, "-m", "kairos", "dream", str(root), "--yes"]
        subprocess.run(command, env=dict(daemon.env), check=True, stdout=subprocess.DEVNULL)

    def _cause_faults(self, scene: Scene) -> None:
        """Cause one fault after another at random moments until the time is up."""
        begin, length = time.monotonic(), self.minutes * 60
        possible = [fault for fault in FAULTS if fault not in NEEDS_NAMESPACE or INSIDE in os.environ]
        waiting: list[Fault] = []
        while (gone := time.monotonic() - begin) < length:
            if not waiting:
                waiting = [*possible, *(TURMOIL if gone < length * _TURMOIL_SHARE else ())]
                scene.rng.shuffle(waiting)
            fault = waiting.pop()
            if fault in TURMOIL and gone >= length * _TURMOIL_SHARE:
                continue
            name = fault.__name__.replace("_", " ")
            problem = fault(scene)
            self.faults[name] += 1
            if problem:
                self.unmet.append(f"{name}: {problem}")
            time.sleep(min(scene.rng.random() * length / 15, 15))

    def _await_last_dreams(self, daemon: Kairosd) -> None:
        """Once nobody edits any more, wait until nothing is left to dream over, or time is up."""
        left = self.began + self.longest - time.monotonic()
        daemon.wait(lambda status: not _undreamt(status), seconds=min(self.within * 60, left))


def _undreamt(status: DaemonStatus) -> tuple[str, ...]:
    """Return the roots that still need a dream."""
    return tuple(
        root.path
        for root in status.roots
        if root.path in status.queue
        or not (
            root.problem is not None
            or (root.dirty_since is None and root.dream is None and root.last_success is not None)
        )
    )


def _undreamt_text(left: tuple[str, ...] | None) -> str:
    if left is None:
        return "at the end it did not answer"
    names = ", ".join(Path(path).parent.name for path in left[:_SHOWN])
    more = ", …" if len(left) > _SHOWN else ""
    return f"{len(left)} not dreamt over at the end" + (f": {names}{more}" if left else "")


def _read_changes(changes: Path) -> tuple[set[str], set[str]]:
    wrote: set[str] = set()
    erased: set[str] = set()
    if not changes.exists():  # interrupted before the editor started
        return wrote, erased
    for line in changes.read_text(encoding="ascii").splitlines():
        change = json.loads(line)
        wrote.update(change["wrote"])
        erased.update(change["erased"])
    return wrote, erased


def _listed(faults: Counter[str]) -> str:
    listed = [f"{count} {name}" for name, count in sorted(faults.items())]
    skipped = (
        [] if INSIDE in os.environ else ["no full disk, no watch limit: this system has no namespaces for us"]
    )
    return ", ".join([*listed, *skipped])


def _log_check(log: Path) -> Verdict:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    bad = [line for line in lines if "Traceback" in line or "please report it" in line]
    errors = Counter("error" in line.lower() for line in lines)[True]
    return Verdict(
        "nothing was raised", not bad, f"{len(bad)} tracebacks; {errors} lines of {len(lines)} tell of errors"
    )


def _enter_namespaces() -> None:
    """Re-execute this program in its own namespaces, if the system allows it."""
    wrap = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    if INSIDE in os.environ or shutil.which("unshare") is None:
        return
    if subprocess.run([*wrap, "true"], check=False, capture_output=True).returncode == 0:
        os.environ[INSIDE] = "1"
        command = [*wrap, sys.executable, "-m", "scripts.soak", *sys.argv[1:]]
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="How long faults are injected.")
@click.option("--roots", default=200, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--within", type=float, help="Minutes that a changed root may wait for a dream; half of all by default."
)
@click.option("--flood", default=20_000, show_default=True, help="Files per flood.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON instead of a table.")
@click.option("--keep", type=click.Path(path_type=Path), help="Copy the daemon's log to this file.")
def main(
    minutes: float,
    roots: int,
    within: float | None,
    flood: int,
    seed: int,
    *,
    as_json: bool,
    keep: Path | None,
) -> None:
    """Soak-test the daemon and report the results."""
    _enter_namespaces()
    with tempfile.TemporaryDirectory(prefix="kairos-soak-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch).resolve()
        soak = Soak(home, minutes, roots, seed, flood, within or minutes / 2)
        with interruptible(soak.longest), mounted_state(home, roots):
            checks = soak.run()
            if keep is not None and (home / "kairosd.log").exists():
                shutil.copy(home / "kairosd.log", keep)
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2), flush=True)
    else:
        for check in checks:
            print(f"{'ok' if check.ok else 'FAILED':7}{check.name:36}{check.value}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


if __name__ == "__main__":
    main()
