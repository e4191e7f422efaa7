from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from kairos.config import Schedule
from kairos_service.clock import SystemClock
from kairos_service.recurrence import missed, recurrence
from kairos_service.schedule import RecurrenceTrigger, Timetable
from tests.unit.service.until import until

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
SOON = Schedule(every_hours=0.01, jitter_minutes=0)
YEARLY = Schedule(cron="0 0 1 1 *", timezone="UTC", jitter_minutes=0)


def moments(schedule: Schedule, start: datetime, number: int) -> list[datetime]:
    row, found = recurrence(schedule, "root"), [start]
    for _ in range(number):
        following = row.after(found[-1])
        assert following is not None
        found.append(following)
    return found[1:]


def local(cron: str, start: datetime, number: int, zone: str = "Europe/Berlin") -> list[str]:
    found = moments(Schedule(cron=cron, timezone=zone, jitter_minutes=0), start, number)
    return [f"{moment.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M %z}" for moment in found]


def test_a_skipped_time_comes_once_right_after_the_gap() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    assert local("30 2 * * *", start, 2) == ["Sun 03-29 03:00 +0200", "Mon 03-30 02:30 +0200"]
    assert local("*/30 2,3 * * *", start, 3) == [
        "Sun 03-29 03:00 +0200",
        "Sun 03-29 03:30 +0200",
        "Mon 03-30 02:00 +0200",
    ]


def test_a_repeated_time_comes_once() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    assert local("30 2 * * *", start, 2) == ["Sun 10-25 02:30 +0200", "Mon 10-26 02:30 +0100"]
    again = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # between the two 02:30
    assert local("30 2 * * *", again, 1) == ["Mon 10-26 02:30 +0100"]


def test_a_skipped_day_comes_right_after_it() -> None:
    start = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    assert local("0 12 * * *", start, 2, "Pacific/Apia") == ["Sat 12-31 00:00 +1400", "Sat 12-31 12:00 +1400"]


def test_weekdays_count_from_sunday_and_either_day_suffices() -> None:
    start = datetime(2026, 11, 26, 12, tzinfo=BERLIN)
    assert local("0 3 * * 0", start, 1) == local("0 3 * * 7", start, 1) == ["Sun 11-29 03:00 +0100"]
    assert local("0 3 1 * 0", start, 3) == [
        "Sun 11-29 03:00 +0100",
        "Tue 12-01 03:00 +0100",
        "Sun 12-06 03:00 +0100",
    ]
    assert local("0 0 29 2 *", start, 1) == ["Tue 02-29 00:00 +0100"]


def test_a_schedule_ends_with_the_calendar() -> None:
    end = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert recurrence(Schedule(cron="0 0 * * *", timezone="UTC"), "root").after(end) is None
    assert recurrence(Schedule(every_hours=3), "root").after(end) is None


def test_each_root_has_its_own_part_of_the_jitter_and_keeps_it() -> None:
    schedule = Schedule(cron="0 3 * * *", timezone="UTC", jitter_minutes=10)
    start = datetime(2026, 11, 26, tzinfo=UTC)
    first = [recurrence(schedule, f"root{number}").after(start) for number in range(200)]
    assert first == [recurrence(schedule, f"root{number}").after(start) for number in range(200)]
    minutes = [(moment - start - 3 * HOUR) / timedelta(minutes=1) for moment in first if moment]
    assert 0 <= min(minutes) < 1
    assert 9 < max(minutes) <= 10
    assert len(set(minutes)) > 150
    day = moments(schedule, start, 3)
    assert {later - earlier for earlier, later in pairwise(day)} == {24 * HOUR}


def test_occasions_that_passed_meanwhile_are_missed() -> None:
    schedule = Schedule(cron="30 3 * * *", timezone="UTC", jitter_minutes=0)
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert missed(schedule, "root", now - 9 * HOUR, now)
    assert not missed(schedule, "root", now - 8 * HOUR, now)
    assert missed(schedule, "root", now - 8000 * HOUR, now)
    assert missed(schedule, "root", None, now)
    assert not missed(schedule, "root", now + HOUR, now)  # the clock was set back


# --- the timetable, with APScheduler and a real event loop -----------------------------------------


class Soon:
    """An occasion every 0.2 seconds, which no configuration can express."""

    def after(self, moment: datetime) -> datetime | None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        tick = timedelta(seconds=0.2)
        return start + ((moment - start) // tick + 1) * tick


def in_a_loop(work: Callable[[Timetable], object]) -> None:
    async def run() -> None:
        timetable = Timetable()
        timetable.start()
        try:
            result = work(timetable)
            if asyncio.iscoroutine(result):
                await result
        finally:
            timetable.shutdown()
            await asyncio.sleep(0.01)

    asyncio.run(run())


def test_roots_are_added_changed_and_removed() -> None:
    def work(timetable: Timetable) -> None:
        timetable.set("a", YEARLY, print)
        due = timetable.next_run("a")
        assert due is not None
        assert due > datetime.now(UTC)
        assert (due.month, due.day, due.hour) == (1, 1, 0)
        timetable.set("a", SOON, print)
        assert (timetable.next_run("a") or due) < datetime.now(UTC) + timedelta(seconds=37)
        assert timetable.next_run("b") is None
        timetable.remove("a")
        timetable.remove("a")
        assert timetable.next_run("a") is None

    in_a_loop(work)


def test_roots_can_be_added_before_the_start() -> None:
    async def run() -> None:
        timetable = Timetable()
        timetable.set("a", SOON, print)
        timetable.set("a", YEARLY, print)
        timetable.set("b", YEARLY, print)
        timetable.remove("b")
        timetable.start()
        due = timetable.next_run("a")
        assert due is not None
        assert (due.month, due.day) == (1, 1)
        assert timetable.next_run("b") is None
        timetable.shutdown()
        await asyncio.sleep(0.01)
        timetable.shutdown()

    asyncio.run(run())


def test_the_timetable_keeps_ringing_in_the_loop_even_after_an_error() -> None:
    calls: list[tuple[str, asyncio.AbstractEventLoop]] = []

    def due(root_id: str) -> None:
        calls.append((root_id, asyncio.get_running_loop()))
        if len(calls) == 1:
            raise RuntimeError("the first one fails")

    async def work(timetable: Timetable) -> None:
        timetable.set("a", YEARLY, due)
        began = asyncio.get_running_loop().time()
        timetable._scheduler.reschedule_job("a", trigger=RecurrenceTrigger(Soon(), SystemClock()))
        await until(lambda: len(calls) >= 3)
        assert len(calls) <= (asyncio.get_running_loop().time() - began) / 0.2 + 1
        assert {root for root, _ in calls} == {"a"}
        assert {loop for _, loop in calls} == {asyncio.get_running_loop()}
        timetable.remove("a")
        heard = len(calls)
        await asyncio.sleep(0.3)
        assert len(calls) == heard

    in_a_loop(work)


def test_setting_the_same_schedule_again_delays_nothing() -> None:
    calls: list[str] = []

    async def work(timetable: Timetable) -> None:
        timetable.set("a", YEARLY, calls.append)
        timetable._scheduler.modify_job("a", next_run_time=datetime.now(UTC) - timedelta(days=3))
        timetable.set("a", YEARLY.replaced(), calls.append)
        await until(lambda: bool(calls))
        assert calls == ["a"]

    in_a_loop(work)


def test_a_clock_set_back_delays_nothing() -> None:
    async def work(timetable: Timetable) -> None:
        timetable.set("a", SOON, print)
        due = timetable.next_run("a")
        assert due is not None
        scheduler = timetable._scheduler
        scheduler.modify_job(
            "a", next_run_time=due + timedelta(days=3650)
        )  # as set by a clock ten years ahead
        scheduler.last_seen = datetime.now(UTC) + timedelta(days=3650)
        scheduler.wakeup()
        soon = datetime.now(UTC) + timedelta(seconds=37)
        await until(lambda: (timetable.next_run("a") or due + timedelta(days=1)) < soon)

    in_a_loop(work)


def test_the_clock_is_checked_once_a_minute() -> None:
    async def work(timetable: Timetable) -> None:
        timetable.set("a", YEARLY, print)
        await until(lambda: timetable._scheduler._timeout is not None)
        timer = timetable._scheduler._timeout
        assert 50 < timer.when() - asyncio.get_running_loop().time() <= 60

    in_a_loop(work)


@pytest.mark.parametrize("root_id", ["", "/home/ü/notes", "/odd/\udcff"])
def test_any_path_can_be_a_roots_id(root_id: str) -> None:
    assert recurrence(SOON, root_id).after(datetime(2026, 1, 1, tzinfo=UTC)) is not None


class Fast(SystemClock):
    """A clock that is ten years ahead and runs a thousand times as fast."""

    began = datetime.now(UTC)

    def at(self, system: datetime) -> datetime:
        return self.began + timedelta(days=3650) + (system - self.began) * 1000

    def alarm(self, moment: datetime) -> datetime:
        return self.began - (self.began + timedelta(days=3650) - moment) // 1000  # rounded up


def test_schedules_follow_the_given_clock() -> None:
    calls: list[str] = []

    async def run() -> None:
        clock = Fast()
        timetable = Timetable(clock)
        timetable.start()
        before = clock.at(datetime.now(UTC))
        timetable.set("a", Schedule(cron="* * * * *", timezone="UTC", jitter_minutes=0), calls.append)
        due = timetable.next_run("a")
        assert due is not None
        assert before < due <= clock.at(datetime.now(UTC)) + timedelta(minutes=1)
        assert due.second == 0
        await until(lambda: len(calls) >= 2)
        assert len(calls) <= (clock.at(datetime.now(UTC)) - due) / timedelta(minutes=1) + 1
        timetable.shutdown()
        await asyncio.sleep(0.01)

    asyncio.run(run())
