"""The daemon's rounds over its roots: counting what was written, checking the gates of what is due, queueing dreams."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kairos.control.places import touched_directory
from kairos.control.touches import take_touches
from kairos_service.blocking import blocking_gate
from kairos_service.care import Care
from kairos_service.chores import Chores
from kairos_service.clock import Clock, zone_mark
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.gates import first_shut
from kairos_service.household import Household
from kairos_service.logs import fields
from kairos_service.looks import run_in_thread
from kairos_service.queue import DreamQueue
from kairos_service.recurrence import missed
from kairos_service.roster import KnownRoot
from kairos_service.schedule import Timetable
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
        household: Household,
        watcher: Watcher,
        timetable: Timetable,
        queue: DreamQueue,
        chores: Chores,
        clock: Clock,
        state_dir: Path,
        on_change: Callable[[], None],
    ) -> None:
        self._household = household
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
        """Find out which roots came and went, watch those that are there, and collect what agents left word of.

        With `mend`, also re-establish every watch that may have lost events.
        """
        async with self._looking:
            moves = await self._household.look()
            for root in moves.went:
                self._queue.call_off(root.real)
                self._watcher.unwatch(root.real)
                self._cancel_catch_up(root)
                _LOG.info("a root went", extra=fields(root=root.path, problem=self._problem(root)))
            for lost in await run_in_thread(self._watcher.mend) if mend else ():
                self.touched(lost)
            await run_in_thread(self._watch, moves.came)
            places = {**self._household.places(), touched_directory(self._state_dir): _ANY}
            await run_in_thread(self._watcher.watch_places, places)
            left = await self._collect_touches()
            for care in moves.came:
                self._admit(care)
            self._recover_interrupted()
            for path in left:
                self.touched(path)
            self._update_timetable()
        if moves.came or moves.went:
            self._on_change()

    def _cancel_catch_up(self, root: KnownRoot) -> None:
        care = self._household.get(str(root.real))
        if care is not None:
            care.catch_up_at = None

    def _watch(self, cares: Iterable[Care]) -> None:
        for care in cares:
            self._watcher.watch(care.known.real, care.scope)

    def _problem(self, root: KnownRoot) -> str | None:
        care = self._household.get(str(root.real))
        return None if care is None else care.known.problem

    async def _collect_touches(self) -> tuple[Path, ...]:
        left = await run_in_thread(take_touches, self._state_dir)
        found = await asyncio.gather(*map(self._household.real, left))
        return tuple(root for root in found if root is not None)

    def _admit(self, care: Care) -> None:
        _LOG.info("a root came", extra=fields(root=care.id, layout=care.known.layout))
        self._chores.start("count", self._count(care))
        schedule, record = care.known.configured.schedule, care.record
        if record.due_since or missed(schedule, care.id, record.last_looked, self._clock.now()):
            delay = timedelta(minutes=schedule.catch_up_minutes)
            care.catch_up_at = self._clock.at(datetime.now(UTC) + delay)
            asyncio.get_running_loop().call_later(delay.total_seconds(), self._catch_up, care.id)

    def _catch_up(self, root_id: str) -> None:
        care = self._household.get(root_id)
        if care is not None and care.catch_up_at is not None:  # else its schedule came round meanwhile
            self.on_due(root_id)

    def _recover_interrupted(self) -> None:
        """Ask for a dream over every root that a crash left half done, since each dream begins by recovering that.

        Roots that are paused, have a problem, or failed their last dream are left alone.
        """
        for care in self._household:
            if care.is_interrupted and not care.is_asked_for and not care.record.failures:
                paused = self._household.ledger.paused(care.id, self._clock.now())
                if care.known.problem is None and paused is None and not self._has_dream(care):
                    _LOG.warning("a crash left something half done", extra=fields(root=care.id))
                    self.ask_for(care.id)

    def _update_timetable(self) -> None:
        there = {care.id: care for care in self._household if care.known.is_enabled}
        for root_id in self._timetable.roots - set(there):
            self._timetable.remove(root_id)
        for root_id, care in there.items():
            self._timetable.set(root_id, care.known.configured.schedule, self.on_due)

    # --- what was written ---

    def touched(self, root: Path) -> None:
        """Record a write. Once the root is quiet, its notes are counted."""
        care = self._household.get(str(root))
        if care is None:
            return
        was_clean = care.dirty_since is None
        care.touched(self._clock.monotonic(), self._clock.now())
        if care.id not in self._timers:
            self._start_settle_timer(care)
        if was_clean:
            self._on_change()

    def _start_settle_timer(self, care: Care) -> None:
        watch = self._household.config.daemon.watch
        at = care.write_burst.settles_at(watch.quiet_seconds, watch.at_most_seconds)
        if at is not None:
            delay = max(0.0, at - self._clock.monotonic())
            loop = asyncio.get_running_loop()
            self._timers[care.id] = loop.call_later(delay, self._on_settle_timer, care.id)

    def _on_settle_timer(self, root_id: str) -> None:
        self._timers.pop(root_id, None)
        care = self._household.get(root_id)
        if care is None:
            return
        watch = self._household.config.daemon.watch
        if not care.write_burst.is_settled(
            self._clock.monotonic(), watch.quiet_seconds, watch.at_most_seconds
        ):
            self._start_settle_timer(care)
            return
        care.write_burst = NO_WRITES
        self._chores.start("count", self._count(care))

    async def _count(self, care: Care) -> None:
        await self._household.count(care)
        self._on_change()

    async def reconcile(self) -> None:
        """Look at the roster and recount every root, whatever the events said."""
        await self.look(mend=True)
        await asyncio.gather(*map(self._household.count, self._household))
        self._on_change()

    # --- what is due ---

    def on_due(self, root_id: str) -> None:
        """Record that a root's time has come, and check its gates."""
        care = self._household.get(root_id)
        if care is not None:
            care.catch_up_at = None
            self._household.record_due(care)
            self._chores.start("gates", self._queue_if_open(care))

    def ask_for(self, root_id: str | None) -> tuple[str, ...]:
        """Ask for a dream now, over one root or (None) all healthy ones. Returns the ids of those meant."""
        cares = [care for care in self._household if care.id == root_id or root_id is None]
        cares = [care for care in cares if care.known.problem is None]
        for care in cares:
            care.asked_at = self._clock.now()
            self.on_due(care.id)
        return tuple(care.id for care in cares)

    def call_off(self, root_id: str | None) -> None:
        """Cancel waiting dreams, of one root or (None) of all, even if a person asked for them; running ones go on."""
        for care in self._household:
            if root_id in (care.id, None):
                care.asked_at = None
        self._queue.call_off(None if root_id is None else Path(root_id))

    async def check_due(self) -> None:
        """Check the gates of every root that is owed a dream, then save what is remembered.

        Roots that still wait to be caught up are skipped.
        """
        await self._follow_zone()
        owed = [care for care in self._household if care.record.due_since and care.catch_up_at is None]
        await asyncio.gather(*map(self._queue_if_open, owed))
        await self._household.save()

    async def _follow_zone(self) -> None:
        zone = await run_in_thread(zone_mark)
        if zone != self._zone:
            self._zone = zone
            self._timetable.renew()

    async def _queue_if_open(self, care: Care) -> None:
        """Queue the dream that a root is owed if its gates are open.

        If a person has asked for one that is already waiting, move it to the front.
        """
        if self._has_dream(care):
            if care.is_asked_for and care.known.real in self._queue:
                self._queue.submit(care.request())
            return
        request = await self._due_request(care)
        if request is not None and not self._has_dream(care):
            _LOG.info("a dream is due", extra=fields(root=care.id, asked_for=care.is_asked_for))
            self._queue.submit(request)
        self._on_change()

    async def _due_request(self, care: Care) -> DreamRequest | None:
        """Return the dream that a root is owed if its gates are open; drop the debt if no dream is wanted any more."""
        await self._household.count(care)
        if care.record.due_since is None or self._household.is_silent(care):
            return None
        if care.count is None and care.known.problem is None:
            return None  # without a count, what changed is unknown
        found = self._household.verdicts(care, self._household.surroundings())
        if first_shut(found) is None:
            return care.request()
        gate = blocking_gate(found)
        if gate is None:
            self._household.clear_due(care)
        else:
            self._household.record_blocked(care, gate)
        return None

    async def recheck(self, request: DreamRequest) -> DreamRequest | None:
        """Return an up-to-date request for a root whose turn has come; None if its gates have shut meanwhile."""
        care = self._household.get(str(request.root))
        now = None if care is None else await self._due_request(care)
        if now is None:
            _LOG.info("a dream that waited may not begin", extra=fields(root=request.root))
        return now

    def _has_dream(self, care: Care) -> bool:
        """Whether a dream is waiting, running, or ended with its outcome not recorded yet."""
        return care.known.real in self._queue or care.known.real in self._recording

    def ended(self, request: DreamRequest, result: DreamResult) -> None:
        """Log how a dream ended, and record it in the background."""
        level = logging.ERROR if result.status.is_failure else logging.INFO
        extra = fields(root=request.root, outcome=result.status, seconds=result.seconds, error=result.error)
        _LOG.log(level, "a dream ended", extra=extra)
        care = self._household.get(str(request.root))
        if care is not None:
            is_kept = self._is_still_asked_for(care, result)
            if not is_kept:
                care.asked_at = None  # a request from now on means another dream
            recording = asyncio.create_task(self._record_outcome(care, request, result))
            self._recording[request.root] = recording
            recording.add_done_callback(lambda _: self._outcome_recorded(request.root, at_once=not is_kept))

    def _is_still_asked_for(self, care: Care, result: DreamResult) -> bool:
        """Whether a person's request is still unmet: the root was in use, and is retried for a while."""
        return (
            result.status.is_in_use
            and care.asked_at is not None
            and timedelta(0) <= self._clock.now() - care.asked_at < _RETRY_REQUEST_FOR
        )

    async def _record_outcome(self, care: Care, request: DreamRequest, result: DreamResult) -> None:
        after = await self._household.counted(care)
        ours = await self._household.still_ours(care, result, after)
        self._household.record_end(self._household.get(care.id) or care, request, result, after, ours)
        await self._household.save()

    def _outcome_recorded(self, root: Path, *, at_once: bool) -> None:
        del self._recording[root]
        care = self._household.get(str(root))
        if care is not None and care.is_asked_for and at_once:
            self._chores.start("gates", self._queue_if_open(care))
        self._on_change()

    async def all_remembered(self) -> None:
        """Wait until the outcome of every ended dream is recorded."""
        await asyncio.gather(*self._recording.values(), return_exceptions=True)
