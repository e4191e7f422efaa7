"""Whatever editor, dreams, crashes, undo, decisions, clocks and a second Kairos do, in any order: nothing is lost.

`make prove-machine MINUTES=30` is the long form.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kairos.dream import Kairos, Mode, Outcome, Status
from kairos.dream.checkup import root_flaws
from kairos.errors import ChangedError, KairosError, LockedError, PlanRefusedError
from kairos.model import ChangeKind
from kairos.store.check import activity_flaws, chain_flaws, journal_flaws
from kairos.store.disk import DISK
from kairos.store.lock import RootLock
from kairos.store.objects import Objects
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from tests.conftest import contents
from tests.fault.faults import Fault, FaultyDisk
from tests.light import light_front
from tests.property.test_dream_invariants import SENTENCES

pytestmark = pytest.mark.timeout(24 * 3600)

MINUTES = float(os.environ.get("KAIROS_PROVE_MINUTES", "0"))
START = datetime.now(UTC).replace(microsecond=0)
NAMES = ("a.md", "b.md", "sub/c.md", "2026-02-03.md", "d e.md")
HEADS = (
    "",
    "---\nname: n\ndescription: something\ntype: project\noriginSessionId: s1\n---\n\n",
    "---\nname: n\ntype: feedback\nexpires: 2026-01-31\n---\n\n",
    "---\npinned: true\n---\n\n",
)
names, texts, heads = st.sampled_from(NAMES), st.sampled_from(SENTENCES), st.sampled_from(HEADS)
who = st.integers(0, 1)
POINTS = st.integers(1, 30) | st.integers(1, 120)
"""At which call that changes a disk a process dies."""
COUNTS: Counter[str] = Counter()


class Machine(RuleBasedStateMachine):
    """One root, an editor, and two front doors with clocks of their own."""

    @initialize(names=st.lists(names, min_size=2, max_size=4, unique=True), said=st.data())
    def begin(self, names: list[str], said: st.DataObject) -> None:
        memory = Path("/dev/shm")  # noqa: S108
        self.home = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None)).resolve()
        self.root = self.home / "memory"
        self.root.mkdir()
        self.live: dict[str, bytes] = {}
        self.owed: set[bytes] = set()
        self.clock = START
        self.fronts = [light_front(self.home, self.clock) for _ in range(2)]
        self.write("MEMORY.md", "# Memory\n")
        for name in names:
            lines = said.draw(st.lists(texts, min_size=1, max_size=4))
            self.write(name, said.draw(heads) + "".join(f"- {line}\n" for line in lines))

    def teardown(self) -> None:
        if hasattr(self, "home"):
            shutil.rmtree(self.home)

    # --- the editor ---

    def write(self, name: str, text: str) -> None:
        """Save a file as editors do; what Kairos made of the version before is no business of the editor's."""
        path = self.root / name
        self.let_go(name)
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(text.encode())
        temporary.rename(path)
        self.live[name] = text.encode()

    def let_go(self, name: str) -> None:
        """The editor takes its last version of a file away, or, where that is not there any more, Kairos did."""
        last = self.live.pop(name, None)
        path = self.root / name
        if last is not None and (not path.exists() or path.read_bytes() != last):
            self.owed.add(last)

    def now_in(self, name: str) -> str:
        path = self.root / name
        return path.read_bytes().decode() if path.exists() else ""

    @rule(name=names, text=texts, head=heads)
    def append(self, name: str, text: str, head: str) -> None:
        self.write(name, (self.now_in(name) or head) + f"- {text}\n")

    @rule(name=names, text=texts, back=st.booleans())
    def rewrite(self, name: str, text: str, *, back: bool) -> None:
        lines = self.now_in(name).splitlines(keepends=True)
        self.write(name, "".join([*lines[: len(lines) // 2], f"- {text}\n"]))
        if back:
            os.utime(self.root / name, (1_600_000_000, 1_600_000_000))

    @rule(name=names, to=names)
    def move(self, name: str, to: str) -> None:
        assume((self.root / name).exists() and not (self.root / to).exists())
        text = self.now_in(name)
        self.write(to, text)
        self.delete(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        assume((self.root / name).exists())
        self.let_go(name)
        (self.root / name).unlink()

    # --- dreams ---

    def dream(self, front: int) -> Outcome | None:
        """One dream, checked; None where the other one was faster."""
        try:
            outcome = self.fronts[front].dream(self.root, Mode.UNATTENDED)
        except (ChangedError, LockedError):
            return None
        after = contents(self.root)
        for change in outcome.plan.changes if outcome.receipt else ():
            if change.witness is not None and outcome.status is Status.APPLIED:
                assert change.witness.covers or change.kind is ChangeKind.RESOLVE
                said = change.witness.place.text.strip().encode()  # the entry, as it stands after the plan
                assert said in after[change.witness.place.file]
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
        assert not [flaw for flaw in flaws if flaw.what.startswith("Nothing leads to")]

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
                self.try_(lambda: self.fronts[1 - front].undo(self.root, everything=True))
            return True

        self.try_(lambda: self.fronts[front].dream(self.root, Mode.ASK, meanwhile))

    @rule(front=who)
    def a_locked_root_is_left_alone(self, front: int) -> None:
        with RootLock(self.fronts[0].state_dir / "locks", self.root):
            before = contents(self.root)
            with pytest.raises(LockedError):
                self.fronts[front].dream(self.root, Mode.UNATTENDED)
            assert contents(self.root) == before

    # --- crashes, and a second process ---

    def in_process(self, action: Callable[[Kairos], object], fault: Fault | None = None) -> int:
        """Do something in a process of its own, which has a front door of its own; returns the number of the child."""
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
        """A process dies in a dream that has work to do, or in an undo, and the one that recovers may die as well."""
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
    def try_(action: Callable[[], object]) -> None:
        """Do something that may be refused, but never for breaking an invariant."""
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
            self.try_(partial(kairos.undo, self.root))
        elif what == "all":
            self.try_(partial(kairos.undo, self.root, everything=True))
        elif what == "change" and keys:
            self.try_(partial(kairos.undo, self.root, change=keys[len(keys) // 2]))
        elif what == "redo" and undos:
            self.try_(partial(kairos.undo, self.root, transaction=undos[0]))

    @rule(front=who, keep=st.sampled_from(("a", "b", "both")))
    def resolve(self, front: int, keep: str) -> None:
        with self.store() as store:
            found = store.state.conflicts(self.root)
        assume(found)
        self.try_(lambda: self.fronts[front].resolve(found[0].conflict.id, keep))  # type: ignore[arg-type]

    @rule(front=who, approve=st.booleans())
    def decide(self, front: int, *, approve: bool) -> None:
        with self.store() as store:
            found = store.state.proposals(self.root)
        assume(found)
        kairos = self.fronts[front]
        self.try_(lambda: (kairos.approve if approve else kairos.reject)(found[0].change.key))

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


def test_nothing_that_happens_in_any_order_loses_anything() -> None:
    short = settings(
        max_examples=8 if not MINUTES else 20,
        stateful_step_count=15 if not MINUTES else 40,
        derandomize=not MINUTES,  # the same each time in `make test`, and new each time in the long form
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a step takes too long for shrinking to end
    )
    end = time.monotonic() + MINUTES * 60
    while True:
        run_state_machine_as_test(Machine, settings=short)
        if time.monotonic() >= end:
            break
    print(f"\n  {COUNTS['steps']:,} steps, {COUNTS['killed']:,} processes killed; refused: {dict(COUNTS)}")
