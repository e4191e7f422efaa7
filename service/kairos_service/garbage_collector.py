"""Runs `kairos gc` in a child process once a day, in a quiet minute, to delete originals that were kept long enough."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from kairos.control.status import GcRecord
from kairos.errors import ExitCode
from kairos.store.database import NAME
from kairos_service.child import Child
from kairos_service.logs import fields
from kairos_service.looks import run_in_thread
from kairos_service.queue import DreamQueue
from kairos_service.roster import SILENT
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.wording import complaint, sentence
from kairos_service.worker import WorkerSettings
from kairos_service.write_burst import NO_WRITES

_LOG = logging.getLogger(__name__)

_EVERY = timedelta(days=1)
_AGAIN_AFTER = timedelta(hours=1)
"""How soon a failed run is repeated."""
_PATIENCE = timedelta(days=2)
"""After this long it runs even if somebody is writing all the time, though never during a dream."""
_SECONDS = 600.0
_GRACE_SECONDS = 5.0


class GarbageCollector:
    """Deletes originals according to `journal.keep_days` and `journal.max_bytes`, never at the same time as a dream.

    `now` is the clock. `settings` are those of the dreams: the collection runs at the same low priority.
    """

    def __init__(
        self,
        roots: TrackedRoots,
        queue: DreamQueue,
        state_dir: Path,
        now: Callable[[], datetime],
        settings: Callable[[], WorkerSettings],
    ) -> None:
        self._roots = roots
        self._queue = queue
        self._state_dir = state_dir
        self._now = now
        self._settings = settings

    async def run_if_due(self) -> None:
        """Collect garbage if that is due and no dream is waiting or running; record the outcome."""
        if not self._is_due():
            return
        with self._queue.at_rest() as is_at_rest:
            if not is_at_rest or not await run_in_thread((self._state_dir / NAME).exists):
                return
            record = await collect(self._settings(), self._now())
        self._roots.record_gc(record)
        await self._roots.save()
        extra = fields(files=record.files, bytes=record.bytes, error=record.error)
        _LOG.log(logging.WARNING if record.error else logging.INFO, "originals were collected", extra=extra)

    def _is_due(self) -> bool:
        if any(tracked.known.problem == SILENT for tracked in self._roots):
            return False  # the collection would access it too, hang, and hold up all dreams meanwhile
        last, now = self._roots.ledger.gc, self._now()
        if last is None or last.at > now:  # never, or the clock was set back
            return self._is_quiet()
        age = now - last.at
        if last.error is not None:
            return age >= _AGAIN_AFTER and self._is_quiet()
        return age >= _PATIENCE or (age >= _EVERY and self._is_quiet())

    def _is_quiet(self) -> bool:
        return all(tracked.write_burst == NO_WRITES for tracked in self._roots)


async def collect(settings: WorkerSettings, at: datetime) -> GcRecord:
    """Run `kairos gc` and return its outcome."""
    try:
        child = await Child.start(
            settings.kairos("gc", "--yes", "--json"),
            config=settings.config_text,
            niceness=settings.niceness,
            seconds=int(_SECONDS),
            on_step=lambda _step: None,
        )
    except OSError as error:
        return GcRecord(at, error=f"It could not be started: {error.strerror or error}.")
    try:
        if not await child.wait(_SECONDS):
            await child.end(_GRACE_SECONDS)
        await child.drain_output()
    finally:
        child.close()
    return _record(at, child.returncode, child.report, child.tail)


def _record(at: datetime, code: int, report: bytes | None, tail: tuple[str, ...]) -> GcRecord:
    try:
        value = json.loads(report or b"")
        if code == ExitCode.OK:
            return GcRecord(at, int(value["files"]), int(value["bytes"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    reason = complaint(tail) or f"It ended with exit code {code} and without a message."
    return GcRecord(at, error=sentence(reason))
