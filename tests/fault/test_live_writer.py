"""A live agent in one process, and dreams in another that is killed now and then: no byte of the agent's is lost.

`make prove-writer` is the long form.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest

from kairos.errors import ChangedError
from kairos.store.disk import Disk
from kairos.store.objects import Objects
from kairos.store.records import FileRecord, TransactionStatus
from kairos.store.transaction import Store
from kairos.store.tree import Tree
from tests.fault.agent import NAMES, content, markers
from tests.fault.scene import kept_in, read

pytestmark = pytest.mark.timeout(3600)

OPERATIONS = int(os.environ.get("KAIROS_PROVE_OPERATIONS", "400"))
RACES = int(os.environ.get("KAIROS_PROVE_RACES", "400"))


class Dreamers:
    """Runs one dreamer after another, kills each after some dreams, and counts how the dreams ended."""

    def __init__(self, state: Path, root: Path) -> None:
        self.ended: Counter[str] = Counter()
        self.killed = 0
        self.faults: list[str] = []
        self._command = [sys.executable, "-m", "tests.fault.dreamer", str(state), str(root)]
        self._stop = threading.Event()
        self.started = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.started.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        chance = random.Random(11)
        while not self._stop.is_set():
            command = [*self._command, str(chance.randrange(1 << 30))]
            pipe = subprocess.PIPE
            with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
                assert process.stdout
                for _ in range(chance.randrange(20, 60)):
                    self._note(process.stdout.readline())
                    if self._stop.is_set():
                        break
                time.sleep(chance.random() * 0.02)  # at whatever point it is then
                self.killed += process.poll() is None
                process.kill()
                out, err = process.communicate()
            for line in out.splitlines(keepends=True):
                self._note(line)
            if err:
                self.faults.append(err)
                return

    def _note(self, line: str) -> None:
        self.started.set()
        if line.endswith("\n"):
            self.ended[line.split(maxsplit=1)[0]] += 1
        if line.startswith("error"):
            self.faults.append(line)


def moved_lines(state: Path, *outcomes: TransactionStatus) -> set[tuple[str, str]]:
    """What transactions with one of these outcomes removed from a file as planned: the file's name and the marker."""
    objects = Objects(state / "objects")
    with Store(state) as store, suppress(KeyError):
        files: list[FileRecord] = []
        for number in itertools.count(1):
            transaction = store.journal.get(number)
            files += transaction.files if transaction.status in outcomes else ()
    before, after = (
        [markers(objects.get(version)) if version else set() for version in versions]
        for versions in ([file.before for file in files], [file.after for file in files])
    )
    return {
        (file.path, marker)
        for file, old, new in zip(files, before, after, strict=True)
        for marker in old - new
    }


def reverted(story: dict[str, Any], state: Path, root: Path) -> set[tuple[str, str]]:
    """The saves of the agent that are missing from their file although no plan removed them.

    The agent may have looked when a killed dream had moved a line and that was not yet rolled back.
    """
    planned = moved_lines(state, TransactionStatus.COMMITTED)
    for_a_while = moved_lines(state, TransactionStatus.COMMITTED, TransactionStatus.ROLLED_BACK)
    now = {name: markers(content(root / name)) for name in NAMES}
    missing = {(name, marker) for name, marker in story["last"].items() if marker not in now[name]}
    return (missing - planned) | (set(map(tuple, story["missed"])) - for_a_while)


def test_nothing_of_a_live_agent_is_lost_and_no_save_reverted(in_memory: Path) -> None:
    root, state, log = (in_memory / name for name in ("root", "state", "log"))
    root.mkdir()
    for name in NAMES:
        (root / name).write_bytes(b"")
    agent = [sys.executable, "-m", "tests.fault.agent", str(root), str(log), "7", str(OPERATIONS)]
    with Dreamers(state, root) as dreamers:
        subprocess.run(agent, check=True)
    with Store(state) as store:
        skipped = store.recover(root, foreign_lock=root / ".consolidate-lock")
    story = json.loads(log.read_text(encoding="utf-8"))
    found = set().union(*map(markers, [*read(root).values(), *kept_in(state).values()]))
    lost = set(story["kept"]) - found
    print(f"\n  agent: {sum(story['done'].values())} operations {story['done']}")
    print(f"  dreams: {dict(dreamers.ended)}, {dreamers.killed} killed; at the end {len(skipped)} skipped")
    back = reverted(story, state, root)
    print(f"  markers that must be there: {len(story['kept'])}, lost: {len(lost)}")
    saves = story["looked"] + len(story["last"])
    print(f"  saves looked at again: {saves}, moved by a plan: {len(story['missed'])}, reverted: {len(back)}")
    assert not dreamers.faults
    assert not lost
    assert not back
    assert story["done"]["check_out"] >= OPERATIONS // 60
    assert dreamers.ended["applied"] + dreamers.ended["partial"] > 5
    assert not list(root.rglob(".kairos-*"))


class Plain(Disk):
    """A disk of a system that cannot exchange two names."""

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:  # noqa: ARG002
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


def save(file: Path, number: int) -> None:
    file.with_suffix(".tmp").write_text(f"{number}\n")
    file.with_suffix(".tmp").rename(file)


def append(file: Path, number: int) -> None:
    with file.open("ab", buffering=0) as opened:
        opened.write(f"{number}\n".encode())


def is_there(file: Path, written: str) -> bool:
    """Whether a write survives: for an instant the names may be exchanged, until Kairos sees that it must not do so."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if written in file.read_text():
            return True
        time.sleep(0.001)
    return False


def race(place: Path, way: Callable[[Path, int], None], disk: Disk) -> tuple[int, int]:
    """Let somebody write a file while Kairos rewrites it, both at full speed.

    Returns the number of their lost writes, and that of our successful ones.
    """
    file = place / "a.md"
    file.write_text("")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        lost = 0
        for number in range(RACES):
            way(file, number)
            os.sched_yield()
            lost += not is_there(file, f"{number}\n")
        os.write(writing, str(lost).encode())
        os._exit(0)
    tree, ours = Tree(place, disk), 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        found = tree.read("a.md")
        with suppress(ChangedError):
            tree.write("a.md", found.data[-1000:] + b".", expected=found.sha256)
            ours += 1
    return int(os.read(reading, 20)), ours


@pytest.mark.parametrize("way", [save, append])
def test_a_race_for_one_file_loses_no_write(in_memory: Path, way: Callable[[Path, int], None]) -> None:
    for disk in (Disk(), Plain()):
        lost, ours = race(in_memory, way, disk)
        name = type(disk).__name__.replace("Disk", "exchange and lease").replace("Plain", "without exchange")
        print(f"\n  {way.__name__}, {name}: {RACES} of theirs, {ours} of ours, lost: {lost}")
        assert not lost or isinstance(disk, Plain)  # a small window remains; the figure is for the record
