"""A whole dream with all kinds of edits, killed or failing at every call that changes a disk.

`make prove-crash` tries every call; otherwise some, spread over the whole.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kairos.errors import KairosError
from kairos.model import ChangeKind
from kairos.store.codec import from_json
from tests.fault.faults import ERRORS, Fault, FaultyDisk, in_child
from tests.fault.scene import Scene, read, recover, undo

pytestmark = pytest.mark.timeout(3600)

LONG = bool(os.environ.get("KAIROS_PROVE"))
STEP = int(os.environ.get("KAIROS_PROVE_STEP", "6"))
REPOSITORY = Path(__file__).parents[2]
SENTENCES = {
    "ENOSPC": "disk is full",
    "EDQUOT": "quota is used up",
    "EIO": "input/output error",
    "EROFS": "read-only",
    "EMFILE": "too many files",
}
Action = Callable[[Path, FaultyDisk], None]


def some(calls: int, few: int) -> range:
    """Every call in the long form, else `few` of them."""
    return range(1, calls + 1, 1 if LONG else max(1, calls // few))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """What a real dream wants to do to the example directory; made elsewhere, to fork without a model."""
    file = Path(__file__).with_name("scene.json")
    if LONG:
        file = tmp_path_factory.mktemp("scene") / "scene.json"
        subprocess.run([sys.executable, "-m", "tests.fault.scene", file], check=True, cwd=REPOSITORY)
    scene = from_json(Scene, file.read_text(encoding="utf-8"))
    kinds = Counter(change.kind for change in scene.changes)
    print(
        f"\n  a dream on {len(scene.files)} files: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    )
    assert {ChangeKind.MERGE, ChangeKind.PRUNE, ChangeKind.DATE, ChangeKind.INDEX} <= kinds.keys()
    assert ChangeKind.CONFLICTS in kinds
    return scene


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory in memory where there is one: none of these crashes is of the power."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name).resolve() / "place"


def prepared(scene: Scene, place: Path, action: Action) -> Path:
    root = scene.build(place)
    if action is take_back:
        scene.apply(root)
    return root


def take_back(root: Path, disk: FaultyDisk) -> None:
    undo(root, disk)


def calls_of(scene: Scene, place: Path, action: Action, *, reads: bool = False) -> list[str]:
    root = prepared(scene, place, action)
    disk = FaultyDisk(reads=reads)
    action(root, disk)
    return disk.seen


def check_after_crash(scene: Scene, root: Path) -> None:
    """Recover; from there everything works: dream again if need be, and undo gives every byte back."""
    recover(root)
    if not scene.check_settled(root):
        scene.apply(root)
    assert scene.check_settled(root)
    undo(root)
    assert not scene.check_settled(root)


def kills(calls: list[str], few: int) -> Iterable[Fault]:
    for at in some(len(calls), few):
        yield Fault(at, "kill")
    torn = [at for at, name in enumerate(calls, start=1) if name == "write"]
    for at in torn if LONG else torn[:: max(1, len(torn) // 4)]:
        yield Fault(at, "torn")


@pytest.mark.parametrize("name", ["apply", "undo"])
def test_killed_at_any_call_nothing_is_lost(scene: Scene, place: Path, name: str) -> None:
    action: Action = scene.apply if name == "apply" else take_back
    tried = 0
    for fault in kills(calls_of(scene, place, action), 12):
        root = prepared(scene, place, action)
        assert in_child(partial(action, root), fault) == signal.SIGKILL, fault
        scene.check_midway(root)
        check_after_crash(scene, root)
        tried += 1
    print(f"\n  {name}: killed at {tried} points")


@pytest.mark.parametrize("name", ["apply", "undo"])
def test_killed_while_recovering_from_a_kill(scene: Scene, place: Path, name: str) -> None:
    action: Action = scene.apply if name == "apply" else take_back
    calls = len(calls_of(scene, place, action))
    tried = 0
    saved = place.with_name("saved")
    for at in range(3, calls, max(1, calls // (10 if LONG else 2))):
        root = prepared(scene, place, action)
        assert in_child(partial(action, root), Fault(at, "kill")) == signal.SIGKILL
        shutil.rmtree(saved, ignore_errors=True)
        shutil.copytree(place, saved)
        disk = FaultyDisk()
        recover(root, disk)
        steps = len(disk.seen)
        for again in range(1, steps + 1, 1 if LONG else max(1, steps // 4)):
            shutil.rmtree(place)
            shutil.copytree(saved, place)
            assert in_child(partial(recover, root), Fault(again, "kill")) == signal.SIGKILL
            scene.check_midway(root)
            check_after_crash(scene, root)
            tried += 1
    print(f"\n  recovery from a kill in {name}: killed at {tried} points")


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("what", [*ERRORS, "short"])
def test_a_call_that_fails_is_said_clearly_and_loses_nothing(
    scene: Scene, place: Path, what: str, *, lasting: bool
) -> None:
    calls = len(calls_of(scene, place, scene.apply, reads=True))
    tried = unclear = 0
    for at in range(1, calls + 1, STEP if LONG else max(1, calls // 4)):
        root = scene.build(place)
        disk = FaultyDisk(Fault(at, what, lasting), reads=True)
        finished = False
        try:
            scene.apply(root, disk)
            finished = True
        except KairosError as error:  # anything else is a defect
            said = f"{error.what} {error.advice}"
            unclear += not (SENTENCES[what] in said or "state database cannot be used" in said)
            assert error.advice, error.what  # noqa: PT017 - a call that fails in vain may also be survived
        assert finished or disk.hit
        scene.check_midway(root)
        check_after_crash(scene, root)
        tried += 1
    assert not unclear
    print(f"\n  {what}{'+' if lasting else ''}: failed at {tried} points, {unclear} unclear errors")


@pytest.mark.model
@pytest.mark.skipif(not LONG, reason="a minute; `make prove-crash` does it")
def test_the_command_line_killed_anywhere_recovers(scene: Scene, tmp_path: Path) -> None:
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
