"""File system access with a timeout: each look runs in a daemon thread, and no caller waits longer than its patience.

A system call to a network server that went away blocks its thread, and no signal interrupts it. So everything that
accesses a root does so here: a hang costs one thread, and the place is left alone until it answers.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

PATIENCE_SECONDS = 10.0
"""After this long without a sign of life, a place counts as not answering."""

_SLOW_SECONDS = 1.0
"""After this long without a sign of life, a look's slot is given to the next: many hanging looks cost little more
time than one."""

_MOST_WORKERS = 4
"""How many looks run at once, not counting hanging ones: a disk gains nothing from more, and threads take memory."""

_TICK_SECONDS = 0.25
_LINGER_SECONDS = 0.5

T = TypeVar("T")

_current = threading.local()


class NoAnswerError(OSError):
    """A file system did not answer in time, or still owes an answer to an earlier look."""

    def __init__(self, place: Path) -> None:
        super().__init__(f"{place} does not answer")
        self.strerror = "it does not answer"


def heartbeat() -> None:
    """Give a sign of life from a look that consists of many system calls; outside of a look, do nothing."""
    look: _Look | None = getattr(_current, "look", None)
    if look is not None:
        look.last_sign = time.monotonic()


async def run_in_thread(work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - as `asyncio.to_thread` has it
    """Run something in a thread, however long it takes. Unlike with `asyncio.to_thread`, process exit does not wait."""
    future: Future[T] = Future()

    def run() -> None:
        if future.set_running_or_notify_cancel():
            _resolve(future, lambda: work(*arguments))

    _start(run)
    return await asyncio.wrap_future(future)


@dataclass(eq=False, slots=True)
class _Look:
    place: Path
    work: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)
    last_sign: float = 0.0
    is_slow: bool = False
    is_given_up: bool = False


class Looks:
    """Carries out looks in the order in which they were requested, from any thread.

    `turned(place)` is called, in some thread, when a place stops answering and when it answers again.
    """

    def __init__(
        self, turned: Callable[[Path], None] = lambda _place: None, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._turned = turned
        self._patience = patience
        self._waiting: deque[_Look] = deque()
        self._in_progress: dict[_Look, None] = {}
        self._silent: Counter[Path] = Counter()
        self._workers = 0
        self._has_timekeeper = False
        self._lock = threading.Lock()
        self._work_available = threading.Condition(self._lock)
        self._idle = 0

    def submit(self, place: Path, work: Callable[[], T]) -> Future[T]:
        """Queue a look at a place; its future raises NoAnswerError if no answer comes in time."""
        look = _Look(place, work)
        with self._lock:
            self._waiting.append(look)
            workers = self._new_workers()
        _start(*workers)
        return look.future

    def run(self, place: Path, work: Callable[[], T]) -> T:
        """Look at a place and block until it answers. Raises NoAnswerError, an OSError."""
        return self.submit(place, work).result()

    async def run_async(self, place: Path, work: Callable[[], T]) -> T:
        """Look at a place without blocking the event loop. Raises NoAnswerError, an OSError."""
        return await asyncio.wrap_future(self.submit(place, work))

    def is_silent(self, place: Path) -> bool:
        """Whether a look at exactly this place was given up and still hangs; until it returns, no other is started."""
        return place in self._silent

    def set_patience(self, seconds: float) -> None:
        """Set the patience to this from now on, also for looks in progress."""
        self._patience = seconds

    # --- the workers; a thread whose look hangs no longer counts as one ---

    def _new_workers(self) -> list[Callable[[], None]]:
        """Return the workers to start for the waiting looks. The caller holds the lock, and starts them without it."""
        self._work_available.notify(len(self._waiting))
        number = max(0, min(len(self._waiting) - self._idle, _MOST_WORKERS - self._workers))
        self._workers += number
        return [self._work] * number

    def _work(self) -> None:
        while (look := self._next()) is not None:
            _current.look = look
            outcome: Future[Any] = Future()
            _resolve(outcome, look.work)
            self._end(look, outcome)
            if look.is_slow:
                return  # this thread's slot was given away

    def _next(self) -> _Look | None:
        while True:
            with self._lock:
                # Linger: looks come in bursts, and starting a thread takes longer than most of them.
                if not self._waiting:
                    self._idle += 1
                    self._work_available.wait(_LINGER_SECONDS)
                    self._idle -= 1
                if not self._waiting:
                    self._workers -= 1
                    return None
                look = self._waiting.popleft()
                is_silent = look.place in self._silent
                is_wanted = look.future.set_running_or_notify_cancel()
                if is_wanted and not is_silent:
                    look.last_sign = time.monotonic()
                    self._in_progress[look] = None
                    self._ensure_timekeeper()
                    return look
            if is_wanted:
                look.future.set_exception(NoAnswerError(look.place))

    def _ensure_timekeeper(self) -> None:
        if not self._has_timekeeper:
            self._has_timekeeper = True
            _start(self._run_timekeeper)

    def _end(self, look: _Look, outcome: Future[Any]) -> None:
        answers_again = False
        with self._lock:
            self._in_progress.pop(look, None)
            if look.is_given_up:
                self._silent[look.place] -= 1
                answers_again = not self._silent[look.place]
                if answers_again:
                    del self._silent[look.place]
        if answers_again:
            self._turned(look.place)
        elif not look.is_given_up:
            _resolve(look.future, outcome.result)

    # --- the timekeeper: a thread that exists only while looks are in progress ---

    def _run_timekeeper(self) -> None:
        while True:
            time.sleep(min(_TICK_SECONDS, self._patience / 2))
            with self._lock:
                if not self._in_progress:
                    self._has_timekeeper = False
                    return
                now = time.monotonic()
                for look in self._in_progress:
                    if now - look.last_sign >= _SLOW_SECONDS:
                        self._free_slot(look)
                given_up = [look for look in self._in_progress if now - look.last_sign >= self._patience]
                for look in given_up:
                    self._give_up(look)
                workers = self._new_workers()
            _start(*workers)
            for look in given_up:
                look.future.set_exception(NoAnswerError(look.place))
                self._turned(look.place)

    def _free_slot(self, look: _Look) -> None:
        """Count the thread of a slow look as a worker no longer."""
        if not look.is_slow:
            look.is_slow = True
            self._workers -= 1

    def _give_up(self, look: _Look) -> None:
        self._free_slot(look)
        look.is_given_up = True
        del self._in_progress[look]
        self._silent[look.place] += 1


def _start(*runs: Callable[[], None]) -> None:
    for run in runs:
        threading.Thread(target=run, name="kairos-look", daemon=True).start()


def _resolve(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whoever awaits the future gets it
        future.set_exception(error)
    else:
        future.set_result(result)
