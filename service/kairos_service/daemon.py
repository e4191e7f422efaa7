"""The daemon: one event loop that watches, decides and reports. Slow work runs in threads and child processes."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kairos import __version__
from kairos.config import Config, home_dir, state_dir
from kairos.control.lock import DaemonLock
from kairos.control.places import touched_directory
from kairos.control.status import ConfigStatus
from kairos.core.text.counts import count
from kairos.errors import DaemonError, KairosError
from kairos.store.disk import storage_errors
from kairos.store.private import private_below, private_directory
from kairos_service.chores import Chores
from kairos_service.clock import Clock
from kairos_service.configuration import ConfigFile
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.forced_exit import exit_after
from kairos_service.garbage_collector import GarbageCollector
from kairos_service.logs import fields, start_logging
from kairos_service.looks import Looks, run_in_thread
from kairos_service.machine import give_back_memory
from kairos_service.notify import Notifier
from kairos_service.queue import DreamQueue
from kairos_service.request_handler import RequestHandler
from kairos_service.rounds import Rounds
from kairos_service.schedule import Timetable
from kairos_service.selfcheck import checks
from kairos_service.server import Server
from kairos_service.startup_signals import unblock_signals
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.watcher import Watcher
from kairos_service.worker import WorkerSettings, run_dream

if TYPE_CHECKING:
    from kairos_service.metrics import Metrics

_LOG = logging.getLogger(__name__)
_CHECK_SECONDS = 60.0
"""How often the gates of a root that is owed a dream, and the daemon's lock, are checked again.

Either can change without any event.
"""
_SHUTDOWN_SECONDS = 9.5
"""The longest a stopping daemon lives, whatever fails to respond; being killed harms nothing."""
_SHUTDOWN_PATIENCE_SECONDS = 1.0
"""How long a stopping daemon still waits for a file system to answer."""
_LOOK_DELAY_SECONDS = 0.05
"""Debounces looks at the roster: what changes one root tends to change several, and one look sees them all."""
_MEASURE_DELAY_SECONDS = 1.0
"""How soon the Prometheus figures show what the daemon did; what others did shows at the next `_check_gates`."""


class Daemon:
    """Looks after the roots of one configuration until it is told to stop."""

    def __init__(self, config_file: ConfigFile, config: Config, env: Mapping[str, str], clock: Clock) -> None:
        self._config_file = config_file
        self._env = env
        self._clock = clock
        self._config = config
        self._state_dir = state_dir(config, env)
        self._notifier = Notifier(dict(env))
        self._lock = DaemonLock(self._state_dir, clock.now())
        self._has_lost_state = False
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._chores = Chores()
        self._metrics: Metrics | None = None

    async def run(self) -> None:
        """Run until a signal ends it.

        Raises DaemonError if another daemon holds the state directory, or if that is removed or replaced meanwhile.
        """
        async with AsyncExitStack() as held:
            self._take_state(held)
            self._build()
            self._open_metrics(held)
            held.push_async_callback(self._end)
            self._listen_to_signals()
            self._timetable.start()
            await self._rounds.look()
            unblock_signals()  # only now: SIGUSR1 needs to know which roots there are
            server = Server(self._state_dir, self._request_handler.handle, self._request_handler.stream)
            with storage_errors(f"listen in {self._state_dir}"):
                await held.enter_async_context(server)
            self._repeat_chores()
            self._notifier.ready(self._summary())
            _LOG.info("kairosd is ready", extra=fields(version=__version__, pid=os.getpid()))
            await self._stopping.wait()
            self._request_handler.state = "stopping"
            self._notifier.stopping()
            _LOG.info("kairosd stops")
            if self._has_lost_state:
                raise DaemonError(
                    f"{self._state_dir} was removed or replaced while kairosd was running.",
                    "Start kairosd again; a service manager does so by itself.",
                )

    def _take_state(self, held: AsyncExitStack) -> None:
        """Lock the state directory, and create the directory in which agents leave notices of what they changed.

        The checks are those of a dream: a directory that a dream would refuse as not private is refused here.
        """
        touched = touched_directory(self._state_dir)
        with (
            storage_errors(f"use {self._state_dir}"),
            private_directory(self._state_dir) as above,
            private_below(above, touched),
        ):
            held.enter_context(self._lock)

    def _build(self) -> None:
        loop = asyncio.get_running_loop()
        daemon, shifted = self._config.daemon, _threadsafe(loop, self._shifted)
        self._looks = Looks(lambda _place: shifted())  # the look at the roster finds out which root it was
        self._roots = TrackedRoots(
            self._config, home_dir(self._env), self._state_dir, self._clock, self._looks
        )
        # The watcher and the queue call the rounds, which are built after them: hence `_touched` and `_recheck`.
        self._watcher = Watcher(_threadsafe(loop, self._touched), shifted, daemon.watch, self._looks)
        self._timetable = Timetable(self._clock)
        self._queue = DreamQueue(
            self._dream,
            at_once=daemon.worker.at_once,
            now=self._clock.now,
            recheck=self._recheck,
            on_change=self._changed,
            on_end=self._ended,
        )
        self._rounds = Rounds(
            roots=self._roots,
            watcher=self._watcher,
            timetable=self._timetable,
            queue=self._queue,
            chores=self._chores,
            clock=self._clock,
            state_dir=self._state_dir,
            on_change=self._changed,
        )
        self._garbage_collector = GarbageCollector(
            self._roots, self._queue, self._state_dir, self._clock.now, self._settings
        )
        self._request_handler = RequestHandler(
            roots=self._roots,
            rounds=self._rounds,
            queue=self._queue,
            timetable=self._timetable,
            watcher=self._watcher,
            reload=self.reload,
            since=self._clock.now(),
        )
        self._request_handler.config = ConfigStatus(
            str(self._config_file.path), read_at=self._config_file.read_at
        )

    def _open_metrics(self, held: AsyncExitStack) -> None:
        listen = self._config.daemon.metrics.listen
        if listen is None:
            return
        from kairos_service.metrics import Metrics  # noqa: PLC0415 - most never serve any
        from kairos_service.metrics_server import MetricsServer  # noqa: PLC0415

        self._metrics = Metrics()
        with storage_errors(f"serve figures at {listen}, as daemon.metrics has it"):
            held.enter_context(MetricsServer(self._metrics.registry, listen))

    def _repeat_chores(self) -> None:
        self._chores.start("watchdog", self._notifier.stay_alive())
        self._chores.start("check", self._check())
        self._chores.repeat("lock", lambda: _CHECK_SECONDS, self._check_lock)
        self._chores.repeat("gates", lambda: _CHECK_SECONDS, self._check_gates)
        self._chores.repeat("gc", lambda: _CHECK_SECONDS, self._garbage_collector.run_if_due)
        self._chores.repeat(
            "reconcile", lambda: self._config.daemon.watch.reconcile_minutes * 60, self._reconcile
        )

    async def _end(self) -> None:
        """Shut down at a safe point: first whatever starts dreams, then the dreams, then save what is remembered."""
        self._timetable.shutdown()
        self._watcher.close()
        await self._queue.stop_all()
        await self._rounds.all_remembered()
        await self._chores.cancel()
        if not self._has_lost_state:  # what is there now belongs to others
            await self._roots.save()

    # --- what happens ---

    def _touched(self, root: Path) -> None:
        self._rounds.touched(root)

    def _shifted(self) -> None:
        self._chores.coalesce("look", self._rounds.look, after=_LOOK_DELAY_SECONDS)

    async def _reconcile(self) -> None:
        await self._rounds.reconcile()
        await self._check()

    async def _check(self) -> None:
        """Check the daemon itself: its sandbox and its limits."""
        roots = [tracked.known.real for tracked in self._roots if tracked.known.problem is None]
        found = await run_in_thread(checks, self._env, roots, self._roots.directories, self._looks)
        for check in found:
            if not check.ok and check not in self._request_handler.checks:
                _LOG.warning("a check failed", extra=fields(check=check.name, value=check.value))
        self._request_handler.checks = found
        self._changed()

    async def _check_lock(self) -> None:
        """Stop once the state directory was removed or replaced.

        No command would reach this daemon any more, not even `kairos pause`, and another could start beside it.
        """
        if not await run_in_thread(self._lock.is_in_place):
            self._has_lost_state = True
            self._stop()

    async def _check_gates(self) -> None:
        await self._rounds.check_due()
        self._notifier.status(self._summary())
        await self._measure()
        await run_in_thread(give_back_memory)

    async def _recheck(self, request: DreamRequest) -> DreamRequest | None:
        return await self._rounds.recheck(request)

    async def _dream(
        self, request: DreamRequest, *, on_progress: Callable[..., None], stop: asyncio.Event
    ) -> DreamResult:
        return await run_dream(request, self._settings(), on_progress=on_progress, stop=stop)

    def _settings(self) -> WorkerSettings:
        return WorkerSettings.of(
            self._config.daemon.worker, self._config_file.path, self._config_file.in_force
        )

    def _ended(self, request: DreamRequest, result: DreamResult) -> None:
        self._rounds.ended(request, result)
        if self._metrics is not None:
            edits = (result.value or {}).get("done", {})
            self._metrics.dream_ended(str(result.status), result.seconds, edits)

    def _changed(self) -> None:
        self._request_handler.announce()
        if self._metrics is not None:
            self._chores.coalesce("measure", self._measure, after=_MEASURE_DELAY_SECONDS)

    async def _measure(self) -> None:
        if self._metrics is None:
            return
        from kairos_service.metrics import figures_in  # noqa: PLC0415 - most never measure

        success = {tracked.id: tracked.last_success for tracked in self._roots}
        self._metrics.update(
            len(self._queue.waiting), await run_in_thread(figures_in, self._state_dir, success)
        )

    def _summary(self) -> str:
        roots = [tracked for tracked in self._roots if tracked.known.is_enabled]
        there = sum(tracked.known.problem is None for tracked in roots)
        dreaming = len(self._queue.running)
        text = f"Looks after {there} of {count(len(roots), 'directory', 'directories')}"
        return f"{text}; dreams over {dreaming}." if dreaming else f"{text}."

    # --- signals ---

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._chores.coalesce("reload", self._on_hangup))
        loop.add_signal_handler(signal.SIGUSR1, lambda: self._rounds.ask_for(None))

    def _stop(self) -> None:
        self._looks.set_patience(_SHUTDOWN_PATIENCE_SECONDS)
        if not self._stopping.is_set():
            exit_after(_SHUTDOWN_SECONDS)
        self._stopping.set()

    async def _on_hangup(self) -> None:
        try:
            await self.reload()
        except DaemonError as error:
            _LOG.info("the configuration was not reloaded", extra=fields(error=error))
        except KairosError as error:
            _LOG.error("the configuration was refused; the old one stays", extra=fields(error=error))

    async def reload(self) -> None:
        """Reload the configuration, after any reload already in progress.

        Raises ConfigError if it is refused, and the old one stays in force; DaemonError if the daemon is stopping.
        """
        async with self._reloading:
            if self._stopping.is_set():
                raise DaemonError("kairosd is stopping, and no longer reloads the configuration.")
            self._notifier.reloading()
            self._request_handler.state = "reloading"
            try:
                await self._reload_file()
            finally:
                if not self._stopping.is_set():  # or systemd would get READY=1 after STOPPING=1
                    self._request_handler.state = "running"
                    self._notifier.ready(self._summary())
                self._changed()

    async def _reload_file(self) -> None:
        file, now = str(self._config_file.path), self._clock.now()
        try:
            await self._apply(await run_in_thread(self._config_file.reload, now, self._config))
            self._request_handler.config = ConfigStatus(file, None, now)
        except KairosError as error:
            self._request_handler.config = ConfigStatus(file, str(error), now)
            raise

    async def _apply(self, config: Config) -> None:
        self._config = config
        start_logging(config.daemon.log_level, self._env)
        self._roots.configure(config)
        self._queue.allow(config.daemon.worker.at_once)
        await self._rounds.look()
        await self._rounds.check_due()
        self._chores.start("check", self._check())
        _LOG.info("the configuration was reloaded", extra=fields(file=self._config_file.path))


def _threadsafe(loop: asyncio.AbstractEventLoop, call: Callable[..., None]) -> Callable[..., None]:
    """Wrap `call` so that other threads can have the loop run it; once the loop is closed, it does nothing."""

    def later(*arguments: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(partial(call, *arguments))

    return later
