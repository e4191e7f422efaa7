"""The timetable: APScheduler calls back when a root's schedule comes round.

Nothing is stored on disk: the jobs follow from the configuration, and the ledger has when each root was last looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from kairos.config import Schedule
from kairos_service.clock import Clock, SystemClock
from kairos_service.recurrence import Recurrence, recurrence

Due = Callable[[str], None]
"""Called in the event loop with the root's id; it must not block."""

_LONGEST_SLEEP = 60.0  # seconds: timers stop during suspend and clocks get set, so check the time regularly
_SET_BACK = timedelta(hours=1)
_TICK = timedelta(microseconds=1)


class Timetable:
    """Calls back when a root is due. Created, used and shut down in the thread of the event loop.

    A schedule that came round several times meanwhile (during suspend, say) calls back once. Schedules follow `clock`;
    APScheduler itself waits by the system's clock.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._scheduler = _Scheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._entries: dict[str, tuple[Schedule, Due]] = {}

    def start(self) -> None:
        """Start calling back; an event loop must be running."""
        self._scheduler.start()

    def set(self, root_id: str, schedule: Schedule, due: Due) -> None:
        """Add a root or change its schedule; setting the same one again has no effect."""
        if self._entries.get(root_id) == (schedule, due):
            return  # replacing the job would skip an occasion that is due at this very moment
        self.remove(root_id)
        self._scheduler.add_job(
            _call_back,
            RecurrenceTrigger(recurrence(schedule, root_id), self._clock),
            args=(due, root_id),
            id=root_id,
            name=root_id,
        )
        self._entries[root_id] = (schedule, due)

    def renew(self) -> None:
        """Recompute all schedules, because the machine's time zone changed."""
        for root_id, (schedule, due) in tuple(self._entries.items()):
            self.remove(root_id)
            self.set(root_id, schedule, due)

    def remove(self, root_id: str) -> None:
        """Remove a root, if present."""
        if self._entries.pop(root_id, None) is not None and self._scheduler.get_job(root_id):
            self._scheduler.remove_job(root_id)

    @property
    def roots(self) -> frozenset[str]:
        """The ids of all roots in the timetable."""
        return frozenset(self._entries)

    def next_run(self, root_id: str) -> datetime | None:
        """Return when a root is due next; None if it is not in the timetable, or that is not started yet."""
        job = self._scheduler.get_job(root_id)
        found: datetime | None = getattr(job, "next_run_time", None)
        return None if found is None else self._clock.at(found)

    def shutdown(self) -> None:
        """Stop calling back; callbacks already in progress go on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


class RecurrenceTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Tells APScheduler the next moment. It skips the past, however much time has gone by."""

    def __init__(self, series: Recurrence, clock: Clock) -> None:
        self._series = series
        self._clock = clock

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next moment: from `now` on for a new job, else after both `now` and the previous one."""
        if previous_fire_time is None:
            found = self._series.after(self._clock.at(now) - _TICK)
        else:
            found = self._series.after(self._clock.at(max(previous_fire_time, now)))
        return None if found is None else self._clock.alarm(found)


async def _call_back(due: Due, root_id: str) -> None:
    """Call back in the event loop: APScheduler would run a plain function in a thread."""
    due(root_id)


class _Scheduler(AsyncIOScheduler):  # type: ignore[misc] # APScheduler has no types
    """Checks the clock at least once a minute, and recomputes all jobs if it was set back by more than an hour."""

    last_seen = datetime.min.replace(tzinfo=UTC)

    def _start_timer(self, wait_seconds: float | None) -> None:
        super()._start_timer(None if wait_seconds is None else min(wait_seconds, _LONGEST_SLEEP))

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        if now + _SET_BACK < self.last_seen:
            for job in self.get_jobs():
                job.modify(next_run_time=job.trigger.get_next_fire_time(None, now))
        self.last_seen = now
        wait: float | None = super()._process_jobs()
        return wait
