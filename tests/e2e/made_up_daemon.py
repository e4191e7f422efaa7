"""A fake daemon, whose answers the test chooses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kairos.control.lock import DaemonLock
from kairos.control.protocol import Request, Value, Verb
from kairos.control.status import (
    DaemonStatus,
)
from kairos.errors import NoSuchRootError
from kairos_service.server import Server

NOW = datetime.now(UTC)


HOUR = timedelta(hours=1)


class Daemon:
    """Has a real socket and lock, and a status that the test sets. Runs until the test ends it."""

    def __init__(self, state_dir: Path, status: DaemonStatus) -> None:
        self._state_dir = state_dir
        self._status = status
        self._started = threading.Event()
        self.watched = threading.Event()
        self.requests: list[Request] = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._thread.start()
        assert self._started.wait(10)

    async def _main(self) -> None:
        self._loop, self._end, self._news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Condition()
        with DaemonLock(self._state_dir, NOW):
            async with Server(self._state_dir, self._answer, self._stream):
                self._started.set()
                await self._end.wait()

    async def _answer(self, request: Request) -> Value:
        self.requests.append(request)
        if request.root and request.root not in {root.path for root in self._status.roots}:
            raise NoSuchRootError("The daemon has no such root.", "Add it to the configuration.")
        return {"status": self._status.to_value()} if request.do is Verb.STATUS else {}

    async def _stream(self, request: Request) -> AsyncGenerator[Value]:
        self.requests.append(request)
        while True:
            yield {"status": self._status.to_value()}
            self.watched.set()
            async with self._news:
                await self._news.wait()

    def becomes(self, status: DaemonStatus) -> None:
        async def change() -> None:
            self._status = status
            async with self._news:
                self._news.notify_all()

        asyncio.run_coroutine_threadsafe(change(), self._loop).result(10)

    def end(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)
