from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.control.ledger import (
    LEDGER_NAME,
    Ledger,
    RootRecord,
    SeenRoot,
    change_ledger,
    read_ledger,
)
from kairos.control.status import FOREVER, GcRecord
from kairos.errors import StorageError

NOW = datetime(2026, 11, 26, 12, 0, 0, 123_456, tzinfo=UTC)
RECORD = RootRecord(
    last_looked=NOW,
    last_success=NOW - timedelta(days=1),
    last_failure=NOW - timedelta(days=2),
    failures=2,
    last_error="The dream was killed by signal 9.",
    tail=("one", "two\u202e"),
    paused_until=FOREVER,
    due_since=NOW,
    kept_by="quiet",
    kept_since=NOW,
    census='{"a.md":[1,2,3]}',
)

MOMENTS = st.none() | st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001
    datetime(9990, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]),
)
TEXTS = st.none() | st.text(min_size=1, max_size=10)
RECORDS = st.builds(
    RootRecord,
    last_looked=MOMENTS,
    last_success=MOMENTS,
    last_failure=MOMENTS,
    failures=st.integers(0, 99),
    last_error=TEXTS,
    tail=st.lists(st.text(max_size=10), max_size=20).map(tuple),
    paused_until=MOMENTS,
    due_since=MOMENTS,
    kept_by=TEXTS,
    kept_since=MOMENTS,
    census=TEXTS,
)
LEDGERS = st.builds(
    Ledger,
    roots=st.dictionaries(st.text(max_size=8), RECORDS, max_size=3),
    paused_until=MOMENTS,
    gc=st.none()
    | st.builds(
        GcRecord,
        at=MOMENTS.filter(bool),
        files=st.integers(0, 9),
        bytes=st.integers(0, 99),
        error=st.none() | st.text(max_size=8),
    ),
    seen=st.dictionaries(
        st.text(max_size=8),
        st.builds(SeenRoot, real=st.text(max_size=8), since=MOMENTS.filter(bool), problem=TEXTS),
        max_size=3,
    ),
)


def test_a_ledger_is_read_back_as_written(tmp_path: Path) -> None:
    ledger = Ledger(paused_until=NOW).with_root("/a/\udcff", RECORD).with_root("/b", RootRecord())
    ledger.write(tmp_path)
    assert read_ledger(tmp_path) == ledger
    assert read_ledger(tmp_path).of("/a/\udcff") == RECORD
    assert read_ledger(tmp_path).of("/never seen") == RootRecord()


@given(ledger=LEDGERS)
def test_any_ledger_is_read_back_as_written(tmp_path_factory: pytest.TempPathFactory, ledger: Ledger) -> None:
    directory = tmp_path_factory.mktemp("state")
    ledger.write(directory)
    assert read_ledger(directory) == ledger


def test_the_ledger_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Ledger().write(tmp_path / "state")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / LEDGER_NAME).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == [LEDGER_NAME]


def test_only_the_last_lines_of_a_log_are_kept(tmp_path: Path) -> None:
    tail = tuple(map(str, range(50)))
    Ledger().with_root("/a", replace(RECORD, tail=tail)).write(tmp_path)
    assert read_ledger(tmp_path).of("/a").tail == tail[-20:]


def test_a_missing_ledger_is_empty_and_no_problem(tmp_path: Path) -> None:
    assert read_ledger(tmp_path) == read_ledger(tmp_path / "none") == Ledger()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"version":2,"roots":{},"paused_until":null}',
        b'{"version":1,"roots":[],"paused_until":null}',
        b'{"version":1,"roots":{"/a":1},"paused_until":null}',
        b'{"version":1,"roots":{"/a":{"failures":true}},"paused_until":null}',
        b'{"version":1,"roots":{"/a":{"failures":-1}},"paused_until":null}',
        b'{"version":1,"roots":{"/a":{"tail":[null]}},"paused_until":null}',
        b'{"version":1,"roots":{"/a":{"kept_by":3}},"paused_until":null}',
        b'{"version":1,"roots":{},"paused_until":"2026-11-26T12:00:00"}',
        b'{"version":1,"roots":{},"paused_until":"0001-01-01T00:00:00+14:00"}',
        b'{"version":1,"roots":{},"paused_until":1}',
        b'{"version":1,"roots":{},"paused_until":null,"gc":{"at":null}}',
        b'{"version":1,"roots":{},"paused_until":null,"gc":{"at":null,"files":1,"bytes":1,"error":null}}',
        b'{"version":1,"roots":{},"paused_until":null,"seen":{"/a":{"real":"/a","since":null,"problem":null}}}',
        b'{"version":1,"roots":{},"paused_until":null,"seen":[1]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_ledger_is_reported_kept_aside_and_replaced(tmp_path: Path, data: bytes) -> None:
    (tmp_path / LEDGER_NAME).write_bytes(data)
    ledger = read_ledger(tmp_path)
    assert (ledger.roots, ledger.paused_until) == ({}, None)
    assert ledger.problem
    assert str(tmp_path / LEDGER_NAME) in ledger.problem
    assert (tmp_path / LEDGER_NAME).read_bytes() == data  # reading changes nothing
    for failures in (1, 2):  # the second write no longer replaces the damaged file
        ledger.with_root("/a", RootRecord(failures=failures)).write(tmp_path)
    assert (tmp_path / "daemon.json.damaged").read_bytes() == data
    assert read_ledger(tmp_path) == Ledger({"/a": RootRecord(failures=2)})


@given(st.binary(max_size=60))
def test_random_bytes_are_reported_as_damaged(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.mktemp("state")
    (directory / LEDGER_NAME).write_bytes(data)
    assert read_ledger(directory).problem


def test_unknown_keys_are_no_damage(tmp_path: Path) -> None:
    text = {"version": 1, "paused_until": None, "roots": {"/a": {"failures": 1, "mood": "fine"}}, "more": 1}
    (tmp_path / LEDGER_NAME).write_text(json.dumps(text), encoding="utf-8")
    assert read_ledger(tmp_path) == Ledger({"/a": RootRecord(failures=1)})


def test_an_unwritable_path_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"Could not write .*daemon\.json: Not a directory"):
        Ledger().write(tmp_path / "file" / "state")
    (tmp_path / LEDGER_NAME).mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        Ledger().write(tmp_path)
    assert read_ledger(tmp_path).problem


def test_a_failed_write_leaves_the_old_ledger(tmp_path: Path) -> None:
    Ledger().with_root("/a", RECORD).write(tmp_path)
    big = Ledger().with_root("/a", replace(RECORD, census="x" * 100_000))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
    try:
        with pytest.raises(StorageError, match="File too large"):
            big.write(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert read_ledger(tmp_path).of("/a") == RECORD
    big.write(tmp_path)
    assert read_ledger(tmp_path) == big


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine", encoding="utf-8")
    (tmp_path / ".daemon.json.new").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        Ledger().write(tmp_path)
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == "mine"


def test_the_later_of_root_and_global_pause_counts() -> None:
    hour = timedelta(hours=1)
    ledger = Ledger(paused_until=NOW + hour).with_root("/a", RootRecord(paused_until=NOW + 2 * hour))
    assert ledger.paused("/a", NOW) == NOW + 2 * hour
    assert ledger.paused("/b", NOW) == NOW + hour
    assert ledger.paused("/b", NOW + hour) is None
    assert ledger.paused("/a", NOW + hour) == NOW + 2 * hour
    assert FOREVER.astimezone(timezone(timedelta(hours=14))).year == 9999


def test_concurrent_changes_are_all_kept(tmp_path: Path) -> None:
    def count(ledger: Ledger) -> Ledger:
        record = ledger.of("/a")
        return ledger.with_root("/a", replace(record, failures=record.failures + 1))

    threads = [
        threading.Thread(target=lambda: [change_ledger(tmp_path, count) for _ in range(20)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_ledger(tmp_path).of("/a").failures == 80


def test_a_ledger_is_whole_even_if_its_writer_is_killed(tmp_path: Path) -> None:
    Ledger().write(tmp_path)
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from kairos.control.ledger import Ledger, RootRecord
        for number in range(10**9):
            Ledger().with_root("/a", RootRecord(failures=number, census="x" * 200_000)).write(Path(sys.argv[1]))
    """)
    for delay in (0.0, 0.003, 0.007, 0.011):
        with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as child:
            while read_ledger(tmp_path) == Ledger() and child.poll() is None:
                time.sleep(0.005)
            time.sleep(delay)
            child.kill()
        ledger = read_ledger(tmp_path)
        assert ledger.problem is None
        assert len(ledger.of("/a").census or "") == 200_000
        Ledger().write(tmp_path)


def test_importing_the_ledger_loads_nothing_heavy() -> None:
    program = "import sys, kairos.control.ledger; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not {"pydantic", "numpy", "yaml", "asyncio"} & set(done.stdout.split())
