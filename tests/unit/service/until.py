"""Waiting in an event loop for a condition that sends no notification."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop run until a condition holds: usually soon, but on a busy machine it can take a while."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - there is nothing to be notified by
            await asyncio.sleep(0.005)
