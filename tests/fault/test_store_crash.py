"""A transaction that fails, or whose process is killed, at every single call to the disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kairos.errors import ChangedError, KairosError, StorageError
from kairos.store.transaction import Store
from tests.fault.crashing import (
    AFTER,
    BEFORE,
    Tripwire,
    apply,
    check_recovered,
    count_calls,
    facts,
    fail_at,
    killed,
    make_root,
    never,
    read_root,
    refuse,
    undo,
)


@pytest.mark.parametrize("action", [apply, undo])
def test_a_failure_at_every_call_leaves_before_or_after(
    in_memory: Path, action: Callable[[Store, Path], None]
) -> None:
    prepared = action is undo
    total = count_calls(in_memory / "count", action, prepared=prepared)
    for target in range(1, total + 1):
        root = make_root(in_memory / str(target))
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
def test_a_kill_at_any_call_loses_nothing(in_memory: Path, action: Callable[[Store, Path], None]) -> None:
    prepared = action is undo
    total = count_calls(in_memory / "count", action, prepared=prepared)
    for target in range(1, total + 1, 2):
        root = make_root(in_memory / str(target))
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
def test_a_kill_at_any_call_loses_nothing_without_hard_links(in_memory: Path, refused: set[str]) -> None:
    def without(_number: int, name: str) -> None:
        refuse(refused, name)

    target, lived = 1, False
    while not lived:
        root = make_root(in_memory / str(target))
        state = root.parent / "state"
        lived = not killed(state, root, apply, target, refused)
        assert facts(read_root(root).values()) >= facts(BEFORE.values())
        with Store(state, Tripwire(without)) as store:
            assert store.recover(root) == ()
        assert read_root(root) in (BEFORE, AFTER)
        target += 5
    assert read_root(root) == AFTER


@pytest.mark.parametrize(("code", "sentence"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_fails_from_any_call_on_loses_nothing(in_memory: Path, code: int, sentence: str) -> None:
    """A full disk stays full: what could not be put back is put back at the next start."""
    total = count_calls(in_memory / "count", apply, prepared=False)
    for target in range(1, total + 1, 16):
        root = make_root(in_memory / str(target))
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
def test_a_foreign_edit_in_mid_apply_is_never_overwritten(in_memory: Path, victim: str) -> None:
    total = count_calls(in_memory / "count", apply, prepared=False)
    theirs = b"fact: theirs\n"
    for target in range(1, total, 7):
        root = make_root(in_memory / str(target))

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


def test_recovery_leaves_foreign_files_and_what_relies_on_them(in_memory: Path) -> None:
    """Killed before the removals; then an agent rewrites the survivor: the twin must stay."""
    root = make_root(in_memory)
    state = in_memory / "state"
    target = 0
    while not (root / "sub/new.md").exists() or b"host" not in (root / "port.md").read_bytes():
        target += 5
        assert killed(state, root, apply, target)
    (root / "port.md").write_bytes(b"fact: theirs\n")
    with Store(state) as store:
        store.recover(root)
    assert (root / "port.md").read_bytes() == b"fact: theirs\n"
    assert (root / "twin.md").read_bytes() == BEFORE["twin.md"]


def test_recovery_rolls_back_where_an_agent_rewrote_the_index(in_memory: Path) -> None:
    """The agent's new index may name what the transaction was going to remove."""
    root = make_root(in_memory)
    state = in_memory / "state"
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


def test_recovery_removes_temporary_files_only(in_memory: Path) -> None:
    root = make_root(in_memory)
    (root / ".kairos-0123456789abcdef.tmp").write_bytes(b"half")
    (root / ".kairos-notes.md").write_bytes(b"the user's own")
    with Store(in_memory / "state") as store:
        store.recover(root)
    assert read_root(root) == {**BEFORE, ".kairos-notes.md": b"the user's own"}


@pytest.mark.parametrize("body", [b"99999999\n", None])
@pytest.mark.parametrize(
    ("work", "step"), [(lambda store, root, lock: store.recover(root, foreign_lock=lock), 1), (apply, 5)]
)
def test_the_foreign_lock_survives_a_kill_at_any_call(
    in_memory: Path, body: bytes | None, work: Callable[[Store, Path, Path], object], step: int
) -> None:
    """A recovery takes the lock and gives it back, and does nothing else here: each of its calls is tried."""
    target, lived = 1, False
    while not lived:
        root = make_root(in_memory / str(target))
        lock = root / ".consolidate-lock"
        if body is not None:
            lock.write_bytes(body)
            os.utime(lock, ns=(5, 1_700_000_000_123_456_789))

        def act(store: Store, root: Path, lock: Path = lock) -> None:
            work(store, root, lock)

        lived = not killed(root.parent / "state", root, act, target)
        with Store(root.parent / "state") as store:
            store.recover(root, foreign_lock=lock)
        assert (lock.read_bytes() if lock.exists() else None) == body, target
        assert body is None or lock.stat().st_mtime_ns == 1_700_000_000_123_456_789, target
        assert not [name for name in read_root(root) if name.endswith(".tmp")]
        target += step
    assert target > 5
