"""Some roots in a test, with the rounds that go over them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from kairos.config import parse_config
from kairos.control.places import touched_directory
from kairos.control.progress import Step
from kairos_service.chores import Chores
from kairos_service.clock import SystemClock
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus
from kairos_service.queue import DreamQueue
from kairos_service.rounds import Rounds
from kairos_service.schedule import Timetable
from kairos_service.tracked_root import TrackedRoot
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.watcher import Watcher
from tests.unit.service.until import until

CONFIG = """
roots: ["~/projects/*"]
daemon:
  schedule: {every_hours: 8000, jitter_minutes: 0, catch_up_minutes: 1000}
  gates: {min_hours: 0, quiet_minutes: 0, max_load_per_core: 1000, min_battery_percent: 0}
  watch: {polling: never}
"""


@dataclass
class House:
    """A home with roots below `projects`, and everything needed for the rounds: one dream at a time."""

    home: Path
    text: str = CONFIG
    begun: list[DreamRequest] = field(default_factory=list)
    endings: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    result: DreamResult = field(default_factory=lambda: DreamResult(DreamStatus.DONE, 1.0))

    def __post_init__(self) -> None:
        self.state_dir = self.home / "state"
        touched_directory(self.state_dir).mkdir(parents=True)
        clock = SystemClock()
        self.tracked_roots = TrackedRoots(parse_config(self.text, "test"), self.home, self.state_dir, clock)
        self.queue = DreamQueue(
            self._dream, at_once=1, now=clock.now, recheck=self._recheck, on_end=self._ended
        )
        self.timetable = Timetable()
        self.watcher = Watcher(_ignore, _ignore, self.tracked_roots.config.daemon.watch)
        self.rounds = Rounds(
            roots=self.tracked_roots,
            watcher=self.watcher,
            timetable=self.timetable,
            queue=self.queue,
            chores=Chores(),
            clock=clock,
            state_dir=self.state_dir,
            on_change=_ignore,
        )

    async def _dream(
        self, request: DreamRequest, *, on_progress: Callable[[Step], None], stop: asyncio.Event
    ) -> DreamResult:
        del on_progress, stop
        self.begun.append(request)
        await self.endings[request.root.name].wait()
        return self.result

    async def _recheck(self, request: DreamRequest) -> DreamRequest | None:
        return await self.rounds.recheck(request)

    def _ended(self, request: DreamRequest, result: DreamResult) -> None:
        self.rounds.ended(request, result)

    @property
    def names(self) -> list[str]:
        return [request.root.name for request in self.begun]

    def root(self, name: str) -> Path:
        """Make a root with a note that is an hour old."""
        root = self.home / "projects" / name
        root.mkdir(parents=True)
        write(root / "a.md", "- Tea is free.\n", age=3600)
        return root

    def tracked(self, root: Path) -> TrackedRoot:
        tracked = self.tracked_roots.get(str(root))
        assert tracked is not None
        return tracked

    async def end(self, root: Path) -> None:
        """Let a dream end, and wait until its end has been recorded."""
        self.endings[root.name].set()
        await until(lambda: root not in {dream.request.root for dream in self.queue.running})
        await self.rounds.all_remembered()


def write(note: Path, text: str, *, age: float = 0) -> None:
    note.write_text(text, encoding="utf-8")
    os.utime(note, times=(time.time() - age,) * 2)


def _ignore(*_: object) -> None:
    pass


def run(home: Path, story: Callable[[House], Awaitable[None]], text: str = CONFIG) -> None:
    home = home.resolve()

    async def main() -> None:
        house = House(home, text)
        try:
            await story(house)
        finally:
            house.watcher.close()

    asyncio.run(main())


def started(program: str, *words: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
