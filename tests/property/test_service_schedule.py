"""Schedules in many time zones and years, checked against a walk over every minute of the same days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.config import Schedule
from kairos.config.cron import parse_cron
from kairos_service.clock import SystemClock
from kairos_service.recurrence import missed, moment_of, recurrence
from kairos_service.schedule import RecurrenceTrigger

# Among them: half an hour of summer time, a skipped day, a repeated day, changes at midnight, none, and odd offsets.
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu",
    "Africa/Casablanca", "America/Santiago", "Asia/Beirut", "Pacific/Kwajalein", "UTC",
)  # fmt: skip
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
YEARS = st.integers(1975, 2036)

NUMBERS = st.integers(0, 59)
CRONS = st.builds(
    lambda minute, hour, day, month, weekday: f"{minute} {hour} {day} {month} {weekday}",
    st.sampled_from(["0", "30", "*/20", "59", "1,2", "*"]),
    st.sampled_from(["*", "0", "2", "1-3", "*/6", "23"]),
    st.sampled_from(["*", "1", "31", "*/2", "15-20"]),
    st.sampled_from(["*", "3", "10-12", "*/2"]),
    st.sampled_from(["*", "0", "7", "1-5", "5-7", "*/2"]),
)


@cache
def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The hours of a year, in UTC, at which the zone's offset changes."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=number) for number in range(366 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[i] for i in range(1, len(hours)) if offsets[i] != offsets[i - 1]]


def matches(cron: str, wall: datetime) -> bool:
    """Whether a cron expression matches a local time; the matching is independent of the code under test."""
    found = parse_cron(cron)
    on_day = wall.day in found.days
    on_weekday = (wall.weekday() + 1) % 7 in found.weekdays
    right_day = on_day or on_weekday if found.either_day else on_day and on_weekday
    return (
        right_day and wall.month in found.months and wall.hour in found.hours and wall.minute in found.minutes
    )


def by_walking(cron: str, zone: ZoneInfo, start: datetime, end: datetime) -> set[datetime]:
    """Every moment in `[start, end)` at which a local wall clock shows a matching time for the first time, or has just
    jumped over one."""
    found = set()
    moment, shown = start, start.astimezone(zone).replace(tzinfo=None) - MINUTE
    while moment < end:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        passed = max(0, (wall - shown) // MINUTE)
        if any(matches(cron, shown + (number + 1) * MINUTE) for number in range(passed)):
            found.add(moment)
        shown = max(shown, wall)
        moment += MINUTE
    return found


@settings(max_examples=40, deadline=None)
@given(cron=CRONS, zone=st.sampled_from(ZONES), year=YEARS, choice=st.integers(0, 7))
def test_around_every_change_of_clocks_each_local_time_comes_once(
    cron: str, zone: str, year: int, choice: int
) -> None:
    info = ZoneInfo(zone)
    around = changes(info, year) or [datetime(year, 6, 1, tzinfo=UTC)]
    start, end = (
        around[choice % len(around)] - timedelta(hours=5),
        around[choice % len(around)] + timedelta(hours=30),
    )
    row = recurrence(Schedule(cron=cron, timezone=zone, jitter_minutes=0), "root")
    found, moment = set(), start - MINUTE
    while (moment := row.after(moment) or end) < end:
        found.add(moment)
    # The walk knows nothing of what came before its start, such as a repeated hour that is already under way.
    assert found == by_walking(cron, info, start, end)


@settings(max_examples=200, deadline=None)
@given(
    cron=CRONS,
    zone=st.sampled_from(ZONES),
    moment=MOMENTS,
    jitter=st.integers(0, 90),
    root=st.text(max_size=5),
)
def test_the_next_time_is_later_and_nothing_lies_between(
    cron: str, zone: str, moment: datetime, jitter: int, root: str
) -> None:
    schedule = Schedule(cron=cron, timezone=zone, jitter_minutes=jitter)
    row = recurrence(schedule, root)
    following = row.after(moment)
    assert following is not None
    assert following > moment
    assert row.after(following - timedelta(microseconds=1)) == following
    assert row.after(moment + (following - moment) / 2) == following
    assert missed(schedule, root, moment, following)
    assert not missed(schedule, root, moment, following - timedelta(microseconds=1))
    without = recurrence(schedule.replaced(jitter_minutes=0), root)
    delay = following - (without.after(following - jitter * MINUTE - timedelta(microseconds=1)) or following)
    assert timedelta(0) <= delay <= jitter * MINUTE


@settings(max_examples=200, deadline=None)
@given(hours=st.floats(0.01, 100), moment=MOMENTS, jitter=st.integers(0, 90), root=st.text(max_size=5))
def test_intervals_do_not_drift(hours: float, moment: datetime, jitter: int, root: str) -> None:
    schedule = Schedule(every_hours=hours, jitter_minutes=jitter)
    first = recurrence(schedule, root).after(moment)
    assert first is not None
    assert timedelta(0) < first - moment <= timedelta(hours=hours)
    second = recurrence(schedule, root).after(first)
    assert second is not None
    assert second - first == timedelta(hours=hours)
    assert recurrence(schedule, root).after(moment + (first - moment) / 2) == first


@settings(max_examples=200, deadline=None)
@given(zone=st.sampled_from(ZONES), wall=st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001
def test_every_local_time_has_one_moment(zone: str, wall: datetime) -> None:
    info = ZoneInfo(zone)
    wall = wall.replace(microsecond=0)
    moment = moment_of(wall, info)
    shown = moment.astimezone(info).replace(tzinfo=None)
    before = (moment - timedelta(seconds=1)).astimezone(info).replace(tzinfo=None)
    assert shown == wall or before < wall < shown
    assert moment_of(wall + timedelta(seconds=1), info) >= moment


@settings(max_examples=100, deadline=None)
@given(zone=st.sampled_from(ZONES), now=MOMENTS, asleep=st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_after_any_sleep_only_the_next_time_fires(zone: str, now: datetime, asleep: timedelta) -> None:
    trigger = RecurrenceTrigger(recurrence(Schedule(cron="* * * * *", timezone=zone), "root"), SystemClock())
    following = trigger.get_next_fire_time(now - asleep, now)
    assert following is not None
    assert now < following <= now + timedelta(days=1, hours=1)
