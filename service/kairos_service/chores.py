"""What goes on beside the main loop: kept until it is done, and no defect in it goes unsaid."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Coroutine

from kairos_service.logs import note

_LOG = logging.getLogger(__name__)
_NO_MORE_FILES = {errno.EMFILE, errno.ENFILE}
"""What is no defect of a chore: the limit of open files, of the daemon or of the machine."""


class Chores:
    """Tasks in the background of one event loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted: set[str] = set()
        self._going_on: dict[str, asyncio.Lock] = {}
        self._has_ended = False

    def start(self, name: str, chore: Coroutine[None, None, None]) -> None:
        """Begin a chore; a defect costs this chore alone. After `cancel` none begins: what ends may ask for one yet."""
        if self._has_ended:
            chore.close()
            return
        task = asyncio.create_task(self._run(name, chore))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def repeat(self, name: str, every: Callable[[], float], chore: Callable[[], Awaitable[None]]) -> None:
        """Do a chore again and again, each time `every()` seconds after the last ended."""

        async def again() -> None:
            while True:
                await asyncio.sleep(every())
                await self._run(name, chore())

        self.start(name, again())

    def follow(self, name: str, chore: Callable[[], Awaitable[None]], *, after: float = 0.0) -> None:
        """Do a chore soon, once for all who ask until it begins; one of this name that goes on ends first."""

        async def turn() -> None:
            await asyncio.sleep(after)
            async with self._going_on.setdefault(name, asyncio.Lock()):
                self._wanted.discard(name)
                await chore()

        if name not in self._wanted:
            self._wanted.add(name)
            self.start(name, turn())

    async def cancel(self) -> None:
        """End whatever still goes on, for good."""
        self._has_ended = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    async def _run(name: str, chore: Awaitable[None]) -> None:
        try:
            await chore
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this chore alone
            if isinstance(error, OSError) and error.errno in _NO_MORE_FILES:
                _LOG.error("a chore failed", extra=note(chore=name, error=error.strerror))
            else:
                _LOG.exception("a chore failed; please report it", extra=note(chore=name))
