"""The daemon's rounds over its roots: counting what was written, checking the gates of what is due, queueing dreams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kairos.control.notices import take_notices
from kairos.control.places import touched_directory
from kairos_service.blocking import blocking_gate
from kairos_service.chores import Chores
from kairos_service.clock import Clock, zone_mark
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.gates import first_shut
from kairos_service.logs import fields
from kairos_service.looks import run_in_thread
from kairos_service.queue import DreamQueue
from kairos_service.recurrence import missed
from kairos_service.roster import KnownRoot
from kairos_service.schedule import Timetable
from kairos_service.tracked_root import TrackedRoot
from kairos_service.tracked_roots import TrackedRoots
from kairos_service.watcher import Watcher
from kairos_service.write_burst import NO_WRITES

_LOG = logging.getLogger(__name__)
_ANY = frozenset({"*"})
_RETRY_REQUEST_FOR = timedelta(hours=1)
"""How long a dream that a person asked for is retried while the root is in use; after that its gates decide."""


class Rounds:
    """Makes the rounds, in one event loop. `on_change` is called whenever the visible status changes."""

    def __init__(
        self,
        *,
        roots: TrackedRoots,
        watcher: Watcher,
        timetable: Timetable,
        queue: DreamQueue,
        chores: Chores,
        clock: Clock,
        state_dir: Path,
        on_change: Callable[[], None],
    ) -> None:
        self._roots = roots
        self._watcher = watcher
        self._timetable = timetable
        self._queue = queue
        self._chores = chores
        self._clock = clock
        self._state_dir = state_dir
        self._on_change = on_change
        self._zone = zone_mark()
        self._looking = asyncio.Lock()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._recording: dict[Path, asyncio.Task[None]] = {}

    # --- which roots there are ---

    async def look(self, *, mend: bool = False) -> None:
        """Find out which roots came and went, watch those that are there, and collect the notices that agents left.

        With `mend`, also re-establish every watch that may have lost events.
        """
        async with self._looking:
            moves = await self._roots.look()
            for root in moves.went:
                self._queue.call_off(root.real)
                self._watcher.unwatch(root.real)
                self._cancel_catch_up(root)
                _LOG.info("a root disappeared", extra=fields(root=root.path, problem=self._problem(root)))
            for lost in await run_in_thread(self._watcher.mend) if mend else ():
                self.touched(lost)
            await run_in_thread(self._watch, moves.came)
            places = {**self._roots.places(), touched_directory(self._state_dir): _ANY}
            await run_in_thread(self._watcher.watch_places, places)
            left = await self._collect_touches()
            for tracked in moves.came:
                self._admit(tracked)
            self._recover_interrupted()
            for path in left:
                self.touched(path)
            self._update_timetable()
        if moves.came or moves.went:
            self._on_change()

    def _cancel_catch_up(self, root: KnownRoot) -> None:
        tracked = self._roots.get(str(root.real))
        if tracked is not None:
            tracked.catch_up_at = None

    def _watch(self, roots: Iterable[TrackedRoot]) -> None:
        for tracked in roots:
            self._watcher.watch(tracked.known.real, tracked.scope)

    def _problem(self, root: KnownRoot) -> str | None:
        tracked = self._roots.get(str(root.real))
        return None if tracked is None else tracked.known.problem

    async def _collect_touches(self) -> tuple[Path, ...]:
        left = await run_in_thread(take_notices, self._state_dir)
        found = await asyncio.gather(*map(self._roots.real, left))
        return tuple(root for root in found if root is not None)

    def _admit(self, tracked: TrackedRoot) -> None:
        _LOG.info("a root appeared", extra=fields(root=tracked.id, layout=tracked.known.layout))
        self._chores.start("count", self._count(tracked))
        schedule, record = tracked.known.configured.schedule, tracked.record
        if record.due_since or missed(schedule, tracked.id, record.last_looked, self._clock.now()):
            delay = timedelta(minutes=schedule.catch_up_minutes)
            tracked.catch_up_at = self._clock.at(datetime.now(UTC) + delay)
            asyncio.get_running_loop().call_later(delay.total_seconds(), self._catch_up, tracked.id)

    def _catch_up(self, root_id: str) -> None:
        tracked = self._roots.get(root_id)
        if tracked is not None and tracked.catch_up_at is not None:  # else its schedule came round meanwhile
            self.on_due(root_id)

    def _recover_interrupted(self) -> None:
        """Ask for a dream over every root that a crash left half done, since each dream begins by recovering that.

        Roots that are paused, have a problem, or failed their last dream are left alone.
        """
        for tracked in self._roots:
            if tracked.is_interrupted and not tracked.is_asked_for and not tracked.record.failures:
                paused = self._roots.ledger.paused(tracked.id, self._clock.now())
                if tracked.known.problem is None and paused is None and not self._has_dream(tracked):
                    _LOG.warning("a crash left something half done", extra=fields(root=tracked.id))
                    self.ask_for(tracked.id)

    def _update_timetable(self) -> None:
        there = {tracked.id: tracked for tracked in self._roots if tracked.known.is_enabled}
        for root_id in self._timetable.roots - set(there):
            self._timetable.remove(root_id)
        for root_id, tracked in there.items():
            self._timetable.set(root_id, tracked.known.configured.schedule, self.on_due)

    # --- what was written ---

    def touched(self, root: Path) -> None:
        """Record a write. Once the root is quiet, its notes are counted."""
        tracked = self._roots.get(str(root))
        if tracked is None:
            return
        was_clean = tracked.dirty_since is None
        tracked.touched(self._clock.monotonic(), self._clock.now())
        if tracked.id not in self._timers:
            self._start_settle_timer(tracked)
        if was_clean:
            self._on_change()

    def _start_settle_timer(self, tracked: TrackedRoot) -> None:
        watch = self._roots.config.daemon.watch
        at = tracked.write_burst.settles_at(watch.quiet_seconds, watch.at_most_seconds)
        if at is not None:
            delay = max(0.0, at - self._clock.monotonic())
            loop = asyncio.get_running_loop()
            self._timers[tracked.id] = loop.call_later(delay, self._on_settle_timer, tracked.id)

    def _on_settle_timer(self, root_id: str) -> None:
        self._timers.pop(root_id, None)
        tracked = self._roots.get(root_id)
        if tracked is None:
            return
        watch = self._roots.config.daemon.watch
        if not tracked.write_burst.is_settled(
            self._clock.monotonic(), watch.quiet_seconds, watch.at_most_seconds
        ):
            self._start_settle_timer(tracked)
            return
        tracked.write_burst = NO_WRITES
        self._chores.start("count", self._count(tracked))

    async def _count(self, tracked: TrackedRoot) -> None:
        await self._roots.count(tracked)
        self._on_change()

    async def reconcile(self) -> None:
        """Look at the roster and recount every root, whatever the events said."""
        await self.look(mend=True)
        await asyncio.gather(*map(self._roots.count, self._roots))
        self._on_change()

    # --- what is due ---

    def on_due(self, root_id: str) -> None:
        """Record that a root's time has come, and check its gates."""
        tracked = self._roots.get(root_id)
        if tracked is not None:
            tracked.catch_up_at = None
            self._roots.record_due(tracked)
            self._chores.start("gates", self._queue_if_open(tracked))

    def ask_for(self, root_id: str | None) -> tuple[str, ...]:
        """Ask for a dream now, over one root or (None) all healthy ones. Returns the ids of those meant."""
        roots = [tracked for tracked in self._roots if tracked.id == root_id or root_id is None]
        roots = [tracked for tracked in roots if tracked.known.problem is None]
        for tracked in roots:
            tracked.asked_at = self._clock.now()
            self.on_due(tracked.id)
        return tuple(tracked.id for tracked in roots)

    def call_off(self, root_id: str | None) -> None:
        """Cancel waiting dreams, of one root or (None) of all, even if a person asked for them; running ones go on."""
        for tracked in self._roots:
            if root_id in (tracked.id, None):
                tracked.asked_at = None
        self._queue.call_off(None if root_id is None else Path(root_id))

    async def check_due(self) -> None:
        """Check the gates of every root that is owed a dream, then save what is remembered.

        Roots that still wait to be caught up are skipped.
        """
        await self._follow_zone()
        owed = [
            tracked for tracked in self._roots if tracked.record.due_since and tracked.catch_up_at is None
        ]
        await asyncio.gather(*map(self._queue_if_open, owed))
        await self._roots.save()

    async def _follow_zone(self) -> None:
        zone = await run_in_thread(zone_mark)
        if zone != self._zone:
            self._zone = zone
            self._timetable.renew()

    async def _queue_if_open(self, tracked: TrackedRoot) -> None:
        """Queue the dream that a root is owed if its gates are open.

        If a person has asked for one that is already waiting, move it to the front.
        """
        if self._has_dream(tracked):
            if tracked.is_asked_for and tracked.known.real in self._queue:
                self._queue.submit(tracked.request())
            return
        request = await self._due_request(tracked)
        if request is not None and not self._has_dream(tracked):
            _LOG.info("a dream is due", extra=fields(root=tracked.id, asked_for=tracked.is_asked_for))
            self._queue.submit(request)
        self._on_change()

    async def _due_request(self, tracked: TrackedRoot) -> DreamRequest | None:
        """Return the dream that a root is owed if its gates are open; drop the debt if no dream is wanted any more."""
        await self._roots.count(tracked)
        if tracked.record.due_since is None or self._roots.is_silent(tracked):
            return None
        if tracked.count is None and tracked.known.problem is None:
            return None  # without a count, what changed is unknown
        found = self._roots.verdicts(tracked, self._roots.surroundings())
        if first_shut(found) is None:
            return tracked.request()
        gate = blocking_gate(found)
        if gate is None:
            self._roots.clear_due(tracked)
        else:
            self._roots.record_blocked(tracked, gate)
        return None

    async def recheck(self, request: DreamRequest) -> DreamRequest | None:
        """Return an up-to-date request for a root whose turn has come; None if its gates have shut meanwhile."""
        tracked = self._roots.get(str(request.root))
        now = None if tracked is None else await self._due_request(tracked)
        if now is None:
            _LOG.info("a dream that waited may not begin", extra=fields(root=request.root))
        return now

    def _has_dream(self, tracked: TrackedRoot) -> bool:
        """Whether a dream is waiting, running, or ended with its outcome not recorded yet."""
        return tracked.known.real in self._queue or tracked.known.real in self._recording

    def ended(self, request: DreamRequest, result: DreamResult) -> None:
        """Log how a dream ended, and record it in the background."""
        level = logging.ERROR if result.status.is_failure else logging.INFO
        extra = fields(root=request.root, outcome=result.status, seconds=result.seconds, error=result.error)
        _LOG.log(level, "a dream ended", extra=extra)
        tracked = self._roots.get(str(request.root))
        if tracked is not None:
            is_kept = self._is_still_asked_for(tracked, result)
            if not is_kept:
                tracked.asked_at = None  # a request from now on means another dream
            recording = asyncio.create_task(self._record_outcome(tracked, request, result))
            self._recording[request.root] = recording
            recording.add_done_callback(lambda _: self._outcome_recorded(request.root, at_once=not is_kept))

    def _is_still_asked_for(self, tracked: TrackedRoot, result: DreamResult) -> bool:
        """Whether a person's request is still unmet: the root was in use, and is retried for a while."""
        return (
            result.status.is_in_use
            and tracked.asked_at is not None
            and timedelta(0) <= self._clock.now() - tracked.asked_at < _RETRY_REQUEST_FOR
        )

    async def _record_outcome(self, tracked: TrackedRoot, request: DreamRequest, result: DreamResult) -> None:
        after = await self._roots.counted(tracked)
        ours = await self._roots.still_ours(tracked, result, after)
        self._roots.record_end(self._roots.get(tracked.id) or tracked, request, result, after, ours)
        await self._roots.save()

    def _outcome_recorded(self, root: Path, *, at_once: bool) -> None:
        del self._recording[root]
        tracked = self._roots.get(str(root))
        if tracked is not None and tracked.is_asked_for and at_once:
            self._chores.start("gates", self._queue_if_open(tracked))
        self._on_change()

    async def all_remembered(self) -> None:
        """Wait until the outcome of every ended dream is recorded."""
        await asyncio.gather(*self._recording.values(), return_exceptions=True)
