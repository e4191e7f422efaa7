"""A complete dream with all kinds of edits, killed at every call that changes the disk.

`make prove-crash` tries every call; the short form tries a few, spread over all of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from tests.fault.conftest import REPOSITORY
from tests.fault.faults import Fault, FaultyDisk, in_child
from tests.fault.scene import LONG, Action, Scene, action_of, calls_to_try, read, recover

pytestmark = pytest.mark.timeout(3600)


def calls_of(scene: Scene, place: Path, action: Action) -> list[str]:
    disk = FaultyDisk()
    action(scene.stage(place, action), disk)
    return disk.seen


def kills(calls: list[str], few: int) -> Iterable[Fault]:
    for at in calls_to_try(len(calls), few):
        yield Fault(at, "kill")
    torn = [at for at, name in enumerate(calls, start=1) if name == "write"]
    for at in torn if LONG else torn[:: max(1, len(torn) // 4)]:
        yield Fault(at, "torn")


@pytest.mark.parametrize("name", ["apply", "undo"])
def test_a_kill_at_any_call_loses_nothing(scene: Scene, place: Path, name: str) -> None:
    action = action_of(scene, name)
    tried = 0
    for fault in kills(calls_of(scene, place, action), 12):
        root = scene.stage(place, action)
        assert in_child(partial(action, root), fault) == signal.SIGKILL, fault
        scene.check_midway(root)
        scene.check_after_crash(root)
        tried += 1
    print(f"\n  {name}: killed at {tried} points")


@pytest.mark.parametrize("name", ["apply", "undo"])
def test_a_kill_during_recovery_loses_nothing(scene: Scene, place: Path, name: str) -> None:
    action = action_of(scene, name)
    calls = len(calls_of(scene, place, action))
    tried = 0
    saved = place.with_name("saved")
    for at in range(3, calls, max(1, calls // (10 if LONG else 2))):
        root = scene.stage(place, action)
        assert in_child(partial(action, root), Fault(at, "kill")) == signal.SIGKILL
        shutil.rmtree(saved, ignore_errors=True)
        shutil.copytree(place, saved)
        disk = FaultyDisk()
        recover(root, disk)
        for again in kills(disk.seen, 4):
            shutil.rmtree(place)
            shutil.copytree(saved, place)
            assert in_child(partial(recover, root), again) == signal.SIGKILL
            scene.check_midway(root)
            scene.check_after_crash(root)
            tried += 1
    print(f"\n  recovery from a kill in {name}: killed at {tried} points")


@pytest.mark.model
@pytest.mark.skipif(not LONG, reason="a minute; `make prove-crash` does it")
def test_the_command_line_recovers_from_a_kill_anywhere(scene: Scene, tmp_path: Path) -> None:
    """The same through the real command, everything included, on a real disk."""
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("XDG_", "KAIROS_"))
    }
    environment["HOME"] = str(tmp_path)
    root = tmp_path.resolve() / "root"

    def kairos(*words: str, fault: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.fault.faults", *words],
            cwd=REPOSITORY,
            env={**environment, "KAIROS_FAULT": fault},
            capture_output=True,
            text=True,
            check=False,
        )

    def fresh() -> None:
        shutil.rmtree(tmp_path / ".local", ignore_errors=True)
        shutil.copytree(scene.build(tmp_path / "made"), root, dirs_exist_ok=True)

    dream = ("dream", str(root), "--yes", "--now", "2026-11-24")
    fresh()
    done = kairos(*dream)
    assert done.returncode == 0, done.stderr
    assert read(root) == scene.after
    calls = int(done.stderr.rpartition("calls: ")[2])
    points = range(5, calls, max(1, calls // 20))
    for at in points:
        shutil.rmtree(root)
        fresh()
        assert kairos(*dream, fault=f"{at}:kill").returncode == -signal.SIGKILL
        assert kairos(*dream).returncode == 0
        assert read(root) == scene.after, at
        assert kairos("undo", str(root), "--all").returncode == 0
        assert read(root) == scene.before, at
    print(f"\n  the command line: killed at {len(points)} points")
