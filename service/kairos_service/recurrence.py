"""When a schedule comes round: pure functions of the schedule and a moment. All moments are aware, results are in UTC.

A local time that a clock change skips comes once, right after the change; one that it repeats comes once, the first
time. Intervals are counted from 1970, so that a restart does not delay them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from kairos.config import Schedule
from kairos.config.cron import Cron, parse_cron
from kairos_service.clock import local_zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_WEEKDAYS = "sun mon tue wed thu fri sat".split()


class Recurrence(Protocol):
    """A series of moments that never ends, or ends in the year 9999."""

    def after(self, moment: datetime) -> datetime | None:
        """Return the first moment of the series after `moment`."""


def recurrence(schedule: Schedule, root_id: str) -> Recurrence:
    """Return when `schedule` comes round for one root, including that root's fixed share of the jitter."""
    share = int.from_bytes(hashlib.sha256(root_id.encode(errors="surrogateescape")).digest()[:8]) / 2**64
    delay = timedelta(seconds=int(share * schedule.jitter_minutes * 60))
    if schedule.every_hours is not None:
        return _Every(timedelta(hours=schedule.every_hours), delay)
    zone = ZoneInfo(schedule.timezone) if schedule.timezone else local_zone()
    return _Crontab(_triggers(parse_cron(schedule.cron or "")), zone, delay)


def missed(schedule: Schedule, root_id: str, last_looked: datetime | None, now: datetime) -> bool:
    """Whether `schedule` came round since a root was last looked at; always true for one that never was."""
    if last_looked is None:
        return True
    due = recurrence(schedule, root_id).after(last_looked)
    return due is not None and due <= now


@dataclass(frozen=True, slots=True)
class _Every:
    interval: timedelta
    delay: timedelta

    def after(self, moment: datetime) -> datetime | None:
        start = _EPOCH + self.delay
        try:
            return start + ((moment - start) // self.interval + 1) * self.interval
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class _Crontab:
    """Steps through local times as if clocks never changed, and maps each to its one moment."""

    triggers: tuple[CronTrigger, ...]
    zone: tzinfo
    delay: timedelta

    def after(self, moment: datetime) -> datetime | None:
        earlier = moment.astimezone(UTC) - self.delay
        wall = earlier.astimezone(self.zone).replace(tzinfo=None)
        while (following := self._next(wall)) is not None:
            found = moment_of(following, self.zone)
            if found > earlier:
                return found + self.delay
            wall = following + _TICK  # not later: `moment` itself, or the second pass of a repeated hour
        return None

    def _next(self, wall: datetime) -> datetime | None:
        """Return the first local time from `wall` on at which a trigger fires."""
        start = wall.replace(tzinfo=UTC)
        found = [trigger.get_next_fire_time(None, start) for trigger in self.triggers]
        return min((one.replace(tzinfo=None) for one in found if one is not None), default=None)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, of a naive local time: the first of a repeated one; the end of the gap if skipped."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # A time in the gap, read with the offsets before and after the change, falls on either side of it: bisect.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        before, after = (before, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, after)
    return after


def _triggers(cron: Cron) -> tuple[CronTrigger, ...]:
    """Return triggers for the local times of `cron`: two, if matching either the day or the weekday suffices."""
    days, weekdays = _listed(cron.days), ",".join(_WEEKDAYS[day] for day in cron.weekdays)
    times = {"month": _listed(cron.months), "hour": _listed(cron.hours), "minute": _listed(cron.minutes)}
    if cron.either_day:
        return (_trigger(day=days, **times), _trigger(day_of_week=weekdays, **times))
    return (_trigger(day=days, day_of_week=weekdays, **times),)


def _trigger(**fields: str) -> CronTrigger:
    return CronTrigger(**fields, second="0", timezone=UTC)


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
