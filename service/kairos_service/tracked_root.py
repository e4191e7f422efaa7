"""One root that the daemon looks after: what is known about it right now, and what follows from that."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from kairos.config import Backoff
from kairos.control.ledger import RootRecord
from kairos.control.status import GateStatus, WatchStatus
from kairos_service.census import EMPTY, Census, Difference, after_dream, difference
from kairos_service.dreams import DreamRequest, DreamResult
from kairos_service.gates import GateFacts, GateVerdict, verdicts
from kairos_service.machine import Power
from kairos_service.roster import KnownRoot
from kairos_service.scope import Scope
from kairos_service.sight import NO_ACTIVITY, Activity
from kairos_service.watcher import WatchHealth
from kairos_service.write_burst import NO_WRITES, WriteBurst


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The conditions that hold for all roots at one moment."""

    now: datetime
    backoff: Backoff
    load_per_core: float | None
    power: Power


@dataclass
class TrackedRoot:
    """A root and what is remembered about it. Lives in the event loop and is changed only there.

    `count` is the latest census, and `activity` what the same look saw around the notes. `dreamt` is the last dream
    that the state knows of, `catch_up_at` when a missed dream is caught up, and `asked_at` when a person asked for a
    dream that has not come yet. `is_interrupted`: a crash left a transaction half done.
    """

    known: KnownRoot
    scope: Scope
    record: RootRecord
    count: Census | None = None
    activity: Activity = NO_ACTIVITY
    dreamt: datetime | None = None
    write_burst: WriteBurst = NO_WRITES
    dirty_since: datetime | None = None
    last_event: datetime | None = None
    last_try: datetime | None = None
    catch_up_at: datetime | None = None
    counting: asyncio.Future[None] | None = None
    asked_at: datetime | None = None
    is_interrupted: bool = False
    is_warned_of: bool = False

    @property
    def id(self) -> str:
        """The root's real path: its key in the ledger, the timetable and the status."""
        return str(self.known.real)

    @property
    def is_asked_for(self) -> bool:
        """Whether a person asked for a dream that has not come yet."""
        return self.asked_at is not None

    @cached_property
    def baseline(self) -> Census:
        """The census after the root's last dream; empty if unknown."""
        return Census.from_json(self.record.census) or EMPTY

    def remember(self, record: RootRecord) -> None:
        """Replace the record, and drop what was derived from the old one."""
        if record.census != self.record.census:
            self._forget("baseline", "changed")
        self.record = record

    def forget_count(self) -> None:
        """Drop the count: another directory has taken the root's path, so it must be counted again first."""
        self.count = None
        self._forget("changed")

    def _forget(self, *names: str) -> None:
        for name in names:
            self.__dict__.pop(name, None)

    @property
    def last_success(self) -> datetime | None:
        """When a dream last succeeded, whoever started it."""
        return max((at for at in (self.record.last_success, self.dreamt) if at), default=None)

    @cached_property
    def changed(self) -> Difference:
        """What changed since the last dream, as of the latest count. Cached: every status request asks all roots."""
        return difference(self.baseline, self.count or self.baseline)

    def take_count(self, count: Census, now: datetime) -> None:
        """Record a count. If it equals the one after the last dream, nobody but Kairos has written."""
        self.count = count
        self._forget("changed")
        if count == self.baseline:
            self.count = self.baseline  # share one object: a root may have a great many notes
        if not self.changed:
            self.dirty_since = None
        elif self.dirty_since is None:
            self.dirty_since = now

    def learn(self, baseline: Census) -> None:
        """Replace the count to compare with: the difference turned out to be no change."""
        self.remember(replace(self.record, census=baseline.to_json()))
        self.baseline = baseline

    def touched(self, at: float, now: datetime) -> None:
        """Record a write at the monotonic time `at`."""
        self.write_burst = self.write_burst.touched(at)
        self.dirty_since = self.dirty_since or now
        self.last_event = now

    def verdicts(self, around: Surroundings, paused_until: datetime | None) -> tuple[GateVerdict, ...]:
        """Return the verdict of every gate: why a dream may start now, or why not."""
        facts = self._facts(around, paused_until)
        return verdicts(facts, self.known.configured.gates, around.backoff, around.now)

    def _facts(self, around: Surroundings, paused_until: datetime | None) -> GateFacts:
        changed, sessions = self.changed, self.activity.transcripts
        return GateFacts(
            problem=self.known.fault,
            enabled=self.known.is_enabled,
            paused_until=paused_until,
            has_dreamt=self.last_success is not None,
            last_success=self.last_success,
            last_failure=self.record.last_failure,
            failures=self.record.failures,
            changed_entries=changed.estimated_entries,
            changed_bytes=changed.changed_bytes,
            last_write_age_s=_age(self._last_write(around.now), around.now),
            transcript_growth_age_s=_age(sessions.newest_growth, around.now),
            sessions_since=None if sessions.newest_growth is None else sessions.sessions,
            lock_holder=self.activity.lock_holder if self.known.problem is None else None,
            load_per_core=around.load_per_core,
            on_battery=around.power.on_battery,
            battery_percent=around.power.percent,
            asked_for=self.is_asked_for,
        )

    def _last_write(self, now: datetime) -> datetime | None:
        """When a note was last written, by its mtime or by the last event: files that are synced in keep old mtimes."""
        times = ((self.count or EMPTY).latest_write(now), self.last_event)
        return max((time for time in times if time is not None), default=None)

    def request(self) -> DreamRequest:
        """Return the request for a dream, as of the latest count."""
        return DreamRequest(
            self.known.real,
            first=self.last_success is None,
            asked_for=self.is_asked_for,
            owed_since=max((at for at in (self.record.due_since, self.last_try) if at), default=None),
            before=self.count,
        )

    def end(
        self,
        request: DreamRequest,
        result: DreamResult,
        after: Census | None,
        now: datetime,
        *,
        ours: Collection[str] = (),
    ) -> None:
        """Record how a dream ended. A root that was in use stays due, so that it is tried again.

        `ours` are the paths that are still exactly as the dream left them. The dream may have begun before this object
        existed, since a root can vanish and return during its dream.
        """
        self.last_try = now
        counted: Census | None = None
        record = replace(self.record, last_looked=now)
        if result.status.is_failure:
            failures = record.failures + 1
            record = replace(
                record, last_failure=now, failures=failures, last_error=result.error, tail=result.tail
            )
        elif result.status.is_success:
            record = replace(record, last_success=now, failures=0, last_error=None, tail=())
            due_since = record.due_since if self.is_asked_for else None  # asked for again since it ended
            record = replace(record, due_since=due_since, kept_by=None, kept_since=None)
            self.activity = self.activity.after_dream()
            if after is not None:
                counted = after_dream(request.before or EMPTY, after, ours).without(result.left)
                record = replace(record, census=counted.to_json())
        else:
            record = replace(record, last_error=result.error)
        self.remember(record)
        if counted is not None:
            self.baseline = counted
            self._forget("changed")
        if after is not None:
            self.dirty_since = self.last_event = None
            self.take_count(after, now)


def gate_statuses(found: Iterable[GateVerdict]) -> tuple[GateStatus, ...]:
    """Convert verdicts to the form of the status."""
    return tuple(GateStatus(one.name, one.is_open, one.value, one.until) for one in found)


def watch_status(health: WatchHealth) -> WatchStatus:
    """Convert how a root is watched to the form of the status."""
    return WatchStatus(health.mode, health.problem)


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (now - moment).total_seconds()
