"""Background tasks of the main loop: referenced until they are done, and no failure in one goes unreported."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Coroutine

from kairos_service.logs import fields

_LOG = logging.getLogger(__name__)
_NO_MORE_FILES = {errno.EMFILE, errno.ENFILE}
"""Errors that are not a chore's defect: the limit on open files, of the daemon or of the machine, is reached."""


class Chores:
    """The background tasks of one event loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted: set[str] = set()
        self._going_on: dict[str, asyncio.Lock] = {}
        self._has_ended = False

    def start(self, name: str, chore: Coroutine[None, None, None]) -> None:
        """Start a chore; a failure ends only this chore.

        After `cancel` nothing starts any more, although what is shutting down may still ask.
        """
        if self._has_ended:
            chore.close()
            return
        task = asyncio.create_task(self._run(name, chore))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def repeat(self, name: str, every: Callable[[], float], chore: Callable[[], Awaitable[None]]) -> None:
        """Repeat a chore for ever, each time `every()` seconds after the previous run ended."""

        async def again() -> None:
            while True:
                await asyncio.sleep(every())
                await self._run(name, chore())

        self.start(name, again())

    def coalesce(self, name: str, chore: Callable[[], Awaitable[None]], *, after: float = 0.0) -> None:
        """Run a chore `after` seconds from now, once for all calls until it begins.

        If a chore of this name is still running, it is waited for first.
        """

        async def turn() -> None:
            await asyncio.sleep(after)
            async with self._going_on.setdefault(name, asyncio.Lock()):
                self._wanted.discard(name)
                await chore()

        if name not in self._wanted:
            self._wanted.add(name)
            self.start(name, turn())

    async def cancel(self) -> None:
        """Cancel all chores, and start none any more."""
        self._has_ended = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    async def _run(name: str, chore: Awaitable[None]) -> None:
        try:
            await chore
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends only this chore
            if isinstance(error, OSError) and error.errno in _NO_MORE_FILES:
                _LOG.error("a chore failed", extra=fields(chore=name, error=error.strerror))
            else:
                _LOG.exception("a chore failed; please report it", extra=fields(chore=name))
