"""A dream, its undo and a recovery on a disk that fails a call: one clear sentence, and nothing is lost.

`make prove-faults` fails every call, once and from then on; the short form fails a few, spread over all of them.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from kairos.errors import KairosError, StorageError
from kairos.store.disk import Disk
from kairos.store.transaction import Store
from kairos.store.tree import open_root
from tests.fault.faults import ERRORS, Fault, FaultyDisk, in_child
from tests.fault.scene import LONG, Action, Scene, action_of, calls_to_try

pytestmark = pytest.mark.timeout(3600)

SENTENCES = {
    "ENOSPC": "the disk is full.",
    "EDQUOT": "the disk quota is used up.",
    "EIO": "the disk reports an input/output error.",
    "EROFS": "the file system is read-only.",
    "EMFILE": "too many files are open.",
}
OF_SQLITE = ("The state database cannot be used: ", "disk is full.", "disk I/O error.")
FAULTS = [(what, lasting) for what in (*ERRORS, "short") for lasting in (False, True)]
CRASHES = 3


def restart(root: Path, disk: Disk) -> None:
    """Recover, as every start does; what cannot be done yet is left to the next start."""
    with Store(root.parent / "state", disk) as store:
        store.recover(root)


def calls_of(action: Action, root: Path) -> int:
    """The number of calls that can fail, reads included."""
    disk = FaultyDisk(reads=True)
    action(root, disk)
    return len(disk.seen)


def unclear(error: KairosError, what: str) -> str:
    """Why an error is unclear: it must name the fault in one sentence and say what to do next. "" if it is clear."""
    if (
        not error.what.startswith(("Could not ", OF_SQLITE[0]))
        or "\n" in str(error)
        or error.what.count(". ")
    ):
        return f"not one sentence: {error}"
    if what not in SENTENCES:
        return f"a short write is no reason to refuse: {error}"
    reasons = OF_SQLITE[1:] if error.what.startswith(OF_SQLITE[0]) else [SENTENCES[what]]
    if not error.what.endswith(tuple(reasons)):
        return f"another reason: {error}"
    return "" if error.advice.endswith(".") else f"nothing to do next: {error}"


def fail_each_call(
    scene: Scene, action: Action, stage: Callable[[], Path], fault: tuple[str, bool], few: int
) -> Iterator[str]:
    """Fail the calls of an action, one at a time. Yields what was unclear about each error, or "" if nothing."""
    what, lasting = fault
    for at in calls_to_try(calls_of(action, stage()), few):
        root = stage()
        disk = FaultyDisk(Fault(at, what, lasting), reads=True)
        said, finished = "", False
        try:
            action(root, disk)
            finished = True
        except KairosError as error:  # anything else is a defect
            said = unclear(error, what)
        assert finished or disk.hit
        scene.check_midway(root)
        scene.check_after_crash(root)
        yield said


def report(name: str, fault: tuple[str, bool], said: list[str]) -> None:
    """Print the figures, and check that no error was unclear."""
    what, lasting = fault
    wrong = [one for one in said if one]
    print(
        f"\n  {name}, {what}{'+' if lasting else ''}: failed at {len(said)} points, {len(wrong)} unclear errors"
    )
    assert not wrong


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["apply", "undo"])
def test_a_failing_call_is_reported_clearly_and_loses_nothing(
    scene: Scene, place: Path, name: str, fault: tuple[str, bool]
) -> None:
    action = action_of(scene, name)
    said = fail_each_call(scene, action, partial(scene.stage, place, action), fault, 4)
    report(name, fault, list(said))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["apply", "undo"])
def test_a_failing_call_in_a_recovery_is_reported_clearly_and_loses_nothing(
    scene: Scene, place: Path, name: str, fault: tuple[str, bool]
) -> None:
    """Recoveries from kills at some points of the dream, and of its undo."""
    action = action_of(scene, name)
    disk, saved, said = FaultyDisk(), place.with_name("saved"), list[str]()
    action(scene.stage(place, action), disk)
    points = [len(disk.seen) * number // (CRASHES + 1) for number in range(1, CRASHES + 1)]
    for at in points if LONG else points[-1:]:
        root = scene.stage(place, action)
        assert in_child(partial(action, root), Fault(at, "kill")) == signal.SIGKILL
        shutil.rmtree(saved, ignore_errors=True)
        shutil.copytree(place, saved)

        def stage() -> Path:
            shutil.rmtree(place)
            return shutil.copytree(saved, place) / "root"

        said += fail_each_call(scene, restart, stage, fault, 2)
    report(f"recovery from a kill in {name}", fault, said)


@pytest.mark.parametrize("what", SENTENCES)
def test_a_root_that_cannot_be_opened_is_a_storage_error(tmp_path: Path, what: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_root(FaultyDisk(Fault(1, what), reads=True), str(tmp_path))
    assert not unclear(caught.value, what)
