"""The rounds over real roots with a real state and real processes; only the dreams are fake."""

from __future__ import annotations

import asyncio
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kairos.config import parse_config
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos_service.clock import SystemClock, local_zone
from kairos_service.dreams import DreamResult, DreamStatus
from tests.unit.service.house import CONFIG, House, run, started, write
from tests.unit.service.until import until

WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from kairos.model import FileChange
from kairos.store.disk import Disk
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store

class Slow(Disk):
    def exchange(self, first, second, *, dir_fd):
        print("in the midst", flush=True)
        input()
        super().exchange(first, second, dir_fd=dir_fd)

root = Path(sys.argv[2])
change = FileChange("a.md", (root / "a.md").read_bytes(), b"- Something else.\\n")
with Store(Path(sys.argv[1]), Slow()) as store:
    store.apply(root, [change], kind=TransactionKind.DREAM, at=datetime.now(UTC))
"""


def test_a_waiting_root_that_may_no_longer_dream_goes_back_with_the_reason(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        a, b, c = (house.root(name) for name in "abc")
        await house.rounds.look()
        for waiting, root in enumerate((a, b, c)):
            house.rounds.on_due(str(root))
            await until(lambda: len(house.queue.running) + len(house.queue.waiting) == waiting + 1)  # noqa: B023
        write(b / "a.md", "- Somebody writes.\n")
        await house.end(a)
        await until(lambda: house.names == ["a", "c"])
        assert house.queue.waiting == ()
        standing = house.tracked(b).record
        assert standing.due_since is not None
        assert standing.kept_by == "quiet"
        write(b / "a.md", "- Somebody wrote.\n", age=3600)
        await house.end(c)
        await house.rounds.check_due()
        await until(lambda: house.names == ["a", "c", "b"])

    run(tmp_path, story, CONFIG.replace("quiet_minutes: 0", "quiet_minutes: 5"))


def test_changes_before_a_waiting_dream_starts_belong_to_it(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        a, b = house.root("a"), house.root("b")
        await house.rounds.look()
        house.rounds.on_due(str(a))
        await until(lambda: house.names == ["a"])
        house.rounds.on_due(str(b))
        await until(lambda: len(house.queue.waiting) == 1)
        write(b / "late.md", "- Written while it waited.\n")
        await house.end(a)
        await until(lambda: house.names == ["a", "b"])
        await house.end(b)
        assert not house.tracked(b).changed

    run(tmp_path, story)


def test_a_requested_root_overtakes_others_even_if_already_waiting(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        roots = {name: house.root(name) for name in "abcd"}
        await house.rounds.look()
        house.rounds.on_due(str(roots["a"]))
        await until(lambda: house.names == ["a"])
        for name in "bcd":
            house.rounds.on_due(str(roots[name]))
        await until(lambda: len(house.queue.waiting) == 3)
        house.rounds.ask_for(str(roots["d"]))
        await until(lambda: house.queue.waiting[0].root.name == "d")
        assert [request.asked_for for request in house.queue.waiting] == [True, False, False]
        house.rounds.ask_for(None)  # as with SIGUSR1: the other roots are asked for as well, in their order
        await until(lambda: all(request.asked_for for request in house.queue.waiting))
        for name in house.endings | roots:
            house.endings[name].set()
        await until(lambda: len(house.begun) == 4)
        assert house.names[0] == "a"

    run(tmp_path, story)


def test_a_request_after_the_end_of_a_dream_gets_another_one(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        house.rounds.on_due(str(root))
        await until(lambda: house.names == ["a"])
        house.rounds.ask_for(str(root))  # served by the dream in progress
        house.endings["a"].set()
        await until(lambda: not house.queue.running)
        house.rounds.ask_for(str(root))  # its result is still being processed
        await until(lambda: house.names == ["a", "a"])
        await house.end(root)
        await house.rounds.check_due()
        assert house.names == ["a", "a"]

    run(tmp_path, story)


@pytest.mark.parametrize("status", [DreamStatus.CHANGED, DreamStatus.LOCKED])
def test_a_requested_dream_that_failed_is_tried_again(tmp_path: Path, status: DreamStatus) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        house.rounds.ask_for(str(root))
        await until(lambda: house.names == ["a"])
        write(root / "b.md", "- An agent writes.\n")
        house.result = DreamResult(status, 1.0)
        await house.end(root)
        await asyncio.sleep(0)
        assert house.names == ["a"]  # not at once, because an agent is writing
        house.result = DreamResult(DreamStatus.DONE, 1.0)
        await house.rounds.check_due()
        await until(lambda: house.names == ["a", "a"])
        assert house.begun[1].asked_for
        await house.end(root)
        assert not house.tracked(root).is_asked_for

    run(tmp_path, story, CONFIG.replace("quiet_minutes: 0", "quiet_minutes: 5"))


def test_a_requested_dream_is_not_retried_for_ever_nor_during_a_pause(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        long_ago, paused = house.root("a"), house.root("b")
        house.endings["a"].set()
        house.endings["b"].set()
        house.result = DreamResult(DreamStatus.CHANGED, 1.0)
        await house.rounds.look()
        for root in (long_ago, paused):
            house.rounds.ask_for(str(root))
        house.tracked(long_ago).asked_at = datetime.now(UTC) - timedelta(hours=1)
        await until(lambda: sorted(house.names) == ["a", "b"])
        await until(lambda: not house.queue.running)
        await house.rounds.all_remembered()
        assert [house.tracked(root).is_asked_for for root in (long_ago, paused)] == [False, True]
        house.tracked_roots.pause(None, datetime.now(UTC) + timedelta(hours=1))
        house.rounds.call_off(None)
        await house.rounds.check_due()
        assert len(house.begun) == 2

    run(tmp_path, story)


def test_foreign_writes_during_a_dream_count_even_if_the_root_went_and_came(
    tmp_path: Path,
) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        house.rounds.on_due(str(root))
        await until(lambda: house.names == ["a"])
        tracked = house.tracked(root)
        house.tracked_roots.configure(parse_config("roots: []\n", "none"))
        await house.rounds.look()
        house.tracked_roots.configure(parse_config(CONFIG, "test"))
        await house.rounds.look()
        assert house.tracked(root) is not tracked
        write(root / "theirs.md", "- Written while Kairos dreamt.\n")
        await house.end(root)
        assert house.tracked(root).changed.changed_files == 1

    run(tmp_path, story)


@pytest.mark.parametrize("addition", ["", "- Somebody else's.\n"])
def test_foreign_writes_to_a_file_that_the_dream_wrote_count(tmp_path: Path, addition: str) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        write(root / "b.md", "- Coffee is not.\n", age=3600)
        await house.rounds.look()
        house.rounds.on_due(str(root))
        await until(lambda: house.names == ["a"])
        dreamt(house, root, FileChange("a.md", b"- Tea is free.\n", b"- All is free.\n"))
        with (root / "a.md").open("a", encoding="utf-8") as note:
            note.write(addition)
        house.result = DreamResult(DreamStatus.DONE, 1.0, value={"written": ["a.md"], "removed": []})
        await house.end(root)
        assert house.tracked(root).changed.changed_files == (1 if addition else 0)

    run(tmp_path, story)


def dreamt(house: House, root: Path, change: FileChange) -> None:
    """Change a root and the state as a dream would."""
    now = datetime.now(UTC)
    with closing(Store(house.state_dir)) as store:
        store.state.remember_root(root)
        receipt = store.apply(root, [change], kind=TransactionKind.DREAM, at=now)
        store.state.record_dream(
            root, at=now, today=now.date(), outcome="applied", transaction=receipt.transaction
        )


def test_files_that_a_dream_left_alone_count_as_changed(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        house.rounds.on_due(str(root))
        await until(lambda: house.names == ["a"])
        house.result = DreamResult(DreamStatus.PARTIAL, 1.0, value={"written": [], "left": ["a.md"]})
        await house.end(root)
        assert house.tracked(root).changed.changed_files == 1
        house.rounds.on_due(str(root))
        await until(lambda: house.names == ["a", "a"])

    run(tmp_path, story)


def test_a_reload_cancels_waiting_dreams_only_if_the_scope_changes(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        a, b = house.root("a"), house.root("b")
        await house.rounds.look()
        house.rounds.on_due(str(a))
        await until(lambda: house.names == ["a"])
        house.rounds.on_due(str(b))
        await until(lambda: len(house.queue.waiting) == 1)
        house.tracked_roots.configure(parse_config(CONFIG + "ignore: []\n", "test"))
        await house.rounds.look()
        assert [request.root for request in house.queue.waiting] == [b]
        house.tracked_roots.configure(parse_config(CONFIG + "ignore: [drafts]\n", "test"))
        await house.rounds.look()
        assert house.queue.waiting == ()  # the waiting dream would see other notes than were counted

    run(tmp_path, story)


def test_the_longest_due_root_goes_first_and_a_just_tried_one_last(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        roots = {name: house.root(name) for name in "abc"}
        await house.rounds.look()
        house.rounds.on_due(str(roots["a"]))
        await until(lambda: house.names == ["a"])
        for name in "bc":
            house.rounds.on_due(str(roots[name]))
            await until(lambda: name in {request.root.name for request in house.queue.waiting})  # noqa: B023
        house.queue.call_off(roots["b"])  # as where it went and came
        await house.rounds.check_due()
        assert [request.root.name for request in house.queue.waiting] == ["b", "c"]
        house.tracked(roots["b"]).last_try = datetime.now(UTC)
        house.queue.call_off(roots["b"])
        await house.rounds.check_due()
        assert [request.root.name for request in house.queue.waiting] == ["c", "b"]

    run(tmp_path, story)


def test_a_transaction_of_a_living_process_is_no_crash(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        with started(WRITER, house.state_dir, root) as writer:
            assert writer.stdout is not None
            assert await asyncio.to_thread(writer.stdout.readline) == b"in the midst\n"
            await house.rounds.look()
            assert not house.tracked(root).is_interrupted
            assert house.tracked(root).record.due_since is None
            writer.kill()
        await house.rounds.look()
        assert house.tracked(root).is_interrupted
        await until(lambda: house.names == ["a"])
        assert house.begun[0].asked_for

    run(tmp_path, story)


def test_schedules_follow_a_change_of_the_local_time_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        house.timetable.start()
        await house.rounds.look()
        for zone in ("Asia/Tokyo", "America/New_York"):
            monkeypatch.setenv("TZ", zone)
            await house.rounds.check_due()
            due = house.timetable.next_run(str(root))
            assert due is not None
            local = due.astimezone(ZoneInfo(zone))
            assert (local.hour, local.minute) == (3, 30)
            assert str(SystemClock().now().tzinfo) == zone
        house.timetable.shutdown()

    nightly = re.sub(r"(?<=schedule: {)every_hours: \d+", 'cron: "30 3 * * *"', CONFIG)
    run(tmp_path, story, nightly)
    monkeypatch.undo()
    local_zone()


CATCH_UP = CONFIG.replace("catch_up_minutes: 1000", "catch_up_minutes: 0.01")


def test_a_dream_due_before_the_start_waits_for_the_catch_up_delay(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        tracked = house.tracked(root)
        house.tracked_roots.remember(tracked, replace(tracked.record, due_since=datetime.now(UTC)))
        await house.rounds.check_due()
        assert house.names == []
        assert tracked.catch_up_at is not None
        assert abs((tracked.catch_up_at - datetime.now(UTC)).total_seconds()) < 5
        await until(lambda: house.names == ["a"])
        assert tracked.catch_up_at is None
        await house.end(root)
        assert tracked.record.due_since is None

    run(tmp_path, story, CATCH_UP)


def test_a_requested_root_is_not_caught_up_as_well(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        root = house.root("a")
        await house.rounds.look()
        assert house.tracked(root).catch_up_at is not None
        house.rounds.ask_for(str(root))
        assert house.tracked(root).catch_up_at is None
        await until(lambda: house.names == ["a"])
        await house.end(root)
        await asyncio.sleep(1)
        assert (house.names, house.tracked(root).record.due_since) == (["a"], None)

    run(tmp_path, story, CATCH_UP)
