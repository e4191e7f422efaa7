"""Runs a dream as a child process: at low priority, supervised, and ended if it exceeds its limits.

Whatever happens to the dream, the daemon goes on.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kairos.control.progress import Step
from kairos_service.child import Child
from kairos_service.dreams import ChildExit, DreamRequest, DreamResult, DreamStatus, result_of
from kairos_service.wording import span

if TYPE_CHECKING:
    from kairos.config import Worker

_ALARM_AFTER_SECONDS = 60
_MEBIBYTE = 2**20

OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a dream is run, and its limits.

    It uses `config_text`, the configuration in force, whatever `config_file` contains by now; messages name the file.

    The child has `grace_seconds` to end once its time is up, and `stop_seconds` when the daemon stops. Its memory is
    checked every `look_seconds`.
    """

    config_file: Path | None = None
    config_text: str = ""
    memory_bytes: int = 2048 * _MEBIBYTE
    seconds: float = 3600.0
    stop_seconds: float = 5.0
    grace_seconds: float = 10.0
    look_seconds: float = 0.5
    niceness: int = 19
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "kairos")

    @classmethod
    def of(cls, worker: Worker, config_file: Path, config_text: str) -> Self:
        """Return the settings for a configuration."""
        return cls(
            config_file=config_file,
            config_text=config_text,
            niceness=worker.niceness,
            memory_bytes=worker.memory_mb * _MEBIBYTE,
            seconds=worker.minutes * 60,
        )

    def kairos(self, *words: str) -> tuple[str, ...]:
        """Return the command line of `kairos` with these arguments and the daemon's configuration."""
        config = () if self.config_file is None else ("--config", str(self.config_file.absolute()))
        return (*self.command, *words, *config)

    def arguments(self, request: DreamRequest) -> tuple[str, ...]:
        """Return the command line of a dream."""
        yes = () if request.first else ("--yes",)
        return self.kairos("dream", str(request.root.absolute()), "--json", *yes)


def _unseen(_step: Step) -> None:
    """Show no progress."""


async def run_dream(
    request: DreamRequest,
    settings: WorkerSettings,
    *,
    on_progress: OnStep = _unseen,
    stop: asyncio.Event | None = None,
) -> DreamResult:
    """Dream over a root in a child process. `stop` asks the child to end; cancelling this coroutine kills it.

    Whatever goes wrong with the child is reported in the result.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        child = await Child.start(
            settings.arguments(request),
            config=settings.config_text,
            niceness=settings.niceness,
            seconds=int(settings.seconds) + _ALARM_AFTER_SECONDS,
            on_step=on_progress,
        )
    except OSError as error:
        reason = f"The dream could not be started: {error.strerror or error}."
        return DreamResult(DreamStatus.FAILED, loop.time() - began, error=reason)
    try:
        forced = await _watch(child, settings, stop or asyncio.Event())
        await child.drain_output()
    finally:
        child.close()
    return result_of(ChildExit(child.returncode, loop.time() - began, child.report, child.tail, forced))


async def _watch(
    child: Child, settings: WorkerSettings, stop: asyncio.Event
) -> tuple[DreamStatus, str] | None:
    """Return once the child has exited: None if it did so by itself, else why it was ended."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + settings.seconds
    while not await child.wait(min(settings.look_seconds, deadline - loop.time()), unless=stop):
        if stop.is_set():
            await child.end(settings.stop_seconds)
            return DreamStatus.STOPPED, "The dream was stopped before it was done."
        if loop.time() >= deadline:
            await child.end(settings.grace_seconds)
            return DreamStatus.TIMED_OUT, _too_long(settings)
        used = child.memory()
        if used > settings.memory_bytes:
            await child.kill()
            return DreamStatus.OUT_OF_MEMORY, _too_large(used, settings)
    return None


def _too_long(settings: WorkerSettings) -> str:
    return f"The dream took longer than {span(settings.seconds)} and was ended."


def _too_large(used: int, settings: WorkerSettings) -> str:
    limit = settings.memory_bytes
    return f"The dream used {used // _MEBIBYTE} MiB, more than its {limit // _MEBIBYTE} MiB, and was killed."
