"""A state machine: edits, dreams, crashes, undos, decisions and clocks of two Kairos lose nothing, in any order."""

from __future__ import annotations

import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from kairos.dream import Kairos, Mode, Outcome, Status
from kairos.dream.checkup import root_flaws
from kairos.errors import ChangedError, KairosError, LockedError, PlanRefusedError
from kairos.model import ChangeKind, Skip
from kairos.store.check import activity_flaws, chain_flaws, journal_flaws
from kairos.store.disk import DISK
from kairos.store.lock import RootLock
from kairos.store.objects import Objects
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.conftest import contents
from tests.fault.faults import Fault, FaultyDisk
from tests.light import light_front
from tests.property.editor import NAMES, Editor, names, texts

who = st.integers(0, 1)
POINTS = st.integers(1, 30) | st.integers(1, 120)
"""The number of the disk-changing call at which a process dies."""
COUNTS: Counter[str] = Counter()


class Machine(Editor):
    """Adds dreams, crashes, undos, decisions and clock jumps to the editor, and checks what must always hold."""

    # --- dreams ---

    def dream(self, front: int) -> Outcome | None:
        """Dream, and check the outcome. Returns None if somebody else changed or locked the root first."""
        try:
            outcome = self.fronts[front].dream(self.root, Mode.UNATTENDED)
        except (ChangedError, LockedError):
            return None
        for change in outcome.plan.changes if outcome.receipt else ():
            if change.witness is not None and outcome.status is Status.APPLIED:
                assert change.witness.covers or change.kind is ChangeKind.RESOLVE
                said = change.witness.place.text.strip().encode()  # the entry, as it stands after the plan
                assert said in (self.root / change.witness.place.file).read_bytes()
        return outcome

    @rule(front=who, other=who)
    def dream_and_rest(self, front: int, other: int) -> None:
        self.fronts[1 - front].now = self.fronts[front].now
        outcome = self.dream(front)
        assume(outcome is not None and outcome.status is not Status.PARTIAL)
        after = contents(self.root)
        plans = [one.dream(self.root, Mode.PREVIEW).plan for one in self.fronts]
        assert plans[0] == plans[1]
        assert plans[0].changes == ()
        again = self.dream(other)
        assert again
        assert (again.status, contents(self.root)) == (Status.NOTHING, after)
        kairos = self.fronts[front]
        flaws = root_flaws(self.root, kairos.layout_of(self.root), kairos.config)
        alone = [flaw.what for flaw in flaws if flaw.what.startswith("Nothing leads to")]
        assert all(_pointer_was_undone(what, plans[0].skipped) for what in alone)

    @rule(front=who)
    def dream_undo_redo(self, front: int) -> None:
        self.recover(front)
        before = contents(self.root)
        outcome = self.dream(front)
        assume(outcome and outcome.receipt and not outcome.skipped)
        assert outcome
        assert outcome.receipt
        after = contents(self.root)
        undone = self.fronts[1 - front].undo(self.root, transaction=outcome.receipt.transaction)
        assert contents(self.root) == before
        self.fronts[front].undo(self.root, transaction=undone.transaction)
        assert contents(self.root) == after

    @rule(front=who, name=names, text=texts, what=st.sampled_from(("edit", "dream", "undo")))
    def dream_while_something_happens(self, front: int, name: str, text: str, what: str) -> None:
        def meanwhile(_plan: object) -> bool:
            if what == "edit":
                self.append(name, text, "")
            elif what == "dream":
                self.dream(1 - front)
            else:
                self.attempt(lambda: self.fronts[1 - front].undo(self.root, everything=True))
            return True

        self.attempt(lambda: self.fronts[front].dream(self.root, Mode.ASK, meanwhile))

    @rule(front=who)
    def a_locked_root_is_left_alone(self, front: int) -> None:
        with RootLock(self.fronts[0].state_dir / "locks", self.root):
            before = contents(self.root)
            with pytest.raises(LockedError):
                self.fronts[front].dream(self.root, Mode.UNATTENDED)
            assert contents(self.root) == before

    # --- crashes, and a second process ---

    def in_process(self, action: Callable[[Kairos], object], fault: Fault | None = None) -> int:
        """Run an action in a child process, with a front door of its own. Returns the process ID of the child."""
        child = os.fork()
        if child == 0:
            try:
                DISK.__class__ = FaultyDisk
                assert isinstance(DISK, FaultyDisk)
                DISK.plan(fault)
                action(light_front(self.home, self.clock, "child"))
            except KairosError:
                os._exit(3)
            except BaseException:  # noqa: BLE001 - the parent has to know
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        return child

    @staticmethod
    def wait(child: int) -> None:
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or os.WEXITSTATUS(status) in {0, 3}
        COUNTS["killed"] += killed

    @rule(at=POINTS, again=st.none() | st.integers(1, 12), text=texts, undo=st.booleans(), torn=st.booleans())
    def crash(self, at: int, again: int | None, text: str, *, undo: bool, torn: bool) -> None:
        """Kill a process in a dream that has work to do, or in an undo; the process that recovers may be killed too."""
        for name in () if undo else NAMES[:2]:
            self.append(name, text, "")
        how = "torn" if torn else "kill"

        def act(kairos: Kairos) -> None:
            if undo:
                kairos.undo(self.root, everything=True)
            else:
                kairos.dream(self.root, Mode.UNATTENDED)

        self.wait(self.in_process(act, Fault(at, how)))
        if again is not None:
            self.nothing_is_lost_and_the_journal_is_whole()
            self.wait(
                self.in_process(lambda kairos: Store(kairos.state_dir).recover(self.root), Fault(again, how))
            )

    @rule(front=who)
    def recover(self, front: int) -> None:
        with Store(self.fronts[front].state_dir) as store:
            store.recover(self.root, foreign_lock=self.root / ".consolidate-lock")
            assert not store.journal.pending(str(self.root))
        assert not list(self.root.rglob(".kairos-*"))

    @rule(front=who, name=names, text=texts)
    def two_processes(self, front: int, name: str, text: str) -> None:
        child = self.in_process(lambda kairos: kairos.dream(self.root, Mode.UNATTENDED))
        self.dream(front)
        self.append(name, text, "")
        self.dream(front)
        self.wait(child)

    # --- undo and decisions ---

    @staticmethod
    def attempt(action: Callable[[], object]) -> None:
        """Run an action that may be refused, but never for breaking an invariant."""
        try:
            action()
        except PlanRefusedError:
            raise
        except KairosError as error:
            COUNTS[type(error).__name__] += 1

    @rule(front=who, what=st.sampled_from(("last", "all", "change", "redo")))
    def undo(self, front: int, what: str) -> None:
        kairos = self.fronts[front]
        with self.store() as store:
            history = store.journal.history(str(self.root))
        keys = [change.key for item in history for change in item.changes]
        undos = [item.id for item in history if item.kind is TransactionKind.UNDO]
        if what == "last":
            self.attempt(partial(kairos.undo, self.root))
        elif what == "all":
            self.attempt(partial(kairos.undo, self.root, everything=True))
        elif what == "change" and keys:
            self.attempt(partial(kairos.undo, self.root, change=keys[len(keys) // 2]))
        elif what == "redo" and undos:
            self.attempt(partial(kairos.undo, self.root, transaction=undos[0]))

    @rule(front=who, keep=st.sampled_from(("a", "b", "both")))
    def resolve(self, front: int, keep: str) -> None:
        with self.store() as store:
            found = store.state.conflicts(self.root)
        assume(found)
        self.attempt(lambda: self.fronts[front].resolve(found[0].conflict.id, keep))  # type: ignore[arg-type]

    @rule(front=who, approve=st.booleans())
    def decide(self, front: int, *, approve: bool) -> None:
        with self.store() as store:
            found = store.state.proposals(self.root)
        assume(found)
        kairos = self.fronts[front]
        self.attempt(lambda: (kairos.approve if approve else kairos.reject)(found[0].change.key))

    @rule(front=who, hours=st.sampled_from((-24 * 200, -30, -1, 1, 30, 24 * 200)))
    def jump(self, front: int, hours: int) -> None:
        self.clock += timedelta(hours=hours)
        self.fronts[front].now = self.clock

    @rule(front=who)
    def restart(self, front: int) -> None:
        self.fronts[front] = light_front(self.home, self.clock)

    # --- what always holds ---

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store(self.fronts[0].state_dir) as store:
            yield store

    @invariant()
    def nothing_is_lost_and_the_journal_is_whole(self) -> None:
        if not hasattr(self, "home"):
            return
        COUNTS["steps"] += 1
        found = set(contents(self.root).values())
        with self.store() as store:
            objects = Objects(self.fronts[0].state_dir / "objects")
            flaws = [
                *chain_flaws(store.state),
                *activity_flaws(store.state),
                *journal_flaws(store.state, objects),
            ]
            assert not [flaw for flaw in flaws if flaw.serious]
        for data in {*self.owed, *self.live.values()} - found:
            digest = sha256(data).hexdigest()
            assert objects.holds(digest), data
            assert objects.get(digest) == data


def _pointer_was_undone(alone: str, skipped: Iterable[Skip]) -> bool:
    """Whether a note that nothing leads to lost its pointer to an undo, and the dream says so."""
    path = alone.removeprefix("Nothing leads to ").removesuffix(".")
    return any(path in f"{skip.what} {skip.reason}" and skip.reason.endswith(" before") for skip in skipped)
