from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from kairos.errors import ChangedError, LockedError, StateError, UndoConflictError
from kairos.model import FileChange
from kairos.store.chain import breaks
from kairos.store.disk import Disk
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STAMP = 1_600_000_000_000_000_007


class Recorder(Disk):
    """Records every name that appears in or disappears from a directory, in order; subclasses can interfere."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        super().rename(source, target, dir_fd=dir_fd)
        self.note(target)
        self.note(f"-{source}")

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        super().exchange(first, second, dir_fd=dir_fd)
        self.note(second)

    def link(self, source: str, target: str, *, dir_fd: int) -> None:
        super().link(source, target, dir_fd=dir_fd)
        self.note(target)

    def unlink(self, name: str, *, dir_fd: int) -> None:
        super().unlink(name, dir_fd=dir_fd)
        self.note(f"-{name}")

    def note(self, name: str) -> None:
        if name.endswith(".md"):
            self.seen.append(name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("MEMORY.md", "survivor.md", "twin.md", "loser.md", "untouched.md"):
        (root / name).write_bytes(name.encode() + b"\n")
        os.utime(root / name, ns=(STAMP, STAMP))
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "state") as store:
        yield store


def merge() -> list[FileChange]:
    return [
        FileChange("MEMORY.md", b"MEMORY.md\n", b"index\n", index=True),
        FileChange("loser.md", b"loser.md\n", b"", requires=("survivor.md",)),
        FileChange("new.md", None, b"new\n"),
        FileChange("survivor.md", b"survivor.md\n", b"survivor.md\ntwin\n"),
        FileChange("twin.md", b"twin.md\n", None, requires=("survivor.md",)),
    ]


def apply(store: Store, root: Path, changes: list[FileChange], foreign_lock: Path | None = None) -> int:
    receipt = store.apply(root, changes, kind=TransactionKind.DREAM, at=NOW, foreign_lock=foreign_lock)
    return receipt.transaction


def test_additions_come_first_then_the_index_then_removals(root: Path, tmp_path: Path) -> None:
    disk = Recorder()
    with Store(tmp_path / "state", disk) as store:
        apply(store, root, merge())
    assert disk.seen == ["new.md", "survivor.md", "MEMORY.md", "loser.md", "-twin.md"]


def test_a_longer_version_that_lacks_a_line_is_written_after_the_additions(
    root: Path, tmp_path: Path
) -> None:
    changes = [
        FileChange("MEMORY.md", b"MEMORY.md\n", b"index\n", index=True),
        FileChange("loser.md", b"loser.md\n", b"something else, and longer\n"),
        FileChange("survivor.md", b"survivor.md\n", b"survivor.md\nloser\n"),
    ]
    disk = Recorder()
    with Store(tmp_path / "state", disk) as store:
        apply(store, root, changes)
    assert disk.seen == ["survivor.md", "MEMORY.md", "loser.md"]


def test_untouched_files_keep_their_time(root: Path, store: Store) -> None:
    apply(store, root, merge())
    assert (root / "untouched.md").stat().st_mtime_ns == STAMP


def test_undo_brings_back_mode_and_time_of_a_removed_file(root: Path, store: Store) -> None:
    (root / "twin.md").chmod(0o604)
    number = apply(store, root, merge())
    store.undo(root, at=NOW, transactions=[number])
    status = (root / "twin.md").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o604, STAMP)


def test_undo_brings_back_the_attributes_of_a_removed_file(root: Path, tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    try:
        os.setxattr(root / "twin.md", "user.tag", b"red\x00")
    except OSError as error:
        pytest.skip(f"the file system has no such attributes: {error.strerror}")
    with Store(state_dir) as store:
        number = apply(store, root, merge())
        undone = store.undo(root, at=NOW, transactions=[number]).transaction
        assert os.getxattr(root / "twin.md", "user.tag") == b"red\x00"
        store.undo(root, at=NOW, transactions=[undone])
        assert not (root / "twin.md").exists()
        store.undo(root, at=NOW, all_=True)
        assert os.getxattr(root / "twin.md", "user.tag") == b"red\x00"
    with closing(sqlite3.connect(state_dir / "state.db")) as connection:
        assert list(breaks(connection)) == []
        connection.execute("UPDATE files SET attributes = '{}' WHERE txn = ?", (number,))
        assert [found.transaction for found in breaks(connection)] == [number]


def test_undo_restores_a_file_even_if_its_attributes_cannot_be_set(root: Path, tmp_path: Path) -> None:
    class Poor(Disk):
        def setxattr(self, fd: int, name: str, value: bytes) -> None:  # noqa: ARG002 - the signature of Disk
            raise OSError(errno.ENOTSUP, "Operation not supported")

    with Store(tmp_path / "state", Poor()) as store:
        with suppress(OSError):
            os.setxattr(root / "twin.md", "user.tag", b"red")
        number = apply(store, root, [FileChange("twin.md", b"twin.md\n", None)])
        store.undo(root, at=NOW, transactions=[number])
    assert (root / "twin.md").read_bytes() == b"twin.md\n"


def test_undo_removes_only_directories_that_we_created(root: Path, store: Store) -> None:
    (root / "theirs").mkdir()
    (root / "theirs/a.md").write_bytes(b"a\n")
    number = apply(
        store,
        root,
        [
            FileChange("ours/too/n.md", None, b"n\n"),
            FileChange("theirs/n.md", None, b"n\n"),
            FileChange("theirs/a.md", b"a\n", None),
        ],
    )
    assert (root / "theirs").is_dir()
    (root / "ours/by hand.txt").write_bytes(b"kept")
    store.undo(root, at=NOW, transactions=[number])
    assert not (root / "ours/too").exists()
    assert (root / "ours/by hand.txt").exists()
    assert [path.name for path in (root / "theirs").iterdir()] == ["a.md"]


def test_nothing_is_removed_if_its_survivor_changes_in_the_last_stage(root: Path, tmp_path: Path) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            super().note(name)
            if name == "MEMORY.md":
                (root / "survivor.md").write_bytes(b"theirs\n")

    with Store(tmp_path / "state", Meddler()) as store:
        receipt = store.apply(root, merge(), kind=TransactionKind.DREAM, at=NOW)
        assert {skip.what for skip in receipt.skipped} == {"loser.md", "twin.md"}
        assert all("survivor.md" in skip.reason for skip in receipt.skipped)
        assert receipt.removed == ()
        assert (root / "twin.md").read_bytes() == b"twin.md\n"
        assert (root / "loser.md").read_bytes() == b"loser.md\n"
    (root / "survivor.md").write_bytes(b"survivor.md\ntwin\n")
    with Store(tmp_path / "state") as store:
        store.undo(root, at=NOW, transactions=[receipt.transaction])
    assert (root / "survivor.md").read_bytes() == b"survivor.md\n"
    assert (root / "MEMORY.md").read_bytes() == b"MEMORY.md\n"
    assert not (root / "new.md").exists()


def test_nothing_is_removed_if_its_survivor_gets_its_old_bytes_back_in_the_last_stage(
    root: Path, tmp_path: Path
) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            super().note(name)
            if name == "MEMORY.md":
                (root / "survivor.md").write_bytes(b"survivor.md\n")  # without what was carried over

    with Store(tmp_path / "state", Meddler()) as store:
        receipt = store.apply(root, merge(), kind=TransactionKind.DREAM, at=NOW)
    assert {skip.what for skip in receipt.skipped} == {"loser.md", "twin.md"}
    assert (root / "twin.md").read_bytes() == b"twin.md\n"


def test_a_witness_outside_the_transaction_counts_too(root: Path, tmp_path: Path) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            super().note(name)
            if name == "MEMORY.md":
                (root / "untouched.md").write_bytes(b"theirs\n")

    changes = [
        FileChange("MEMORY.md", b"MEMORY.md\n", b"index\n", index=True),
        FileChange("twin.md", b"twin.md\n", None, requires=("untouched.md",)),
    ]
    with Store(tmp_path / "state", Meddler()) as store:
        receipt = store.apply(root, changes, kind=TransactionKind.DREAM, at=NOW)
    assert [skip.what for skip in receipt.skipped] == ["twin.md"]
    assert (root / "twin.md").exists()


def test_a_file_that_changed_before_its_removal_counts_as_written(root: Path, tmp_path: Path) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            super().note(name)
            if name == "MEMORY.md":
                (root / "twin.md").write_bytes(b"theirs\n")

    changes = [
        FileChange("MEMORY.md", b"MEMORY.md\n", b"index\n", index=True),
        FileChange("twin.md", b"twin.md\n", None, interim=b"twin.md\nmore\n"),
    ]
    with Store(tmp_path / "state", Meddler()) as store:
        receipt = store.apply(root, changes, kind=TransactionKind.DREAM, at=NOW)
    assert [skip.what for skip in receipt.skipped] == ["twin.md"]
    assert (receipt.written, receipt.removed) == (("MEMORY.md", "twin.md"), ())
    assert (root / "twin.md").read_bytes() == b"theirs\n"


def test_a_foreign_change_before_the_last_stage_rolls_everything_back(root: Path, tmp_path: Path) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            super().note(name)
            if name == "new.md":
                (root / "MEMORY.md").write_bytes(b"theirs\n")

    with Store(tmp_path / "state", Meddler()) as store:
        with pytest.raises(ChangedError) as caught:
            apply(store, root, merge())
        assert caught.value.paths == ("MEMORY.md",)
        assert caught.value.advice == "Everything was restored; dream again."
        assert store.journal.pending(str(root.resolve())) == ()
    assert (root / "MEMORY.md").read_bytes() == b"theirs\n"
    assert (root / "survivor.md").read_bytes() == b"survivor.md\n"
    assert (root / "survivor.md").stat().st_mtime_ns == STAMP
    assert not (root / "new.md").exists()


def test_an_undo_that_is_rolled_back_around_an_edit_can_be_tried_again(root: Path, tmp_path: Path) -> None:
    class Meddler(Recorder):
        def note(self, name: str) -> None:
            if name == "twin.md" and name not in self.seen:
                (root / "twin.md").write_bytes(b"theirs\n")
                (root / "MEMORY.md").write_bytes(b"theirs\n")
            super().note(name)

    with Store(tmp_path / "state") as store:
        number = apply(store, root, merge())
    with Store(tmp_path / "state", Meddler()) as store, pytest.raises(ChangedError):
        store.undo(root, at=NOW, transactions=[number])
    assert (root / "twin.md").read_bytes() == b"theirs\n"
    (root / "twin.md").unlink()
    (root / "MEMORY.md").write_bytes(b"index\n")
    with Store(tmp_path / "state") as store:
        assert store.undo(root, at=NOW, transactions=[number]).skipped == ()
    assert (root / "twin.md").read_bytes() == b"twin.md\n"
    assert (root / "MEMORY.md").read_bytes() == b"MEMORY.md\n"


def test_a_file_opened_for_writing_rolls_everything_back(root: Path, tmp_path: Path) -> None:
    with ExitStack() as held:

        class Meddler(Recorder):
            def note(self, name: str) -> None:
                super().note(name)
                if name == "new.md":
                    held.enter_context((root / "survivor.md").open("ab"))

        with Store(tmp_path / "state", Meddler()) as store, pytest.raises(ChangedError) as caught:
            apply(store, root, merge())
    assert caught.value.advice == "Everything was restored; dream again."
    assert not (root / "new.md").exists()


def test_the_lock_of_the_agent_is_held_while_writing_and_put_back(root: Path, tmp_path: Path) -> None:
    lock = root / ".consolidate-lock"
    lock.write_bytes(b"99999999")
    os.utime(lock, ns=(STAMP, STAMP))
    bodies = set()

    class Watcher(Recorder):
        def note(self, name: str) -> None:
            if name.endswith(".md"):
                bodies.add(lock.read_bytes())

    with Store(tmp_path / "state", Watcher()) as store:
        apply(store, root, merge(), foreign_lock=lock)
    assert bodies == {str(os.getpid()).encode()}
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == (b"99999999", STAMP)


def test_a_locked_root_is_not_touched(root: Path, store: Store) -> None:
    lock = root / ".consolidate-lock"
    lock.write_text("1")  # PID 1 is always alive
    with pytest.raises(LockedError, match="PID 1"):
        apply(store, root, merge(), foreign_lock=lock)
    assert (root / "twin.md").exists()


def test_names_that_are_not_text_are_written_and_undone(root: Path, store: Store) -> None:
    paths = [os.fsdecode(b"caf\xe9/\xff.md"), "new\nline.md", "日本語 ノート.md", "-rf.md", "a;b'\"$(c).md"]
    number = apply(store, root, [FileChange(path, None, path.encode(errors="replace")) for path in paths])
    assert all((root / path).is_file() for path in paths)
    store.undo(root, at=NOW, transactions=[number])
    assert not any((root / path).exists() for path in paths)
    assert len(list(root.iterdir())) == 5


def test_lost_originals_are_reported_before_anything_is_written(root: Path, store: Store) -> None:
    number = apply(store, root, merge())
    digest = sha256(b"twin.md\n").hexdigest()
    before = sorted(root.iterdir())
    (root.parent / "state/objects" / digest[:2] / f"{digest[2:]}.gz").unlink()
    with pytest.raises(StateError, match="lost the original"):
        store.undo(root, at=NOW, transactions=[number])
    assert sorted(root.iterdir()) == before
    assert (root / "survivor.md").read_bytes() == b"survivor.md\ntwin\n"


def test_undo_leaves_and_reports_a_path_that_is_no_file_any_more(store: Store, root: Path) -> None:
    (root / "empty.md").write_bytes(b"")
    files = [FileChange("empty.md", b"", None), FileChange("twin.md", b"twin.md\n", None)]
    number = store.apply(root, files, kind=TransactionKind.DREAM, at=NOW).transaction
    (root / "empty.md").symlink_to("survivor.md")
    (skip,) = store.undo(root, at=NOW, transactions=[number]).skipped
    assert (skip.what, skip.advice) == ("empty.md", f"`kairos export t{number}` prints what it held.")
    assert (root / "empty.md").is_symlink()
    assert (root / "twin.md").read_bytes() == b"twin.md\n"


def test_undo_is_refused_if_no_path_is_a_file_any_more(store: Store, root: Path) -> None:
    files = [FileChange("twin.md", b"twin.md\n", None)]
    number = store.apply(root, files, kind=TransactionKind.DREAM, at=NOW).transaction
    (root / "twin.md").mkdir()
    with pytest.raises(UndoConflictError, match=r"under the name of twin\.md") as caught:
        store.undo(root, at=NOW, all_=True)
    assert caught.value.paths == ("twin.md",)
    (root / "twin.md").rmdir()
    assert store.undo(root, at=NOW, transactions=[number]).skipped == ()
    assert (root / "twin.md").read_bytes() == b"twin.md\n"
