"""A move that is killed, or fails, at every call to the disk; and moves of a root with an interrupted transaction."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from kairos.errors import KairosError
from kairos.model import FileChange
from kairos.store.check import activity_flaws, chain_flaws
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.fault.crashing import (
    AFTER,
    BEFORE,
    NOW,
    Tripwire,
    apply,
    fail_at,
    killed,
    make_root,
    never,
    read_root,
    undo,
)

AGENTS = b"99999999\n"
AGENTS_NS = 1_700_000_000_123_456_789


def renamed_root(directory: Path, *, goes_on: bool) -> Path:
    """A root that was renamed after a dream and, if it `goes_on`, was dreamt over again under its new name."""
    root, new = make_root(directory), directory / "new"
    with Store(directory / "state", Tripwire(never)) as store:
        apply(store, root)
        root.rename(new)
        if goes_on:
            later = FileChange("later.md", None, b"fact: later\n")
            store.apply(new, [later], kind=TransactionKind.DREAM, at=NOW)
    return new


def move(store: Store, new: Path) -> None:
    lock = new / ".consolidate-lock"
    store.move(str(new.parent / "root"), new, at=NOW, foreign_lock=lock if lock.exists() else None)


def check_whole_under_one_name(state: Path, new: Path) -> None:
    """Check that the history is whole and under one of the two names, and that move and undo still work from there."""
    old = str(new.parent / "root")
    with Store(state, Tripwire(never)) as store:
        assert list(chain_flaws(store.state)) == []
        assert list(activity_flaws(store.state)) == []
        moves = [item for item in store.journal.history(str(new)) if item.kind == "move"]
        assert len(moves) == (old not in store.state.roots())
        if not moves:
            move(store, new)
        assert list(store.state.roots()) == [str(new)]
        undo(store, new)
        assert list(chain_flaws(store.state)) == []
        assert {name: data for name, data in read_root(new).items() if not name.startswith(".")} == BEFORE


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_kill_at_any_call_leaves_the_old_name_or_the_new_one(tmp_path: Path, *, goes_on: bool) -> None:
    target, lived = 1, False
    states: set[bool] = set()
    while not lived:
        new = renamed_root(tmp_path / str(target), goes_on=goes_on)
        lived = not killed(new.parent / "state", new, move, target)
        with Store(new.parent / "state") as store:
            states.add(str(new.parent / "root") in store.state.roots())
        check_whole_under_one_name(new.parent / "state", new)
        target += 1
    assert states == {True, False}
    assert target > 5


def test_a_failure_at_any_call_leaves_the_old_name_or_the_new_one(tmp_path: Path) -> None:
    target, finished = 1, False
    while not finished:
        new = renamed_root(tmp_path / str(target), goes_on=False)
        with Store(new.parent / "state", disk := Tripwire(never)) as store:
            disk.calls, disk.trip = 0, fail_at(target)
            with suppress(KairosError):  # anything else is a defect
                move(store, new)
            finished = disk.calls < target
        check_whole_under_one_name(new.parent / "state", new)
        target += 1


def test_an_interrupted_transaction_is_recovered_under_the_new_name(tmp_path: Path) -> None:
    target, lived = 1, False
    while not lived:
        root = make_root(tmp_path / str(target))
        state = root.parent / "state"
        lived = not killed(state, root, apply, target)
        new = root.rename(root.parent / "new")
        with Store(state, Tripwire(never)) as store:
            store.state.remember_root(str(root))  # if it was killed before it did so
            move(store, new)
            assert read_root(new) in (BEFORE, AFTER), target
            assert not store.journal.pending(str(new))
            assert list(chain_flaws(store.state)) == []
        target += 12


def test_the_agents_lock_survives_a_kill_at_any_call(tmp_path: Path) -> None:
    target, lived = 1, False
    while not lived:
        root = make_root(tmp_path / str(target))
        state, lock = root.parent / "state", root / ".consolidate-lock"
        lock.write_bytes(AGENTS)
        os.utime(lock, ns=(5, AGENTS_NS))

        def act(store: Store, root: Path) -> None:
            apply(store, root, root / ".consolidate-lock")
            new = root.rename(root.parent / "new")
            store.move(str(root), new, at=NOW, foreign_lock=new / ".consolidate-lock")

        lived = not killed(state, root, act, target)
        new = root.parent / "new"
        if root.exists():
            root.rename(new)
        with Store(state, Tripwire(never)) as store:
            if str(new) not in store.state.roots():
                store.state.remember_root(str(root))
                move(store, new)
            store.recover(new, foreign_lock=new / ".consolidate-lock")
        assert (new / ".consolidate-lock").read_bytes() == AGENTS, target
        assert (new / ".consolidate-lock").stat().st_mtime_ns == AGENTS_NS, target
        target += 7
