"""Handles the requests of the control socket: the status, and commands."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from kairos import __version__
from kairos.control.protocol import Request, Value, Verb
from kairos.control.status import (
    FOREVER,
    Check,
    ConfigStatus,
    DaemonStatus,
    DreamProgress,
    RootStatus,
)
from kairos.errors import DaemonError
from kairos_service.lock_check import LockCheck
from kairos_service.queue import DreamQueue, Running
from kairos_service.rounds import Rounds
from kairos_service.schedule import Timetable
from kairos_service.tracked_root import Surroundings, TrackedRoot, gate_statuses, watch_status
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.watcher import Watcher

_BREATH_SECONDS = 0.2
"""The least interval between two statuses of a live view: a dream reports progress faster than anybody can read."""
_LOCK_CHECK_SECONDS = 5.0
"""How often a live view checks the agents' locks: no event reports those."""


class RequestHandler:
    """Carries out requests. `reload` reloads the configuration and raises KairosError if it is refused."""

    def __init__(
        self,
        *,
        roots: TrackedRoots,
        rounds: Rounds,
        queue: DreamQueue,
        timetable: Timetable,
        watcher: Watcher,
        reload: Callable[[], Awaitable[None]],
        since: datetime,
    ) -> None:
        self._roots = roots
        self._rounds = rounds
        self._queue = queue
        self._timetable = timetable
        self._watcher = watcher
        self._reload = reload
        self._since = since
        self._news = asyncio.Event()
        self._lock_check = LockCheck()
        self.state = "running"
        self.config = ConfigStatus("")
        self.checks: tuple[Check, ...] = ()

    def announce(self) -> None:
        """Wake the live views: something changed."""
        self._news.set()
        self._news = asyncio.Event()

    async def handle(self, request: Request) -> Value:
        """Carry out one request; raises KairosError if it is refused."""
        match request.do:
            case Verb.DREAM:
                return {"roots": list(self._rounds.ask_for(self._known(request.root)))}
            case Verb.PAUSE:
                await self._pause(request.root, request.until or FOREVER)
            case Verb.RESUME:
                await self._pause(request.root, None)
            case Verb.RELOAD:
                await self._reload()
            case Verb.TOUCH:
                self._rounds.touched(Path(self._known(request.root) or ""))
            case Verb.STATUS:
                await self._lock_check.refresh(self._roots)
            case Verb.WATCH:
                pass
        return self._status_answer(request) if request.do is Verb.STATUS else {}

    async def stream(self, request: Request) -> AsyncGenerator[Value]:
        """Yield the status now, and again whenever it changes."""
        await self._lock_check.refresh(self._roots)
        while True:
            news = self._news
            yield self._status_answer(request)
            await asyncio.sleep(_BREATH_SECONDS)
            while not news.is_set():
                await self._await_news(news)

    async def _await_news(self, news: asyncio.Event) -> None:
        """Wait for news, at most _LOCK_CHECK_SECONDS; then check the locks, whose changes no event announces."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOCK_CHECK_SECONDS):
                await news.wait()
            return
        if await self._lock_check.refresh(self._roots):
            self.announce()

    def _status_answer(self, request: Request) -> Value:
        return {"status": self.status(shut_gates_only=request.shut_gates_only).to_value()}

    def status(self, *, shut_gates_only: bool = False) -> DaemonStatus:
        """Return the status of the daemon and of every root."""
        around = self._roots.surroundings()
        running = {dream.request.root: dream for dream in self._queue.running}
        roots = (
            self._root(tracked, around, running.get(tracked.known.real), shut_gates_only=shut_gates_only)
            for tracked in self._roots
        )
        return DaemonStatus(
            version=__version__,
            pid=os.getpid(),
            since=self._since,
            state=self.state,
            config=self.config,
            paused_until=self._roots.ledger.paused_until,
            checks=self.checks,
            roots=tuple(roots),
            queue=tuple(str(request.root) for request in self._queue.waiting),
            gc=self._roots.ledger.gc,
        )

    def _root(
        self, tracked: TrackedRoot, around: Surroundings, running: Running | None, *, shut_gates_only: bool
    ) -> RootStatus:
        record = tracked.record
        gates = self._roots.verdicts(tracked, around)
        return RootStatus(
            path=tracked.id,
            problem=tracked.known.fault,
            problem_since=tracked.known.fault_since,
            watch=watch_status(self._watcher.health(tracked.known.real)),
            dirty_since=tracked.dirty_since,
            replaced_at=tracked.known.replaced_at,
            next_due=self._timetable.next_run(tracked.id),
            catch_up_at=tracked.catch_up_at,
            due_since=record.due_since if tracked.catch_up_at is None else None,
            gates=gate_statuses(gate for gate in gates if not (shut_gates_only and gate.is_open)),
            kept_by=record.kept_by,
            kept_since=record.kept_since,
            paused_until=record.paused_until,
            dream=None if running is None else _dream(running),
            last_success=tracked.last_success,
            last_failure=record.last_failure,
            failures=record.failures,
            last_error=record.last_error,
            tail=record.tail,
        )

    async def _pause(self, root: str | None, until: datetime | None) -> None:
        self._roots.pause(self._known(root), until)
        unwritten = await self._roots.save()
        if until is None:
            await self._rounds.check_due()
        else:
            self._rounds.call_off(root)
        self.announce()
        if unwritten is not None:
            raise DaemonError(
                f"It is in force, but only until kairosd ends: {unwritten.what}", unwritten.advice
            )

    def _known(self, root: str | None) -> str | None:
        """Return the root that a request names; raises DaemonError if the daemon does not look after it."""
        if root is None or self._roots.get(root) is not None:
            return root
        raise DaemonError(
            f"{root} is not in the configuration of kairosd.",
            "Add it to `roots` in the configuration, or run `kairos dream` over it.",
        )


def _dream(running: Running) -> DreamProgress:
    step = running.step
    if step is None:
        return DreamProgress("starting", 0, 0, running.since)
    return DreamProgress(step.stage, step.done, step.of, running.since)
