"""A process that gets a signal to end, at any call to the disk, completes its transaction first."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from kairos.store.interruption import INTERRUPTION, Terminated
from kairos.store.transaction import Store
from tests.fault.crashing import (
    AFTER,
    BEFORE,
    Tripwire,
    apply,
    count_calls,
    killed,
    make_root,
    never,
    read_root,
    undo,
)

_ENDED = {signal.SIGINT: 130, signal.SIGTERM: 143}


def recover(store: Store, root: Path) -> None:
    store.recover(root)


def asked_to_end(
    state: Path, root: Path, action: Callable[[Store, Path], None], number: signal.Signals, target: int
) -> int:
    """Run an action in a child process that gets a signal at one call. Returns its exit code, 0 if it is ignored."""

    def trip(call: int, _name: str) -> None:
        if call == target:
            os.kill(os.getpid(), number)

    child = os.fork()
    if child == 0:
        code = 1
        try:
            INTERRUPTION.listen()
            with Store(state, disk := Tripwire(never)) as store:
                disk.calls, disk.trip = 0, trip
                action(store, root)
            code = 0
        except KeyboardInterrupt:
            code = 130
        except Terminated:
            code = 143
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("action", [apply, undo])
def test_a_signal_at_any_call_waits_for_the_end_of_the_transaction(
    in_memory: Path, action: Callable[[Store, Path], None], number: signal.Signals
) -> None:
    prepared = action is undo
    total = count_calls(in_memory / "count", action, prepared=prepared)
    for target in range(1, total + 1, 3):
        root = make_root(in_memory / str(target))
        state = root.parent / "state"
        if prepared:
            with Store(state, Tripwire(never)) as store:
                apply(store, root)
        assert asked_to_end(state, root, action, number, target) == _ENDED[number]
        assert read_root(root) == (BEFORE if prepared else AFTER)
        with Store(state) as store:
            assert not store.journal.pending(str(root))


def test_a_signal_waits_for_the_end_of_a_recovery(in_memory: Path) -> None:
    total = count_calls(in_memory / "count", apply, prepared=False)
    root = make_root(in_memory / "half")
    assert killed(root.parent / "state", root, apply, total // 2)
    assert asked_to_end(root.parent / "state", root, recover, signal.SIGTERM, 1) == 143
    assert read_root(root) in (BEFORE, AFTER)
    with Store(root.parent / "state") as store:
        assert not store.journal.pending(str(root))


def test_an_agent_gets_its_lock_back(in_memory: Path) -> None:
    root = make_root(in_memory)
    lock = root / ".consolidate-lock"
    lock.write_bytes(b"99999999\n")
    os.utime(lock, ns=(5, 1_700_000_000_123_456_789))

    def act(store: Store, root: Path) -> None:
        apply(store, root, lock)

    middle = count_calls(in_memory / "count", apply, prepared=False) // 2
    assert asked_to_end(in_memory / "state", root, act, signal.SIGTERM, middle) == 143
    assert (lock.read_bytes(), lock.stat().st_mtime_ns) == (b"99999999\n", 1_700_000_000_123_456_789)


def test_an_ignored_signal_stays_ignored(in_memory: Path) -> None:
    root = make_root(in_memory)
    middle = count_calls(in_memory / "count", apply, prepared=False) // 2
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert asked_to_end(in_memory / "state", root, apply, signal.SIGINT, middle) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert read_root(root) == AFTER
