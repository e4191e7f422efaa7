"""A quick check of many agents' locks, for status requests, which wait for it only briefly."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kairos_service.looks import run_in_thread
from kairos_service.sight import see_lock
from kairos_service.tracked_root import TrackedRoot

PATIENCE_SECONDS = 0.3


class LockCheck:
    """Finds out who holds the agents' locks of roots. No event reports that: a process that dies says nothing.

    One thread checks them all, since each lock answers at once or hangs; a look per root, as in `looks`, would cost
    more than all the answers. A root that hangs keeps the holder that was last seen, and is skipped until it answers.
    Lives in the event loop.
    """

    def __init__(self, *, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        # The roots being asked right now; only the asking thread adds or removes one.
        self._pending: set[Path] = set()
        self._current: asyncio.Task[bool] | None = None

    async def refresh(self, roots: Iterable[TrackedRoot]) -> bool:
        """Check these roots' locks, and return whether any holder changed. Concurrent calls share one check."""
        if self._current is None or self._current.done():
            lockable = (
                tracked
                for tracked in roots
                if tracked.known.problem is None and tracked.scope.layout.foreign_lock
            )
            self._current = asyncio.create_task(
                self._check(
                    {
                        tracked.known.real: tracked
                        for tracked in lockable
                        if tracked.known.real not in self._pending
                    }
                )
            )
        return await asyncio.shield(self._current)

    async def _check(self, roots: dict[Path, TrackedRoot]) -> bool:
        if not roots:
            return False
        scopes = [(root, tracked.scope) for root, tracked in roots.items()]
        holders: dict[Path, str | None] = {}
        is_over = threading.Event()

        def ask() -> None:
            for root, scope in scopes:
                self._pending.add(root)
                try:
                    holders[root] = see_lock(root, scope)
                finally:
                    self._pending.discard(root)
                if is_over.is_set():
                    return

        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await run_in_thread(ask)
        is_over.set()
        news = [
            (root, holder)
            for root, holder in holders.copy().items()
            if roots[root].activity.lock_holder != holder
        ]
        for root, holder in news:
            roots[root].activity = replace(roots[root].activity, lock_holder=holder)
        return bool(news)
