"""A live writer acts at the very moment its file is replaced or removed."""

from __future__ import annotations

import errno
import gzip
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from kairos.errors import ChangedError, StorageError
from kairos.model import FileChange, Receipt
from kairos.store.disk import Disk
from kairos.store.naming import rename_if_free
from kairos.store.records import TransactionKind
from kairos.store.retention import Retention, collect
from kairos.store.transaction import Store
from kairos.store.tree import Tree
from tests.conftest import contents
from tests.fault.faults import FaultyDisk

OLD = sha256(b"old\n").hexdigest()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
Meddling = Callable[[Path], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "root"
    root.mkdir()
    (root / "a.md").write_bytes(b"old\n")
    return root


class MeddledDisk(Disk):
    """Calls `meddle` once, right before the name `a.md` is exchanged or taken away."""

    def __init__(self, root: Path, meddle: Meddling) -> None:
        self._file, self._meddle = root / "a.md", meddle
        self.acted = False

    def _act(self) -> None:
        if not self.acted:
            self.acted = True
            self._meddle(self._file)

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        self._act()
        super().exchange(first, second, dir_fd=dir_fd)

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        if source == "a.md":
            self._act()
        super().rename(source, target, dir_fd=dir_fd)


NO_LINKS = {"link": errno.EPERM}
NEITHER = {"link": errno.EPERM, "rename_to_free_name": errno.EINVAL}
FAT = {**NEITHER, "exchange": errno.EINVAL}
"""Calls that file systems refuse: FAT has no hard links, and some FUSE file systems no conditional renames either."""


class RefusingMeddledDisk(MeddledDisk):
    """Like `MeddledDisk`, on a file system that refuses some calls."""

    def __init__(self, root: Path, meddle: Meddling, refused: Mapping[str, int]) -> None:
        super().__init__(root, meddle)
        self._disk = FaultyDisk(refused=refused)

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        self._act()
        self._disk.exchange(first, second, dir_fd=dir_fd)

    def link(self, source: str, target: str, *, dir_fd: int) -> None:
        self._disk.link(source, target, dir_fd=dir_fd)

    def rename_to_free_name(self, source: str, target: str, *, dir_fd: int) -> None:
        self._disk.rename_to_free_name(source, target, dir_fd=dir_fd)


def save_atomically(file: Path) -> None:
    file.with_suffix(".new").write_bytes(b"theirs\n")
    file.with_suffix(".new").rename(file)


def save_newer(file: Path) -> None:
    file.with_suffix(".new").write_bytes(b"newer\n")
    file.with_suffix(".new").rename(file)


def leave_alone(file: Path) -> None:
    """Do nothing to the file."""


def delete_and_recreate(file: Path) -> None:
    file.unlink()
    file.write_bytes(b"theirs\n")


def delete(file: Path) -> None:
    file.unlink()


@contextmanager
def opened_directory(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield fd
    finally:
        os.close(fd)


@pytest.mark.parametrize("meddle", [save_atomically, delete_and_recreate])
def test_a_simultaneous_save_survives(root: Path, meddle: Meddling) -> None:
    acts: tuple[Callable[[Tree], None], ...] = (
        lambda tree: tree.write("a.md", b"ours\n", expected=OLD),
        lambda tree: tree.remove("a.md", expected=OLD),
    )
    for act in acts:
        (root / "a.md").write_bytes(b"old\n")
        disk = MeddledDisk(root, meddle)
        with pytest.raises(ChangedError):
            act(Tree(root, disk))
        assert disk.acted
        assert contents(root) == {"a.md": b"theirs\n"}


@pytest.mark.parametrize("refused", [NO_LINKS, NEITHER, FAT])
@pytest.mark.parametrize("meddle", [save_atomically, delete_and_recreate])
def test_a_simultaneous_save_survives_a_removal_without_hard_links(
    root: Path, meddle: Meddling, refused: Mapping[str, int]
) -> None:
    disk = RefusingMeddledDisk(root, meddle, refused)
    with pytest.raises(ChangedError):
        Tree(root, disk).remove("a.md", expected=OLD)
    assert disk.acted
    assert contents(root) == {"a.md": b"theirs\n"}


@pytest.mark.parametrize("refused", [NO_LINKS, NEITHER, FAT])
def test_a_new_note_without_hard_links_never_replaces_another(root: Path, refused: Mapping[str, int]) -> None:
    tree = Tree(root, FaultyDisk(refused=refused))
    tree.write("b.md", b"new\n", expected="")
    assert contents(root) == {"a.md": b"old\n", "b.md": b"new\n"}
    with opened_directory(root) as parent:
        (root / "c.md").write_bytes(b"mine\n")
        with pytest.raises(FileExistsError):
            rename_if_free(FaultyDisk(refused=refused), "c.md", "b.md", parent=parent)
    assert contents(root) == {"a.md": b"old\n", "b.md": b"new\n", "c.md": b"mine\n"}


def test_a_simultaneous_deletion_holds(root: Path) -> None:
    with pytest.raises(ChangedError):
        Tree(root, MeddledDisk(root, delete)).write("a.md", b"ours\n", expected=OLD)
    assert contents(root) == {}


@pytest.mark.parametrize("flags", [os.O_WRONLY | os.O_APPEND, os.O_RDWR])
def test_a_file_that_somebody_has_open_for_writing_is_left_alone(root: Path, flags: int) -> None:
    fd = os.open(root / "a.md", flags)
    with pytest.raises(ChangedError):
        Tree(root).write("a.md", b"ours\n", expected=OLD)
    with pytest.raises(ChangedError):
        Tree(root).remove("a.md", expected=OLD)
    os.lseek(fd, 0, os.SEEK_END)
    os.write(fd, b"theirs\n")
    os.close(fd)
    assert contents(root) == {"a.md": b"old\ntheirs\n"}


def wait_until_it_waits_for_the_lease(thread: threading.Thread) -> None:
    where = Path(f"/proc/self/task/{thread.native_id}/wchan")
    end = time.monotonic() + 10  # not all kernels say where a thread waits
    while "lease" not in where.read_text(encoding="ascii") and time.monotonic() < end:
        time.sleep(0.005)


@pytest.mark.parametrize("way", ["write", "remove"])
def test_a_simultaneous_writer_waits_and_writes_to_the_file_with_the_name(root: Path, way: str) -> None:
    writers: list[threading.Thread] = []

    def append(file: Path) -> None:
        with file.open("ab") as opened:
            opened.write(b"theirs\n")

    def begin_to_append(file: Path) -> None:
        writers.append(threading.Thread(target=append, args=(file,)))
        writers[0].start()
        wait_until_it_waits_for_the_lease(writers[0])

    tree = Tree(root, MeddledDisk(root, begin_to_append))
    with pytest.raises(ChangedError):
        tree.write("a.md", b"ours\n", expected=OLD) if way == "write" else tree.remove("a.md", expected=OLD)
    writers[0].join()
    assert contents(root) == {"a.md": b"old\ntheirs\n"}


def test_an_open_reader_does_not_matter(root: Path) -> None:
    with (root / "a.md").open("rb") as reader:
        Tree(root).write("a.md", b"ours\n", expected=OLD)
        assert reader.read() == b"old\n"
    assert contents(root) == {"a.md": b"ours\n"}


def test_without_exchange_the_file_is_compared_and_renamed(root: Path) -> None:
    class Plain(MeddledDisk):
        def exchange(self, first: str, second: str, *, dir_fd: int) -> None:  # noqa: ARG002
            self._act()
            raise OSError(errno.EINVAL, "Invalid argument")

    with pytest.raises(ChangedError):
        Tree(root, Plain(root, save_atomically)).write("a.md", b"ours\n", expected=OLD)
    assert contents(root) == {"a.md": b"theirs\n"}
    (root / "a.md").write_bytes(b"old\n")
    Tree(root, Plain(root, lambda _file: None)).write("a.md", b"ours\n", expected=OLD)
    assert contents(root) == {"a.md": b"ours\n"}


def test_an_exchange_that_fails_changes_nothing(root: Path) -> None:
    class Broken(Disk):
        def exchange(self, first: str, second: str, *, dir_fd: int) -> None:  # noqa: ARG002
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(StorageError):
        Tree(root, Broken()).write("a.md", b"ours\n", expected=OLD)
    assert contents(root) == {"a.md": b"old\n"}


def killed_in_mid_swap(root: Path, change: FileChange, meddle: Meddling = save_atomically) -> None:
    """Kill a child between the exchange and the check of the old file, which somebody saved right before."""

    class Deadly(MeddledDisk):
        def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
            super().exchange(first, second, dir_fd=dir_fd)
            os.kill(os.getpid(), signal.SIGKILL)

        def rename(self, source: str, target: str, *, dir_fd: int) -> None:
            super().rename(source, target, dir_fd=dir_fd)
            if source == "a.md":
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            with Store(root.parent / "state", Deadly(root, meddle)) as store:
                store.apply(root, [change], kind=TransactionKind.DREAM, at=NOW)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


@pytest.mark.parametrize("refused", [{}, NO_LINKS, NEITHER, FAT])
@pytest.mark.parametrize("after", [b"ours\n", None])
def test_recovery_after_a_crash_in_mid_swap_restores_their_file(
    root: Path, after: bytes | None, refused: Mapping[str, int]
) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", after))
    with Store(root.parent / "state", FaultyDisk(refused=refused)) as store:
        store.recover(root)
    assert contents(root) == {"a.md": b"theirs\n"}


@pytest.mark.parametrize("after", [b"ours\n", None])
def test_recovery_after_a_crash_in_mid_swap_leaves_nothing_aside(root: Path, after: bytes | None) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", after), leave_alone)
    with Store(root.parent / "state") as store:
        assert store.recover(root) == ()
    assert contents(root) == ({} if after is None else {"a.md": after})


def test_a_save_while_recovery_gives_a_file_back_keeps_the_name(root: Path) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", b"ours\n"))
    with Store(root.parent / "state", MeddledDisk(root, save_newer)) as store:
        assert store.recover(root)[0].what == "a.md"
        assert store.objects.holds(sha256(b"theirs\n").hexdigest())
    assert contents(root) == {"a.md": b"newer\n"}


def test_a_removal_that_cannot_be_made_durable_puts_the_file_back(root: Path) -> None:
    class Broken(MeddledDisk):
        def fsync(self, fd: int) -> None:
            if self.acted and not (root / "a.md").exists():
                raise OSError(errno.EIO, "Input/output error")
            super().fsync(fd)

    with pytest.raises(StorageError):
        Tree(root, Broken(root, leave_alone)).remove("a.md", expected=OLD)
    assert contents(root) == {"a.md": b"old\n"}


@pytest.mark.parametrize("after", [b"ours\n", None])
def test_recovery_keeps_both_their_file_and_a_newer_save(root: Path, after: bytes | None) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", after))
    (root / "a.md").write_bytes(b"newer\n")
    with Store(root.parent / "state") as store:
        skipped = store.recover(root)
        assert skipped[0].what == "a.md"
        assert store.objects.get(sha256(b"theirs\n").hexdigest()) == b"theirs\n"
        (file,) = re.findall(r"in (/.*\.gz)\.$", skipped[0].advice)
        assert gzip.decompress(Path(file).read_bytes()) == b"theirs\n"
    assert contents(root) == {"a.md": b"newer\n"}


def test_the_first_operation_that_recovers_reports_what_was_left_alone(root: Path) -> None:
    def apply(store: Store, name: str = "b.md") -> Receipt:
        return store.apply(root, [FileChange(name, None, b"b\n")], kind=TransactionKind.DREAM, at=NOW)

    def undo(store: Store) -> Receipt:
        return store.undo(root, all_=True, at=NOW)

    with Store(root.parent / "state") as store:
        apply(store, "c.md")
    for act in (apply, undo):
        (root / "a.md").write_bytes(b"old\n")
        killed_in_mid_swap(root, FileChange("a.md", b"old\n", b"ours\n"))
        (root / "a.md").write_bytes(b"newer\n")
        with Store(root.parent / "state") as store:
            assert "a.md" in {skip.what for skip in act(store).skipped}
    (root / "a.md").write_bytes(b"old\n")
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", b"ours\n"))
    (root / "a.md").write_bytes(b"newer\n")
    with (
        Store(root.parent / "state") as store,
        pytest.raises(ChangedError, match=r"What a crash left: a\.md"),
    ):
        store.apply(root, [FileChange("a.md", b"old\n", b"x\n")], kind=TransactionKind.DREAM, at=NOW)


def test_bytes_that_recovery_kept_are_discarded_no_sooner_than_originals(root: Path) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", b"ours\n"))
    (root / "a.md").write_bytes(b"newer\n")
    now = datetime.now(UTC)
    with Store(root.parent / "state") as store:
        store.recover(root)
        theirs = sha256(b"theirs\n").hexdigest()
        for most_bytes in (None, 0):
            collect(store.state, store.objects, Retention(30, most_bytes), now + timedelta(days=29))
            assert store.objects.get(theirs) == b"theirs\n"
        assert collect(store.state, store.objects, Retention(30), now + timedelta(days=31)).strays == 1
        assert not store.objects.holds(theirs)


def test_a_file_set_aside_waits_until_its_writer_is_done(root: Path) -> None:
    killed_in_mid_swap(root, FileChange("a.md", b"old\n", b"ours\n"))
    (aside,) = root.glob(".kairos-*.old")
    with Store(root.parent / "state") as store:
        with aside.open("ab") as writer:
            store.recover(root)
            assert aside.exists()
            writer.write(b"more of theirs\n")
        store.recover(root)
    assert b"more of theirs\n" in b"".join(contents(root).values())
