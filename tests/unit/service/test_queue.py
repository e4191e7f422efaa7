from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.control.progress import Step
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus
from kairos_service.queue import DreamQueue

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def request(name: str, *, asked_for: bool = False) -> DreamRequest:
    return DreamRequest(Path("/", name), asked_for=asked_for)


@dataclass
class FakeDreams:
    """Runs dreams that end when the test says so, and records them."""

    begun: list[str] = field(default_factory=list)
    dreaming: int = 0
    most: int = 0
    endings: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def dream(
        self, request: DreamRequest, *, on_progress: Callable[[Step], None], stop: asyncio.Event
    ) -> DreamResult:
        name = request.root.name
        self.begun.append(name)
        self.dreaming += 1
        self.most = max(self.most, self.dreaming)
        on_progress(Step("embed", 1, 2))
        waits = [asyncio.create_task(event.wait()) for event in (self.endings[name], stop)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self.dreaming -= 1
        if name == "defect":
            raise ZeroDivisionError("oh")
        return DreamResult(DreamStatus.STOPPED if stop.is_set() else DreamStatus.DONE, 1.0)

    def finish(self, name: str) -> None:
        self.endings[name].set()


Test = Callable[[FakeDreams, Callable[..., DreamQueue]], Awaitable[None]]


def run(test: Test) -> None:
    async def main() -> None:
        dreams = FakeDreams()
        await asyncio.wait_for(
            test(dreams, lambda n=1, **more: DreamQueue(dreams.dream, at_once=n, now=lambda: NOW, **more)),
            timeout=10,
        )

    asyncio.run(main())


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def names(queue: DreamQueue) -> list[str]:
    return [each.root.name for each in queue.waiting]


def test_dreams_run_in_order_but_requested_ones_first() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        queue = make()
        results = [queue.submit(request(name)) for name in "abc"]
        results.append(queue.submit(request("d", asked_for=True)))
        await settle()
        assert names(queue) == ["d", "b", "c"]
        queue.submit(request("c", asked_for=True))
        assert names(queue) == ["c", "d", "b"]
        for name in "acdb":
            dreams.finish(name)
            await settle()
        assert dreams.begun == ["a", "c", "d", "b"]
        assert {result.result().status for result in results} == {DreamStatus.DONE}
        assert (dreams.most, queue.running, queue.waiting) == (1, (), ())

    run(story)


def test_the_number_of_dreams_is_limited_to_one_per_root() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        queue = make(2)
        first = queue.submit(request("a"))
        queue.submit(request("b"))
        queue.submit(request("c"))
        await settle()
        assert queue.submit(request("a", asked_for=True)) is first
        assert [each.request.root.name for each in queue.running] == ["a", "b"]
        assert (queue.running[0].since, queue.running[0].step) == (NOW, Step("embed", 1, 2))
        queue.allow(3)
        await settle()
        assert len(queue.running) == 3
        queue.allow(1)
        again = queue.submit(request("d"))
        for name in "ab":
            dreams.finish(name)
            await settle()
        assert (len(queue.running), names(queue)) == (1, ["d"])
        dreams.finish("c")
        dreams.finish("d")
        assert (await again).status is DreamStatus.DONE
        assert dreams.most == 3

    run(story)


def test_a_stop_cancels_waiting_dreams_and_asks_running_ones_to_end() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        queue = make()
        running, waiting = queue.submit(request("a")), queue.submit(request("b"))
        await settle()
        queue.stop(Path("/b"))
        queue.stop(Path("/nowhere"))
        assert (await waiting).status is DreamStatus.STOPPED
        assert not running.done()
        queue.stop(Path("/a"))
        assert (await running).status is DreamStatus.STOPPED
        assert dreams.begun == ["a"]

    run(story)


def test_nothing_starts_after_stop_all() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        ends: list[DreamResult] = []
        queue = make(2, on_end=lambda _request, result: ends.append(result))
        results = [queue.submit(request(name)) for name in "abcd"]
        await settle()
        await queue.stop_all()
        results.append(queue.submit(request("e")))
        assert {result.result().status for result in results} == {DreamStatus.STOPPED}
        assert (dreams.begun, dreams.dreaming, len(ends)) == (["a", "b"], 0, 2)
        await make().stop_all()

    run(story)


def test_a_defect_fails_only_one_dream() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        changes: list[int] = []
        queue = make(on_change=lambda: changes.append(1))
        broken, whole = queue.submit(request("defect")), queue.submit(request("a"))
        dreams.finish("defect")
        dreams.finish("a")
        assert (await broken).status is DreamStatus.FAILED
        assert "ZeroDivisionError: oh" in ((await broken).error or "")
        assert (await whole).status is DreamStatus.DONE
        assert len(changes) >= 5

    run(story)


def test_a_cancelled_result_does_not_disturb_the_queue() -> None:
    async def story(dreams: FakeDreams, make: Callable[..., DreamQueue]) -> None:
        queue = make()
        result = queue.submit(request("a"))
        await settle()
        result.cancel()
        dreams.finish("a")
        await settle()
        assert queue.running == ()
        after = queue.submit(request("b"))
        dreams.finish("b")
        with pytest.raises(asyncio.CancelledError):
            await result
        assert (await after).status is DreamStatus.DONE

    run(story)
