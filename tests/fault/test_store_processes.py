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
from tests.processes import holding_lock

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

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
        with holding_lock(tmp_path / "state/locks", root) as holder:
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
