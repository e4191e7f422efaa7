"""A soak of the daemon: many roots, an editor that changes them, dreams over them, and whatever goes wrong.

    python -m scripts.soak [--minutes M] [--roots N] [--seed S] [--json]

The daemon is a real process, and so are its dreams; the schedule comes round every 36 seconds, which stands for
every night. In user and mount namespaces of its own, where the system allows that, the soak also fills the disk
and exhausts the kernel's watches. Exits with 1 where something was lost, leaked, forgotten or raised.
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

from scripts.soak.editor import HEADING, SENTENCES, Editor
from scripts.soak.faults import FAULTS, NEEDS_NAMESPACE, TURMOIL, Fault, Scene, markers_below
from scripts.soak.process import Gauge, Kairosd
from scripts.soak.verdict import Check, flatness, no_byte_lost

_INSIDE = "KAIROS_SOAK_NAMESPACE"
_STATE_MB = 48
_TURMOIL = 0.3
"""The part of the time in which the daemon itself is ended again and again."""
_NOTES = 4


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

    def run(self) -> list[Check]:
        """Run it, and return what came of it."""
        with Kairosd(self.home) as daemon:
            return self._run(daemon)

    def _run(self, daemon: Kairosd) -> list[Check]:
        daemon.configure()
        dice = random.Random(self.seed)
        scene = Scene(daemon, Editor(self.home, "1", dice), dice, self.flood)
        self._make_roots(scene)
        self._warm_up(daemon)
        changes = self.home / "changes.jsonl"
        daemon.start()
        gauge = Gauge(daemon)
        with changes.open("wb") as said:
            command = [sys.executable, "-m", "scripts.soak.editor", str(self.home), "2"]
            with subprocess.Popen(command, stdout=said, env=daemon.env) as editor:
                try:
                    self._make_trouble(scene)
                finally:
                    editor.terminate()
        came_round = self._await_last_dreams(daemon)
        gauge.stop()
        code, seconds = daemon.end(signal.SIGTERM)
        wrote, erased = _read_changes(changes)
        found = markers_below(self.home / "projects") | markers_below(daemon.state_dir)
        return [
            no_byte_lost(scene.written | wrote, scene.erased | erased, found),
            *flatness(gauge.samples),
            Check(
                "every root was dreamt over in time",
                came_round and gauge.longest_wait <= self.within * 60,
                f"{gauge.dreams} dreams; a changed root waited {gauge.longest_wait:.0f} s at most, "
                f"{self.within * 60:.0f} s are allowed; {'all' if came_round else 'not all'} done at the end",
            ),
            Check("faults ended well", not self.unmet, "; ".join(self.unmet) or _listed(self.faults)),
            Check("it ended only when told to", not daemon.deaths, "; ".join(daemon.deaths) or "yes"),
            Check("SIGTERM", code == 0 and seconds < 10, f"status {code} after {seconds:.1f} s"),
            _log_check(daemon.log),
        ]

    def _make_roots(self, scene: Scene) -> None:
        for number in range(self.roots):
            root = self.home / f"projects/p{number:03}/memory"
            root.mkdir(parents=True)
            scene.fill(root, _NOTES)

    def _warm_up(self, daemon: Kairosd) -> None:
        """Have the model read every sentence once, so that a dream takes a second or two."""
        root = self.home / "warm-up"
        root.mkdir()
        lines = "".join(f"- {sentence}\n" for sentence in SENTENCES)
        for name in ("a.md", "b.md"):
            (root / name).write_text(HEADING + lines, encoding="utf-8")
        command = [sys.executable, "-m", "kairos", "dream", str(root), "--yes"]
        subprocess.run(command, env=dict(daemon.env), check=True, stdout=subprocess.DEVNULL)

    def _make_trouble(self, scene: Scene) -> None:
        """Have one fault after the other, each in a random moment, until the time is up."""
        begin, length = time.monotonic(), self.minutes * 60
        possible = [fault for fault in FAULTS if fault not in NEEDS_NAMESPACE or _INSIDE in os.environ]
        waiting: list[Fault] = []
        while (gone := time.monotonic() - begin) < length:
            if not waiting:
                waiting = [*possible, *(TURMOIL if gone < length * _TURMOIL else ())]
                scene.dice.shuffle(waiting)
            fault = waiting.pop()
            if fault in TURMOIL and gone >= length * _TURMOIL:
                continue
            name = fault.__name__.replace("_", " ")
            problem = fault(scene)
            self.faults[name] += 1
            if problem:
                self.unmet.append(f"{name}: {problem}")
            time.sleep(min(scene.dice.random() * length / 15, 15))

    def _await_last_dreams(self, daemon: Kairosd) -> bool:
        """Nobody edits any more: wait until nothing is left to dream over."""
        return daemon.wait(
            lambda status: (
                not status.queue
                and all(
                    root.problem is not None
                    or (root.dirty_since is None and root.dream is None and root.last_success is not None)
                    for root in status.roots
                )
            ),
            seconds=self.within * 60,
        )


def _read_changes(changes: Path) -> tuple[set[str], set[str]]:
    wrote: set[str] = set()
    erased: set[str] = set()
    for line in changes.read_text(encoding="ascii").splitlines():
        change = json.loads(line)
        wrote.update(change["wrote"])
        erased.update(change["erased"])
    return wrote, erased


def _listed(faults: Counter[str]) -> str:
    listed = [f"{count} {name}" for name, count in sorted(faults.items())]
    skipped = (
        []
        if _INSIDE in os.environ
        else ["no full disk, no watch limit: this system has no namespaces for us"]
    )
    return ", ".join([*listed, *skipped])


def _log_check(log: Path) -> Check:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    bad = [line for line in lines if "Traceback" in line or "please report it" in line]
    errors = Counter("error" in line.lower() for line in lines)[True]
    return Check(
        "nothing was raised", not bad, f"{len(bad)} tracebacks; {errors} lines of {len(lines)} tell of errors"
    )


def _enter_namespaces() -> None:
    """Run this program again in namespaces of its own, if the system allows that."""
    wrap = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    if _INSIDE in os.environ or shutil.which("unshare") is None:
        return
    if subprocess.run([*wrap, "true"], check=False, capture_output=True).returncode == 0:
        os.environ[_INSIDE] = "1"
        command = [*wrap, sys.executable, "-m", "scripts.soak", *sys.argv[1:]]
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


def _mount_state(home: Path) -> None:
    """Give the state a small disk of its own; it is gone with the namespace."""
    state = home / ".local/state/kairos"
    state.mkdir(parents=True, mode=0o700)
    if _INSIDE in os.environ:
        options = f"size={_STATE_MB}m,mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "soak", str(state)], check=True)  # noqa: S607


@click.command()
@click.option("--minutes", default=30.0, show_default=True, help="How long there is trouble.")
@click.option("--roots", default=200, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--within", type=float, help="Minutes that a changed root may wait for a dream; half of all by default."
)
@click.option("--flood", default=20_000, show_default=True, help="Files of one flood.")
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
    """Soak the daemon, and say what came of it."""
    _enter_namespaces()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="kairos-soak-") as scratch:
        home = Path(scratch).resolve()
        _mount_state(home)
        checks = Soak(home, minutes, roots, seed, flood, within or minutes / 2).run()
        if keep is not None:
            shutil.copy(home / "kairosd.log", keep)
        if _INSIDE in os.environ:
            subprocess.run(["umount", str(home / ".local/state/kairos")], check=True)  # noqa: S607
    if as_json:
        print(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            print(f"{'ok' if check.ok else 'FAILED':7}{check.name:36}{check.value}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


if __name__ == "__main__":
    main()
