from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kairos.errors import LockedError
from kairos.store.agents_lock import lock_holder
from kairos.store.lock import RootLock
from kairos.store.tree import Tree

STAMP = 1_700_000_000_123_456_789


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def agent() -> Iterator[int]:
    """The PID of another process, which is alive."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def test_a_second_lock_of_the_same_root_is_refused(root: Path, tmp_path: Path) -> None:
    with RootLock(tmp_path / "locks", root):
        with pytest.raises(LockedError, match=f"PID {os.getpid()}"):
            RootLock(tmp_path / "locks", root / ".." / "root").__enter__()
        with RootLock(tmp_path / "locks", tmp_path):
            pass
    with RootLock(tmp_path / "locks", root):
        pass


def test_a_directory_has_one_lock_whatever_its_path_and_the_state_directory(
    root: Path, tmp_path: Path
) -> None:
    one, other = Tree(root), Tree(root)
    other.name = "/mnt/bound"  # as with a bind mount
    with RootLock(tmp_path / "locks", one):
        for locks in (tmp_path / "locks", tmp_path / "other" / "locks"):
            with pytest.raises(LockedError, match=r"/mnt/bound is locked \(flock\)"):
                RootLock(locks, other).__enter__()
    with RootLock(tmp_path / "locks", other):  # neither the first lock nor the refused ones are still held
        pass
    one.close()
    other.close()


@pytest.mark.parametrize("number", [errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP, errno.EISDIR, 524])
def test_the_lock_in_the_state_suffices_if_directories_cannot_be_locked(
    number: int, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, flock = Tree(root), fcntl.flock

    def refusing(fd: int, operation: int) -> None:
        if fd == tree.fd:
            raise OSError(number, "as NFS does")
        flock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", refusing)
    with RootLock(tmp_path / "locks", tree), pytest.raises(LockedError, match="another Kairos"):
        RootLock(tmp_path / "locks", tree).__enter__()
    tree.close()


def test_an_agent_at_work_is_left_alone(root: Path, tmp_path: Path, agent: int) -> None:
    lock = root / ".consolidate-lock"
    lock.write_text(str(agent))
    stamp = lock.stat().st_mtime_ns
    with pytest.raises(LockedError, match=f"PID {agent} holds"):
        RootLock(tmp_path / "locks", root, foreign=lock.name).__enter__()
    assert (lock.read_text(), lock.stat().st_mtime_ns) == (str(agent), stamp)
    assert lock_holder(lock) == agent
    with RootLock(tmp_path / "locks", root):
        pass  # our own lock was released when the lock was refused


def test_a_lock_older_than_an_hour_is_stale_even_if_its_process_is_alive(
    root: Path, tmp_path: Path, agent: int
) -> None:
    lock = root / ".consolidate-lock"
    lock.write_text(str(agent))
    os.utime(lock, (0, time.time() - 3601))
    assert lock_holder(lock) is None
    with RootLock(tmp_path / "locks", root, foreign=lock.name):
        assert lock.read_text() == str(os.getpid())


@pytest.mark.parametrize("body", [b"99999999", b"99999999\n", b"", b"no number", b"0"])
def test_content_time_and_mode_of_a_stale_lock_are_restored(root: Path, tmp_path: Path, body: bytes) -> None:
    lock = root / ".consolidate-lock"
    lock.write_bytes(body)
    lock.chmod(0o640)
    os.utime(lock, ns=(STAMP, STAMP))
    with RootLock(tmp_path / "locks", root, foreign=lock.name):
        assert lock.read_bytes() == str(os.getpid()).encode()
        assert time.time() - lock.stat().st_mtime < 60
    assert lock.read_bytes() == body
    assert (lock.stat().st_mtime_ns, lock.stat().st_mode & 0o777) == (STAMP, 0o640)
    assert names(root) == [lock.name]


def test_a_lock_file_that_we_created_is_removed(root: Path, tmp_path: Path) -> None:
    lock = root / ".consolidate-lock"
    with RootLock(tmp_path / "locks", root, foreign=lock.name):
        assert lock.read_text() == str(os.getpid())
        assert lock_holder(lock) is None  # ourselves
    assert names(root) == []


def test_an_agent_that_takes_its_lock_meanwhile_keeps_it(root: Path, tmp_path: Path) -> None:
    lock = root / ".consolidate-lock"
    lock.write_bytes(b"99999999")
    with RootLock(tmp_path / "locks", root, foreign=lock.name):
        lock.write_bytes(b"4242")
    assert lock.read_bytes() == b"4242"


def test_an_error_inside_releases_both_locks(root: Path, tmp_path: Path) -> None:
    lock = root / ".consolidate-lock"
    with pytest.raises(ValueError, match="inside"), RootLock(tmp_path / "locks", root, foreign=lock.name):
        raise ValueError("inside")
    assert not lock.exists()
    with RootLock(tmp_path / "locks", root):
        pass


def test_our_files_are_private(root: Path, tmp_path: Path) -> None:
    with RootLock(tmp_path / "state" / "locks", root, foreign="lock"):
        pass
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "state/locks").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "state/locks").stat().st_mode & 0o777 == 0o700


def after_a_crash(directory: Path, root: Path, lock: Path, found: bytes) -> Path:
    """Leave the note of a Kairos that was killed while it held the agent's lock, and `found` in the lock."""
    with RootLock(directory, root, foreign=lock.name):
        note = next(directory.glob("*.foreign"))
        kept = note.read_bytes()
    note.write_bytes(kept)
    lock.write_bytes(found)
    return note


@pytest.mark.parametrize("body", [b"4242", b""])
def test_an_agent_that_took_its_lock_after_a_crash_of_ours_keeps_its_time(
    root: Path, tmp_path: Path, body: bytes
) -> None:
    """It may be the process that held it before, or have given up: then the bytes are those that we would put back."""
    lock = root / ".consolidate-lock"
    lock.write_bytes(b"4242")
    os.utime(lock, ns=(STAMP, STAMP))
    note = after_a_crash(tmp_path / "locks", root, lock, body)
    taken = lock.stat().st_mtime_ns
    with RootLock(tmp_path / "locks", root):
        assert not note.exists()
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == (body, taken)
    assert taken != STAMP


@pytest.mark.parametrize("found", [b"", b"%d" % os.getpid()], ids=["empty", "our PID"])
def test_a_lock_that_we_created_is_removed_after_a_crash(root: Path, tmp_path: Path, found: bytes) -> None:
    lock = root / ".consolidate-lock"
    note = after_a_crash(tmp_path / "locks", root, lock, found)
    with RootLock(tmp_path / "locks", root):
        assert not note.exists()
    assert names(root) == []
