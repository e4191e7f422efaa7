"""The queue of dreams: at most one per root and a limited number at once, first those that a person asked for, then
those that have been owed for longest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from kairos.control.progress import Step
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CANCELLED = "The dream was cancelled before it began."


class Dreamer(Protocol):
    """Carries out a dream over a root; `stop` asks it to end."""

    def __call__(
        self, request: DreamRequest, *, on_progress: Callable[[Step], None], stop: asyncio.Event
    ) -> Awaitable[DreamResult]:
        """Return the result."""
        ...


Recheck = Callable[[DreamRequest], Awaitable[DreamRequest | None]]
"""Updates a request that had to wait for its turn; None if the dream may no longer begin."""


async def _unchanged(request: DreamRequest) -> DreamRequest:
    return request


@dataclass(frozen=True, slots=True)
class Running:
    """A dream in progress; `step` is None until it reports one."""

    request: DreamRequest
    since: datetime
    step: Step | None


@dataclass(slots=True, eq=False)
class _Turn:
    request: DreamRequest
    result: asyncio.Future[DreamResult]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    since: datetime | None = None
    step: Step | None = None
    has_waited: bool = False


class DreamQueue:
    """Runs dreams with `dream`; lives in one event loop.

    A request that had to wait goes through `recheck` when its turn comes. `on_change` is called whenever what waits,
    what runs, or its progress changes. `on_end` is called with the result of each dream that had begun, or failed.
    """

    def __init__(
        self,
        dream: Dreamer,
        *,
        at_once: int,
        now: Callable[[], datetime],
        recheck: Recheck = _unchanged,
        on_change: Callable[[], None] = lambda: None,
        on_end: Callable[[DreamRequest, DreamResult], None] = lambda _request, _result: None,
    ) -> None:
        self._dream = dream
        self._at_once = at_once
        self._now = now
        self._recheck = recheck
        self._on_change, self._on_end = on_change, on_end
        self._waiting: dict[Path, _Turn] = {}
        self._running: dict[Path, _Turn] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._is_held = False

    def __contains__(self, root: Path) -> bool:
        """Whether a dream over a root is waiting or in progress."""
        return root in self._waiting or root in self._running

    @property
    def waiting(self) -> tuple[DreamRequest, ...]:
        """The waiting requests, in the order of their turn."""
        return tuple(turn.request for turn in self._in_order())

    @property
    def running(self) -> tuple[Running, ...]:
        """The dreams in progress."""
        return tuple(
            Running(turn.request, turn.since, turn.step)
            for turn in self._running.values()
            if turn.since is not None
        )

    def submit(self, request: DreamRequest) -> asyncio.Future[DreamResult]:
        """Queue a request and return a future of its result.

        If a dream over the root is already running or waiting, its future is returned; a waiting one moves to the front
        if this request is `asked_for`. Callers may share a future: shield it so that one cannot cancel it for all.
        """
        if running := self._running.get(request.root):
            return running.result
        turn = self._waiting.get(request.root)
        if turn is None:
            turn = _Turn(request, asyncio.get_running_loop().create_future())
            if self._is_closed:
                _resolve(turn, _cancelled())
                return turn.result
            self._waiting[request.root] = turn
        elif request.asked_for:
            turn.request = request
        self._advance()
        turn.has_waited = turn.has_waited or request.root in self._waiting
        return turn.result

    def allow(self, at_once: int) -> None:
        """Change how many dreams may run at once; those in progress go on."""
        self._at_once = at_once
        self._advance()

    @contextmanager
    def at_rest(self) -> Iterator[bool]:
        """Let no dream begin while the block runs, and yield True.

        If a dream is running or waiting already, yield False and hold nothing back.
        """
        self._is_held = not self._waiting and not self._running
        try:
            yield self._is_held
        finally:
            self._is_held = False
            self._advance()

    def stop(self, root: Path) -> None:
        """Cancel a waiting dream over a root, and ask a running one to end."""
        self.call_off(root)
        if turn := self._running.get(root):
            turn.stop.set()

    def call_off(self, root: Path | None) -> None:
        """Cancel the waiting dream over a root, or (None) all waiting ones; running ones go on."""
        for waiting in (root,) if root is not None else tuple(self._waiting):
            if turn := self._waiting.pop(waiting, None):
                _resolve(turn, _cancelled())
                self._on_change()

    async def stop_all(self) -> None:
        """Refuse new dreams, stop all others, and return once nothing runs."""
        self._is_closed = True
        for root in (*self._waiting, *self._running):
            self.stop(root)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _in_order(self) -> list[_Turn]:
        return sorted(self._waiting.values(), key=_sort_key)

    def _advance(self) -> None:
        free = 0 if self._is_held else max(0, self._at_once - len(self._running))
        for turn in self._in_order()[:free]:
            del self._waiting[turn.request.root]
            self._running[turn.request.root] = turn
            task = asyncio.create_task(self._run(turn))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._on_change()

    async def _run(self, turn: _Turn) -> None:
        try:
            result = await self._carry_out(turn)
        except Exception as error:  # noqa: BLE001 - a defect must cost one dream, never the daemon
            reason = f"This should not have happened ({type(error).__name__}: {error}). Please report it."
            result = DreamResult(DreamStatus.FAILED, 0.0, error=reason)
        except asyncio.CancelledError:
            turn.result.cancel()
            raise
        finally:
            del self._running[turn.request.root]
        _resolve(turn, result)
        self._advance()
        if turn.since is not None or result.status.is_failure:
            self._on_end(turn.request, result)

    async def _carry_out(self, turn: _Turn) -> DreamResult:
        def told(step: Step) -> None:
            turn.step = step
            self._on_change()

        request = await self._recheck(turn.request) if turn.has_waited else turn.request
        if request is None or turn.stop.is_set():
            return _cancelled()
        turn.request, turn.since = request, self._now()
        self._on_change()
        return await self._dream(request, on_progress=told, stop=turn.stop)


def _sort_key(turn: _Turn) -> tuple[bool, datetime]:
    """The sort key of a turn. Order of arrival will not do: a restart, or a root that goes and returns, loses it."""
    return not turn.request.asked_for, turn.request.owed_since or _LONG_AGO


def _resolve(turn: _Turn, result: DreamResult) -> None:
    if not turn.result.done():  # a caller that awaited it may have cancelled it
        turn.result.set_result(result)


def _cancelled() -> DreamResult:
    return DreamResult(DreamStatus.STOPPED, 0.0, error=_CANCELLED)
