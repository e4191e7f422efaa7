from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from functools import partial
from pathlib import Path

import pytest

from kairos_service.looks import Looks, NoAnswerError, heartbeat, run_in_thread

HERE, THERE = Path("/here"), Path("/there")


class Server:
    """A file server that does not answer until told to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        self.answers.wait()
        return "late"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.answers.set()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_look_returns_its_result_or_raises_its_error() -> None:
    looks = Looks()
    assert looks.run(HERE, lambda: 7) == 7
    with pytest.raises(FileNotFoundError):
        looks.run(HERE, Path("/nowhere/at/all").stat)
    assert not looks.is_silent(HERE)


def test_a_silent_place_is_left_alone_until_it_answers(server: Server) -> None:
    turned: list[Path] = []
    looks = Looks(turned.append, patience=0.3)
    with pytest.raises(NoAnswerError, match="/there does not answer"):
        looks.run(THERE, server.ask)
    assert looks.is_silent(THERE)
    until(lambda: turned == [THERE])
    looks.set_patience(300)  # as long as a test may take: a second look would never return
    with pytest.raises(NoAnswerError):
        looks.run(THERE, server.ask)
    assert server.asked == 1
    assert looks.run(HERE, lambda: "soon") == "soon"
    server.answers.set()
    until(lambda: turned == [THERE, THERE])
    assert looks.run(THERE, server.ask) == "late"


def test_many_hanging_looks_delay_others_no_more_than_one(server: Server) -> None:
    looks = Looks(patience=2)
    hung = [looks.submit(Path(f"/hung/{number}"), server.ask) for number in range(12)]
    fine = [looks.submit(Path(f"/fine/{number}"), lambda: None) for number in range(12)]
    assert not wait(fine, timeout=15).not_done
    assert not wait(hung, timeout=15).not_done
    assert all(isinstance(look.exception(), NoAnswerError) for look in hung)


def test_a_long_look_that_makes_progress_is_waited_for() -> None:
    def count() -> int:
        for _ in range(10):
            time.sleep(0.1)
            heartbeat()
        return 10

    assert Looks(patience=0.5).run(HERE, count) == 10
    heartbeat()  # in no look


def test_hurrying_shortens_the_timeout_of_running_looks(server: Server) -> None:
    looks = Looks()
    look = looks.submit(THERE, server.ask)
    looks.set_patience(0.1)
    with pytest.raises(NoAnswerError):
        look.result(5)


def test_no_threads_remain_after_the_looks() -> None:
    before = threading.active_count()
    looks = Looks()
    wait([looks.submit(Path(f"/{number}"), partial(time.sleep, 0.01)) for number in range(20)])
    until(lambda: threading.active_count() <= before)


def test_the_event_loop_keeps_running_during_a_look(server: Server) -> None:
    async def story() -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0.01)

        looks, turning = Looks(patience=0.3), asyncio.create_task(turn())
        with pytest.raises(NoAnswerError):
            await looks.run_async(THERE, server.ask)
        assert await looks.run_async(HERE, lambda: "here") == "here"
        assert await run_in_thread(divmod, 9, 4) == (2, 1)
        with pytest.raises(ZeroDivisionError):
            await run_in_thread(divmod, 9, 0)
        turning.cancel()
        return turns

    assert asyncio.run(story()) > 3
