"""Files that an agent writes under a flock are written only while nobody else holds it."""

from __future__ import annotations

import fcntl
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.errors import ExitCode, LockedError, StorageError
from kairos.model import FileChange
from kairos.store import flocks
from kairos.store.apply import Run
from kairos.store.flocks import holding_flocks
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos.store.tree import Tree
from tests.processes import holding_flock

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = frozenset({"MEMORY.md", "USER.md"})
CHANGE = FileChange("MEMORY.md", before=b"A.", after=b"B.")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memories"
    root.mkdir()
    (root / "MEMORY.md").write_bytes(b"A.")
    (root / "USER.md").write_bytes(b"U.")
    return root


@pytest.fixture
def tree(root: Path) -> Iterator[Tree]:
    with closing(Tree(root)) as tree:
        yield tree


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "state")) as store:
        yield store


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def is_held(lock: Path) -> bool:
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_lock_is_created_as_the_agent_does_it_held_and_left_there(root: Path, tree: Tree) -> None:
    reference = root / "reference"
    reference.open("a+").close()
    with holding_flocks(tree, {"USER.md"}):
        assert is_held(root / "USER.md.lock")
    assert not is_held(root / "USER.md.lock")
    made = (root / "USER.md.lock").stat()
    assert (made.st_size, stat.S_IMODE(made.st_mode)) == (0, stat.S_IMODE(reference.stat().st_mode))
    reference.unlink()
    assert names(root) == ["MEMORY.md", "USER.md", "USER.md.lock"]


def test_a_lock_that_is_there_keeps_its_bytes_and_its_time(root: Path, tree: Tree) -> None:
    lock = root / "MEMORY.md.lock"
    lock.write_bytes(b"0")
    before = lock.stat()
    with holding_flocks(tree, {"MEMORY.md"}):
        pass
    after = lock.stat()
    assert (lock.read_bytes(), after.st_ino, after.st_mtime_ns) == (b"0", before.st_ino, before.st_mtime_ns)


def test_an_agent_that_lets_go_is_waited_for(root: Path, tree: Tree) -> None:
    with holding_flock(root / "MEMORY.md.lock") as agent:
        threading.Timer(0.2, agent.kill).start()
        with holding_flocks(tree, {"MEMORY.md"}):
            assert agent.wait() != 0


def test_an_agent_that_keeps_its_lock_wins(root: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flocks, "_PATIENCE_SECONDS", 0.1)
    with holding_flock(root / "USER.md.lock"):
        with pytest.raises(LockedError, match=r"USER\.md is being written by its agent") as caught:
            holding_flocks(tree, NAMES).__enter__()
        assert caught.value.exit_code is ExitCode.LOCKED
        assert not is_held(root / "MEMORY.md.lock")


def test_a_link_is_no_lock(root: Path, tree: Tree, tmp_path: Path) -> None:
    (root / "MEMORY.md.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        holding_flocks(tree, {"MEMORY.md"}).__enter__()
    assert not (tmp_path / "elsewhere").exists()


def test_only_the_files_that_a_transaction_writes_are_locked(root: Path, store: Store) -> None:
    with holding_flock(root / "USER.md.lock"):
        store.apply(root, [CHANGE], kind=TransactionKind.DREAM, at=NOW, flocked=NAMES)
        assert (root / "MEMORY.md").read_bytes() == b"B."
        store.undo(root, at=NOW, all_=True, flocked=NAMES)
    assert (root / "MEMORY.md").read_bytes() == b"A."
    assert names(root) == ["MEMORY.md", "MEMORY.md.lock", "USER.md", "USER.md.lock"]


def test_nothing_is_written_or_recorded_while_the_agent_writes(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flocks, "_PATIENCE_SECONDS", 0.1)
    lock = root / "MEMORY.md.lock"
    with holding_flock(lock), pytest.raises(LockedError):
        store.apply(root, [CHANGE], kind=TransactionKind.DREAM, at=NOW, flocked=NAMES)
    assert (root / "MEMORY.md").read_bytes() == b"A."
    assert store.journal.history(str(root)) == store.journal.pending(str(root)) == ()
    store.apply(root, [CHANGE], kind=TransactionKind.DREAM, at=NOW, flocked=NAMES)
    with holding_flock(lock), pytest.raises(LockedError):
        store.undo(root, at=NOW, all_=True, flocked=NAMES)
    assert (root / "MEMORY.md").read_bytes() == b"B."
    store.undo(root, at=NOW, all_=True, flocked=NAMES)
    assert (root / "MEMORY.md").read_bytes() == b"A."


def test_nothing_is_locked_where_no_file_has_a_lock(root: Path, store: Store) -> None:
    store.apply(root, [CHANGE], kind=TransactionKind.DREAM, at=NOW)
    assert names(root) == ["MEMORY.md", "USER.md"]


def test_what_a_crash_left_is_put_right_only_under_the_lock(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flocks, "_PATIENCE_SECONDS", 0.1)
    with monkeypatch.context() as crashing:
        crashing.setattr(Run, "apply", lambda _: sys.exit(1))
        with pytest.raises(SystemExit):
            store.apply(root, [CHANGE], kind=TransactionKind.DREAM, at=NOW, flocked=NAMES)
    assert store.journal.pending(str(root))
    with holding_flock(root / "MEMORY.md.lock"), pytest.raises(LockedError):
        store.recover(root, flocked=NAMES)
    assert store.journal.pending(str(root))
    assert store.recover(root, flocked=NAMES) == ()
    assert not store.journal.pending(str(root))
