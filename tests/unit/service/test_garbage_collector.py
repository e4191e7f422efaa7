"""Once a day, originals kept long enough are discarded: by the real command, never during a dream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos.control.ledger import read_ledger
from kairos.control.progress import Step
from kairos.control.status import GcRecord
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus
from kairos_service.garbage_collector import GarbageCollector
from kairos_service.queue import DreamQueue
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.worker import WorkerSettings
from tests.aged import age_originals

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that the test sets; the age of originals follows the real clock."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    def at(self, system: datetime) -> datetime:
        return system

    def alarm(self, moment: datetime) -> datetime:
        return moment


class Scene:
    """A root with one original that is due, one that is not, and a queue whose dreams end when the test says so."""

    def __init__(self, home: Path, keep_days: int = 1) -> None:
        self.root = home / "root"
        self.state_dir = home / "state"
        self.clock = Clock()
        self.ending = asyncio.Event()
        self.began = asyncio.Event()
        self.text = (
            f"roots: [{self.root}]\nstate_dir: {self.state_dir}\njournal: {{keep_days: {keep_days}}}\n"
        )
        self.config_file = home / "config.yaml"  # its current content is not in force
        self.config_file.write_text("state_dir: /nowhere\n", encoding="utf-8")
        self.tracked_roots = TrackedRoots(parse_config(self.text, "test"), home, self.state_dir, self.clock)
        self.queue = DreamQueue(self._dream, at_once=1, now=self.clock.now)
        self.collector = GarbageCollector(
            self.tracked_roots, self.queue, self.state_dir, self.clock.now, self._settings
        )

    def _settings(self) -> WorkerSettings:
        return WorkerSettings(config_file=self.config_file, config_text=self.text, niceness=0)

    async def _dream(
        self, request: DreamRequest, *, on_progress: Callable[[Step], None], stop: asyncio.Event
    ) -> DreamResult:
        del request, on_progress, stop
        self.began.set()
        await self.ending.wait()
        return DreamResult(DreamStatus.DONE, 1.0)

    def make_originals(self) -> None:
        self.root.mkdir()
        with Store(self.state_dir) as store:
            for name in ("a.md", "latest.md"):  # those of the latest transaction are never due
                change = FileChange(name, None, f"- This is {name}.\n".encode())
                store.apply(self.root, [change], kind=TransactionKind.DREAM, at=LONG_AGO)
        age_originals(self.state_dir, LONG_AGO)

    @property
    def originals(self) -> int:
        return len(list((self.state_dir / "objects").glob("??/*")))

    @property
    def last(self) -> GcRecord | None:
        return self.tracked_roots.ledger.gc


def run(home: Path, story: Callable[[Scene], Awaitable[None]]) -> None:
    home = home.resolve()

    async def main() -> None:
        await story(Scene(home))

    asyncio.run(main())


def test_originals_that_are_due_are_discarded_once_a_day(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        await scene.collector.run_if_due()
        assert scene.last is None  # there is nothing yet, and nothing is begun for it
        assert not scene.state_dir.exists()
        scene.make_originals()
        await scene.collector.run_if_due()
        first = scene.last
        assert first is not None
        assert (first.at, first.files, first.error) == (scene.clock.time, 1, None)
        assert first.bytes > 0
        assert scene.originals == 1
        assert read_ledger(scene.state_dir).gc == first
        scene.clock.time += timedelta(hours=23)
        await scene.collector.run_if_due()
        assert scene.last == first
        scene.clock.time += timedelta(hours=1)
        await scene.collector.run_if_due()
        assert scene.last == GcRecord(scene.clock.time)

    run(tmp_path, story)


def test_tidying_and_dreams_exclude_each_other(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.make_originals()
        dream = scene.queue.submit(DreamRequest(scene.root))
        await scene.began.wait()
        await scene.collector.run_if_due()
        assert (scene.last, scene.originals) == (None, 2)
        scene.ending.set()
        await dream
        scene.began.clear()
        running = asyncio.create_task(scene.collector.run_if_due())
        await asyncio.sleep(0)
        later = scene.queue.submit(DreamRequest(scene.root))
        await scene.began.wait()
        assert scene.originals == 1
        assert (await later).status is DreamStatus.DONE
        await running

    run(tmp_path, story)


def test_tidying_waits_for_quiet_but_not_for_ever(tmp_path: Path) -> None:
    async def story(scene: Scene) -> None:
        scene.make_originals()
        await scene.tracked_roots.look()
        (tracked,) = scene.tracked_roots
        tracked.touched(0.0, scene.clock.time)
        await scene.collector.run_if_due()
        assert scene.last is None
        scene.tracked_roots.record_gc(GcRecord(scene.clock.time))
        scene.clock.time += timedelta(hours=47)
        await scene.collector.run_if_due()
        assert scene.originals == 2
        scene.clock.time += timedelta(hours=1)
        await scene.collector.run_if_due()
        assert scene.originals == 1

    run(tmp_path, story)


@pytest.mark.parametrize("broken", ["journal: {keep_days: none}\n", None])
def test_failed_tidying_is_reported_and_retried_after_an_hour(tmp_path: Path, broken: str | None) -> None:
    async def story(scene: Scene) -> None:
        scene.make_originals()
        good = scene.text
        if broken is None:
            held = Store(scene.state_dir)
            with held, held.objects.shared():  # an undo writes
                await scene.collector.run_if_due()
        else:
            scene.text = broken
            await scene.collector.run_if_due()
        assert scene.last is not None
        reason = "writing to the journal" if broken is None else "keep_days"
        assert reason in str(scene.last.error)
        assert scene.originals == 2
        scene.text = good
        scene.clock.time += timedelta(hours=1)
        await scene.collector.run_if_due()
        assert (scene.last.error, scene.originals) == (None, 1)

    run(tmp_path, story)
