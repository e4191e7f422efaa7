"""Processes that want the same root, or the same state."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.errors import LockedError
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.state import State
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

HOLDER = """
import sys
from pathlib import Path
from kairos.store.lock import RootLock
with RootLock(Path(sys.argv[1]) / "locks", Path(sys.argv[2])):
    print("locked", flush=True)
    input()
"""

WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from kairos.store.state import State
with State.open(Path(sys.argv[1])) as state:
    for number in range(20):
        state.record_dream(sys.argv[2], at=datetime.now(UTC), today=datetime.now(UTC).date(), outcome="x")
"""


def test_the_second_apply_is_refused_by_name_and_works_later(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    changes = [FileChange("a.md", None, b"a\n")]
    with Store(tmp_path / "state") as store:
        command = [sys.executable, "-c", HOLDER, str(tmp_path / "state"), str(root)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"locked\n"
            with pytest.raises(LockedError, match=f"PID {holder.pid}"):
                store.apply(root, changes, kind=TransactionKind.DREAM, at=NOW)
            assert not (root / "a.md").exists()
            holder.kill()  # a crash lets go of the lock
        store.apply(root, changes, kind=TransactionKind.DREAM, at=NOW)
        assert (root / "a.md").read_bytes() == b"a\n"


def test_processes_share_one_new_state(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "state"), str(tmp_path)]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with State.open(tmp_path / "state") as state:
        assert len(state.dreams(tmp_path)) == 60
