from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.control.lock import DaemonLock, holder
from kairos.control.places import lock_file
from kairos.errors import DaemonError

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)

HOLD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from kairos.control.lock import DaemonLock
with DaemonLock(Path(sys.argv[1]), datetime(2026, 11, 26, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_start_names_the_holder_and_a_dead_holder_loses_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(DaemonError, match=rf"PID {other.pid}, since 2026-11-2"),
            DaemonLock(tmp_path, NOW),
        ):
            pass
        found = holder(tmp_path)
        assert found
        assert found.pid == other.pid
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert holder(tmp_path) is None
    with DaemonLock(tmp_path, NOW):
        found = holder(tmp_path)
        assert found
        assert (found.pid, found.since) == (os.getpid(), NOW)
    assert holder(tmp_path) is None


def test_the_lock_is_private_and_reading_the_holder_creates_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "state"
    assert holder(directory) is None
    assert not directory.parent.exists()
    with DaemonLock(directory, NOW):
        assert directory.stat().st_mode & 0o777 == 0o700
        assert lock_file(directory).stat().st_mode & 0o777 == 0o600


def test_a_lock_with_unreadable_content_is_still_held(tmp_path: Path) -> None:
    with DaemonLock(tmp_path, NOW):
        for text in ("", "[]", "{}", '{"pid": "x", "since": "y"}'):
            lock_file(tmp_path).write_text(text, encoding="utf-8")
            assert str(holder(tmp_path)) == "PID unknown"


def test_a_lock_knows_whether_it_still_protects_the_directory(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    lock = DaemonLock(directory, NOW)
    assert not lock.is_in_place()
    with lock:
        assert lock.is_in_place()
        directory.rename(tmp_path / "elsewhere")
        assert not lock.is_in_place()
        with DaemonLock(directory, NOW):
            assert not lock.is_in_place()
