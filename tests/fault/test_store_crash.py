"""A transaction that fails, or whose process is killed, at every single call to the disk."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kairos.errors import ChangedError, KairosError, StorageError, UndoConflictError, UsageError
from kairos.model import Change, ChangeKind, FileChange, Place, RemoveFile
from kairos.store.disk import Disk
from kairos.store.records import Reached, TransactionKind
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CALLS = {name for name in vars(Disk) if not name.startswith("_")}

BEFORE = {
    "MEMORY.md": b"- [Port](port.md)\n- [Twin](twin.md)\n- fact: index\n",
    "port.md": b"fact: port\n",
    "twin.md": b"fact: port\nfact: host\n",
    "mixed.md": b"fact: one\nfact: host\n",
    "lossy.md": b"fact: one\nfact: two\n",
    "untouched.md": b"fact: untouched\n",
}
AFTER = {
    "MEMORY.md": b"- [Port](port.md)\n- [New](sub/new.md)\n- fact: index\n",
    "port.md": b"fact: port\nfact: host\n",
    "mixed.md": b"fact: one\nfact: three\n",
    "lossy.md": b"fact: two\n",
    "sub/new.md": b"fact: three\n",
    "untouched.md": b"fact: untouched\n",
}
EDITS = (
    FileChange("MEMORY.md", BEFORE["MEMORY.md"], AFTER["MEMORY.md"], index=True),
    FileChange("lossy.md", BEFORE["lossy.md"], AFTER["lossy.md"], requires=("mixed.md",)),
    FileChange(
        "mixed.md",
        BEFORE["mixed.md"],
        AFTER["mixed.md"],
        interim=b"fact: one\nfact: three\nfact: host\n",
        requires=("port.md",),
    ),
    FileChange("port.md", BEFORE["port.md"], AFTER["port.md"]),
    FileChange("sub/new.md", None, AFTER["sub/new.md"]),
    FileChange("twin.md", BEFORE["twin.md"], None, requires=("port.md",)),
)
CHANGES = (
    Change("k", ChangeKind.MERGE, "said twice", (RemoveFile("twin.md"),), Place("twin.md", 1, "fact: port")),
)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory in memory where there is one: a thousand crashes, none of them of the power."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name).resolve()


class Tripwire(Disk):
    """Calls `trip(n, name)` before the n-th call; fsync is skipped, to be quick."""

    def __init__(self, trip: Callable[[int, str], None]) -> None:
        self.trip = trip
        self.calls = 0

    def __getattribute__(self, name: str) -> Any:
        if name in CALLS:
            self.calls += 1
            self.trip(self.calls, name)
        return super().__getattribute__(name)

    def fsync(self, fd: int) -> None:
        pass


def never(_number: int, _name: str) -> None:
    pass


def fail_at(target: int) -> Callable[[int, str], None]:
    def trip(number: int, _name: str) -> None:
        if number == target:
            raise OSError(errno.EIO, "injected")

    return trip


def kill_at(target: int, refused: Container[str] = ()) -> Callable[[int, str], None]:
    def trip(number: int, name: str) -> None:
        if number == target:
            os.kill(os.getpid(), signal.SIGKILL)
        refuse(refused, name)

    return trip


def refuse(refused: Container[str], name: str) -> None:
    """Answer as a file system that does not know a call: FAT has no hard links."""
    if name in refused:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def make_root(directory: Path) -> Path:
    root = directory / "root"
    root.mkdir(parents=True)
    for name, data in BEFORE.items():
        (root / name).write_bytes(data)
    return root


def read_root(root: Path) -> dict[str, bytes]:
    """Everything in the root, directories as entries too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def directories(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def facts(files: Iterable[bytes]) -> set[bytes]:
    return {line for data in files for line in data.splitlines() if line.startswith(b"fact: ")}


def apply(store: Store, root: Path, foreign_lock: Path | None = None) -> None:
    store.apply(
        root,
        EDITS,
        kind=TransactionKind.DREAM,
        at=NOW,
        changes=CHANGES,
        base={name: sha256(data).hexdigest() for name, data in BEFORE.items()},
        foreign_lock=foreign_lock,
    )


def undo(store: Store, root: Path) -> None:
    store.undo(root, at=NOW, all_=True)


def check_recovered(state: Path, root: Path, allowed: Iterable[Mapping[str, bytes]]) -> None:
    """After recovery the root is one of `allowed`, and from there everything still works."""
    with Store(state, Tripwire(never)) as store:
        assert store.recover(root) == ()
        now = read_root(root)
        assert now in allowed
        assert directories(root) == ({"sub"} if "sub/new.md" in now else set())
        assert not store.journal.pending(str(root.resolve()))
        if now == BEFORE:
            apply(store, root)
        assert read_root(root) == AFTER
        undo(store, root)
        assert read_root(root) == BEFORE
        assert not directories(root)


def count_calls(directory: Path, action: Callable[[Store, Path], None], *, prepared: bool) -> int:
    root = make_root(directory)
    with Store(directory / "state", disk := Tripwire(never)) as store:
        if prepared:
            apply(store, root)
        disk.calls = 0
        action(store, root)
        return disk.calls


@pytest.mark.parametrize("action", [apply, undo])
def test_a_failure_at_every_call_leaves_before_or_after(
    tmp_path: Path, action: Callable[[Store, Path], None]
) -> None:
    prepared = action is undo
    total = count_calls(tmp_path / "count", action, prepared=prepared)
    for target in range(1, total + 1):
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        with Store(state, disk := Tripwire(never)) as store:
            if prepared:
                apply(store, root)
            disk.calls, disk.trip = 0, fail_at(target)
            finished = False
            with suppress(KairosError):  # anything else is a defect
                action(store, root)
                finished = True
        now = read_root(root)
        assert facts(now.values()) >= facts(BEFORE.values())
        if finished:
            assert now == (BEFORE if prepared else AFTER)
        if not prepared:
            check_recovered(state, root, (BEFORE, AFTER))
        else:
            with Store(state) as store:
                store.recover(root)
                assert read_root(root) in (BEFORE, AFTER)


@pytest.mark.parametrize("action", [apply, undo])
def test_a_kill_at_any_call_loses_nothing(tmp_path: Path, action: Callable[[Store, Path], None]) -> None:
    prepared = action is undo
    total = count_calls(tmp_path / "count", action, prepared=prepared)
    for target in range(1, total + 1, 2):
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        if prepared:
            with Store(state, Tripwire(never)) as store:
                apply(store, root)
        assert killed(state, root, action, target)
        assert facts(read_root(root).values()) >= facts(BEFORE.values())
        with Store(state, Tripwire(never)) as store:
            store.recover(root)
        if prepared:
            assert read_root(root) in (BEFORE, AFTER)
        else:
            check_recovered(state, root, (BEFORE, AFTER))


@pytest.mark.parametrize(
    "refused", [{"link"}, {"link", "rename_to_free_name"}, {"link", "rename_to_free_name", "exchange"}]
)
def test_a_kill_at_any_call_loses_nothing_without_hard_links(tmp_path: Path, refused: set[str]) -> None:
    def without(_number: int, name: str) -> None:
        refuse(refused, name)

    target, lived = 1, False
    while not lived:
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        lived = not killed(state, root, apply, target, refused)
        assert facts(read_root(root).values()) >= facts(BEFORE.values())
        with Store(state, Tripwire(without)) as store:
            assert store.recover(root) == ()
        assert read_root(root) in (BEFORE, AFTER)
        target += 5
    assert read_root(root) == AFTER


def killed(
    state: Path,
    root: Path,
    action: Callable[[Store, Path], None],
    target: int,
    refused: Container[str] = (),
) -> bool:
    """Run an action in a child process that is killed at one call; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            with Store(state, disk := Tripwire(never)) as store:
                disk.calls, disk.trip = 0, kill_at(target, refused)
                action(store, root)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(("code", "sentence"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_refuses_from_some_call_on(tmp_path: Path, code: int, sentence: str) -> None:
    """Once full it stays full: what could not be put back is put back at the next start."""
    for target in range(1, 120, 9):
        root = make_root(tmp_path / str(target))
        refused: list[str] = []

        def trip(number: int, name: str, target: int = target, refused: list[str] = refused) -> None:
            if number >= target and name in {"write", "mkdir"}:
                refused.append(name)
                raise OSError(code, os.strerror(code))

        with Store(root.parent / "state", disk := Tripwire(never)) as store:
            disk.calls, disk.trip = 0, trip
            try:
                apply(store, root)
            except StorageError as error:
                assert sentence in error.what  # noqa: PT017 - late calls need no space any more
            else:
                assert not refused
        assert facts(read_root(root).values()) >= facts(BEFORE.values())
        check_recovered(root.parent / "state", root, (BEFORE, AFTER))


@pytest.mark.parametrize("victim", ["port.md", "twin.md", "lossy.md", "mixed.md", "MEMORY.md", "sub/new.md"])
def test_a_foreign_edit_in_mid_apply_is_never_overwritten(tmp_path: Path, victim: str) -> None:
    total = count_calls(tmp_path / "count", apply, prepared=False)
    theirs = b"fact: theirs\n"
    for target in range(1, total, 7):
        root = make_root(tmp_path / str(target))

        def trip(number: int, name: str, target: int = target, root: Path = root) -> None:
            if (
                number >= target
                and name == "open"
                and not (root / ".seen").exists()
                and (root / victim).parent.is_dir()
            ):
                (root / ".seen").touch()
                (root / victim).write_bytes(theirs)

        with Store(root.parent / "state", disk := Tripwire(never)) as store:
            disk.calls, disk.trip = 0, trip
            try:
                apply(store, root)
            except ChangedError as error:
                assert victim in error.paths  # noqa: PT017 - late edits meet a finished file
        if (root / ".seen").exists():
            assert (root / victim).read_bytes() == theirs, target
        lost = facts(BEFORE.values()) - facts(read_root(root).values())
        assert lost <= facts([BEFORE.get(victim, b""), AFTER.get(victim, b"")])


@pytest.mark.parametrize("victim", sorted(BEFORE.keys() | AFTER.keys()))
@pytest.mark.parametrize("anew", [False, True])
def test_what_a_killed_run_took_out_can_be_brought_back_whatever_was_edited_since(
    tmp_path: Path, victim: str, anew: bool
) -> None:
    total = count_calls(tmp_path / "count", apply, prepared=False)
    theirs = b"fact: theirs\n"
    for target in range(1, total + 1, 2):
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        assert killed(state, root, apply, target)
        note = root / victim
        found = note.read_bytes() if note.exists() and not anew else b""
        note.parent.mkdir(exist_ok=True)
        note.write_bytes(found + theirs)
        with Store(state, Tripwire(never)) as store:
            store.recover(root)
            assert note.read_bytes().endswith(theirs)
            here = facts(read_root(root).values())
            kept = {
                store.objects.get(file.before)
                for transaction in store.journal.history(str(root.resolve()))
                for file in transaction.files
                if file.before and file.reached is not Reached.BEFORE
            }
            overwritten = (
                facts([BEFORE.get(victim, b"")]) if anew else set()
            )  # by the user, in a note as it was
            assert facts(BEFORE.values()) <= here | facts(kept) | overwritten, target
            if not anew:
                with suppress(UsageError):  # nothing was done
                    try:
                        undo(store, root)
                    except UndoConflictError as error:
                        assert error.paths == (victim,)  # noqa: PT017 - it was written anew, and stays
                        continue
                here = facts(read_root(root).values())
                left = facts(kept) - facts([BEFORE.get(victim, b"")])
                assert here >= left | {b"fact: theirs"}, target


class Forbidding(Tripwire):
    """Lets one note neither be replaced nor removed."""

    def __init__(self, note: str) -> None:
        super().__init__(never)
        self.note = note

    def exchange(self, first: str, second: str, *, dir_fd: int) -> None:
        self._refuse(second)
        super().exchange(first, second, dir_fd=dir_fd)

    def rename(self, source: str, target: str, *, dir_fd: int) -> None:
        self._refuse(source)
        self._refuse(target)
        super().rename(source, target, dir_fd=dir_fd)

    def _refuse(self, name: str) -> None:
        if name == self.note:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@pytest.mark.parametrize("note", ["lossy.md", "twin.md", "MEMORY.md", "mixed.md"])
def test_a_note_that_can_never_be_written_leaves_no_half_changed_root(tmp_path: Path, note: str) -> None:
    root = make_root(tmp_path)
    with Store(tmp_path / "state", Forbidding(note)) as store:
        with pytest.raises(StorageError) as caught:
            apply(store, root)
        assert "put back" in caught.value.advice
        assert read_root(root) == BEFORE
        assert not store.journal.pending(str(root.resolve()))
    check_recovered(tmp_path / "state", root, (BEFORE,))


@pytest.mark.parametrize("note", ["lossy.md", "twin.md"])
def test_what_a_crash_left_is_put_back_where_it_cannot_be_finished(tmp_path: Path, note: str) -> None:
    """Killed when the last removals are left; from then on the note may not be written."""
    total = count_calls(tmp_path / "count", apply, prepared=False)
    for target in range(total // 2, total, 3):
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        assert killed(state, root, apply, target)
        done = (read_root(root).get(note) or b"") == AFTER.get(note, b"")
        with Store(state, Forbidding(note)) as store:
            if not done:
                store.recover(root)
                assert read_root(root) == BEFORE, target
                assert not store.journal.pending(str(root.resolve()))
        check_recovered(state, root, (BEFORE, AFTER))


def test_recovery_leaves_foreign_files_and_what_relies_on_them(tmp_path: Path) -> None:
    """Killed before the removals; then an agent rewrites the survivor: the twin must stay."""
    root = make_root(tmp_path)
    state = tmp_path / "state"
    target = 0
    while not (root / "sub/new.md").exists() or b"host" not in (root / "port.md").read_bytes():
        target += 5
        assert killed(state, root, apply, target)
    (root / "port.md").write_bytes(b"fact: theirs\n")
    with Store(state) as store:
        store.recover(root)
    assert (root / "port.md").read_bytes() == b"fact: theirs\n"
    assert (root / "twin.md").read_bytes() == BEFORE["twin.md"]


def test_recovery_rolls_back_where_an_agent_rewrote_the_index(tmp_path: Path) -> None:
    """Its new index may name what the transaction was going to remove."""
    root = make_root(tmp_path)
    state = tmp_path / "state"
    target = 0
    while (root / "twin.md").exists():
        target += 1
        assert killed(state, root, apply, target)
        if (root / "twin.md").exists():
            with Store(state, Tripwire(never)) as store:
                store.recover(root)
                if read_root(root) == AFTER:
                    undo(store, root)
    (root / "MEMORY.md").write_bytes(b"- [Twin](twin.md), theirs\n")
    with Store(state) as store:
        assert [skip.what for skip in store.recover(root)] == ["MEMORY.md"]
    assert read_root(root) == {**BEFORE, "MEMORY.md": b"- [Twin](twin.md), theirs\n"}


def test_recovery_removes_temporary_files_only(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    (root / ".kairos-0123456789abcdef.tmp").write_bytes(b"half")
    (root / ".kairos-notes.md").write_bytes(b"the user's own")
    with Store(tmp_path / "state") as store:
        store.recover(root)
    assert read_root(root) == {**BEFORE, ".kairos-notes.md": b"the user's own"}


def test_the_foreign_lock_survives_a_kill_at_any_call(tmp_path: Path) -> None:
    for target in range(1, 160, 5):
        root = make_root(tmp_path / str(target))
        lock = root / ".consolidate-lock"
        lock.write_bytes(b"99999999\n")
        os.utime(lock, ns=(5, 1_700_000_000_123_456_789))

        def act(store: Store, root: Path, lock: Path = lock) -> None:
            apply(store, root, lock)

        killed(root.parent / "state", root, act, target)
        with Store(root.parent / "state") as store:
            store.recover(root, foreign_lock=lock)
        assert lock.read_bytes() == b"99999999\n", target
        assert lock.stat().st_mtime_ns == 1_700_000_000_123_456_789
