"""One dream, end to end: read, embed, judge, plan, verify, apply, remember."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from kairos.config import Config, cache_dir, expand_home, home_dir, state_dir
from kairos.core.claims import statement_of_text
from kairos.core.conflicts import settle
from kairos.core.consultation import Consultation
from kairos.core.judge import judge, texts
from kairos.core.linker import Linker
from kairos.core.plan import Planner, Remembered, Settings, gone
from kairos.core.reading import Reading
from kairos.core.render import file_changes
from kairos.core.verify import rendered, violations
from kairos.dream.counsel import Counsel, counsel_of
from kairos.dream.look import Look, SentenceLikeness, Vectors, thresholds_of
from kairos.dream.outcome import Mode, Outcome, PairRow, Progress, Status, statistics
from kairos.errors import ChangedError, PlanRefusedError, UsageError
from kairos.layouts import Layout, by_name, detect
from kairos.ml.cache import CachedEncoder
from kairos.ml.encoder import SentenceTransformerEncoder
from kairos.ml.model_files import find_model
from kairos.model import Change, IndexSize, JudgedPair, Plan, Receipt, Skip, Snapshot
from kairos.store.files import read_snapshot
from kairos.store.journal import Journal
from kairos.store.queries import newest_holding
from kairos.store.records import ConflictStatus, ProposalStatus, TransactionKind, Verdict
from kairos.store.state import State
from kairos.store.transaction import Store

ATTEMPTS = 3
"""How often a dream is planned anew when an agent writes in between."""
_PASSES = 4
"""How often a plan is made anew because what goes makes others each other's nearest."""


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class _Thought:
    """A plan with what it was made from."""

    plan: Plan
    planner: Planner
    notices: tuple[str, ...]
    consultation: Consultation | None = None

    @property
    def reading(self) -> Reading:
        """What was read."""
        return self.planner.reading


@dataclass
class Kairos:
    """Dreams, undoes and settles for one configuration. `now` is the clock for everything time-dependent."""

    config: Config
    env: Mapping[str, str]
    now: datetime
    progress: Progress = _silent
    _vectors: Vectors | None = field(default=None, repr=False)

    # --- where things are ---

    @cached_property
    def state_dir(self) -> Path:
        """The directory of the journal and the state."""
        return state_dir(self.config, self.env)

    @cached_property
    def cache_dir(self) -> Path:
        """The directory of vectors and indexes."""
        return cache_dir(self.config, self.env)

    @property
    def today(self) -> date:
        """The day of this dream."""
        return self.now.date()

    def roots(self) -> tuple[Path, ...]:
        """Return the configured roots, patterns expanded."""
        return tuple(root.path for root in self.config.roots_expanded(home_dir(self.env)))

    def layout_of(self, root: Path) -> Layout:
        """Return the layout that the config names for a root, else the one that it looks like."""
        real = os.path.realpath(root)
        for configured in self.config.roots_expanded(home_dir(self.env)):
            if configured.layout and os.path.realpath(configured.path) == real:
                return by_name(configured.layout)
        return detect(Path(real))

    # --- dreaming ---

    def dream(self, root: Path, mode: Mode, confirm: Callable[[Plan], bool] | None = None) -> Outcome:
        """Do one pass over a root.

        The first dream of a root only reports, unless it is unattended. In ASK mode `confirm` decides; without it the
        dream only reports. Raises KairosError.
        """
        if mode is Mode.PREVIEW:
            return self._preview(root)
        layout = self.layout_of(root)
        snapshot = self._snapshot(root, layout)
        counsel = self.counsel()
        with closing(Store(self.state_dir)) as store:
            first = not store.state.dreams(snapshot.root, limit=1)
            store.state.remember_root(snapshot.root, layout.name)
            left = store.recover(root, foreign_lock=_lock(root, layout))
            if left:
                snapshot = self._snapshot(root, layout)
            if mode is Mode.ASK and (first or confirm is None):
                return self._report(store, self._think(snapshot, store.state, counsel), first=first)
            asking = confirm if mode is Mode.ASK else None
            return self._pass(root, layout, store, counsel, asking, first=first, left=left)

    def _preview(self, root: Path) -> Outcome:
        snapshot = self._snapshot(root, self.layout_of(root))
        exists = (self.state_dir / "state.db").exists()
        with closing(State.open(self.state_dir) if exists else State.in_memory()) as state:
            thought = self._think(snapshot, state, self.counsel(), keep_index=False)
            self._verify(thought)
            first = not state.dreams(snapshot.root, limit=1)
        return self._outcome(thought, Status.PREVIEW, first=first)

    def _report(
        self, store: Store, thought: _Thought, *, first: bool, status: Status | None = None
    ) -> Outcome:
        """Remember what was found, change nothing."""
        self._verify(thought)
        status = status or (Status.REPORTED if thought.plan.changes else Status.NOTHING)
        waiting = [*thought.plan.proposals, *(c for c in thought.plan.changes if not c.derived)]
        number = self._remember(store.state, thought, status, None, waiting)
        return self._outcome(thought, status, dream=number, first=first)

    def _pass(
        self,
        root: Path,
        layout: Layout,
        store: Store,
        counsel: Counsel | None,
        confirm: Callable[[Plan], bool] | None,
        *,
        first: bool,
        left: tuple[Skip, ...],
    ) -> Outcome:
        for attempt in range(ATTEMPTS):
            thought = self._think(self._snapshot(root, layout), store.state, counsel)
            self._verify(thought)
            if not thought.plan.changes:
                number = self._remember(store.state, thought, Status.NOTHING, None, thought.plan.proposals)
                return self._outcome(thought, Status.NOTHING, dream=number, first=first, skipped=left)
            if confirm is not None and not confirm(thought.plan):
                return self._report(store, thought, first=first, status=Status.DECLINED)
            try:
                receipt = self._apply(store, root, layout, thought, TransactionKind.DREAM)
            except ChangedError:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            status = Status.PARTIAL if receipt.skipped else Status.APPLIED
            number = self._remember(store.state, thought, status, receipt, thought.plan.proposals)
            return self._outcome(
                thought, status, receipt=receipt, dream=number, first=first, skipped=(*left, *receipt.skipped)
            )
        raise AssertionError("the last attempt returns or raises")

    # --- steps ---

    def _snapshot(self, root: Path, layout: Layout) -> Snapshot:
        self.progress("read", 0, 1)
        snapshot = read_snapshot(
            root,
            layout=layout.name,
            role_of=layout.role_of,
            max_bytes=self.config.max_file_bytes,
            ignore=self.config.is_ignored,
        )
        self.progress("read", 1, 1)
        return snapshot

    def vectors(self) -> Vectors:
        """Return the vectors of this process; the model is only loaded when a text is new."""
        if self._vectors is None:
            model = self.config.model
            path = expand_home(model.path, home_dir(self.env)) if model.path else None
            files = find_model(model.name, path=path, allow_download=model.allow_download)
            encoder = CachedEncoder(SentenceTransformerEncoder(files), self.cache_dir / "vectors.db")
            self._vectors = Vectors(encoder)
        return self._vectors

    def counsel(self, *, silent: bool = False) -> Counsel | None:
        """Return the language model's part in one dream, with its budget; None where none is configured.

        A `silent` one asks nothing and only knows the answers of earlier dreams.
        """
        return counsel_of(self.config, self.env, self.cache_dir, self.progress, silent=silent)

    def _think(
        self, snapshot: Snapshot, state: State, counsel: Counsel | None = None, *, keep_index: bool = True
    ) -> _Thought:
        """Read, embed, pair, judge and plan. Without `counsel`, no language model is asked."""
        counsel = counsel or self.counsel(silent=True)
        vectors = self.vectors()
        reading = Reading.of(snapshot)
        notices = [*state.notices]
        thresholds = thresholds_of(self.config.judge)
        look = Look(reading, vectors, thresholds, self.today, self.progress, counsel)
        findings = look.findings(self._index_file(snapshot.root) if keep_index else None, notices)
        planner = Planner(
            reading=reading,
            findings=findings,
            likeness=SentenceLikeness(vectors, thresholds),
            settings=self._settings(),
            remembered=_remembered(state, snapshot.root),
            today=self.today,
        )
        self.progress("plan", 0, 1)
        planner, plan = _settled_plan(planner, look)
        self.progress("plan", 1, 1)
        if isinstance(vectors.encoder, CachedEncoder):
            notices += vectors.encoder.notices
        if counsel is None:
            return _Thought(plan, planner, tuple(dict.fromkeys(notices)))
        notices += counsel.notices()
        plan = replace(plan, skipped=(*plan.skipped, *counsel.skips()))
        return _Thought(plan, planner, tuple(dict.fromkeys(notices)), counsel.consultation())

    def _settings(self) -> Settings:
        config = self.config
        return Settings(
            keep_newer=config.conflicts == "keep-newer",
            conflicts_note=config.conflicts_note,
            prune=config.prune.enabled,
            absolute_dates=config.dates.absolute,
            add_missing=config.index.add_missing,
            max_removed_fraction=config.limits.max_removed_fraction,
            budget=self._budget(),
        )

    def _budget(self) -> IndexSize:
        return IndexSize(self.config.index.lines, self.config.index.bytes)

    def _index_file(self, root: str) -> Path:
        name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        return self.cache_dir / "indexes" / f"{name}.faiss"

    def _verify(self, thought: _Thought) -> None:
        broken = violations(thought.plan, thought.reading, self._budget())
        if broken:
            raise PlanRefusedError(broken)

    def _apply(
        self, store: Store, root: Path, layout: Layout, thought: _Thought, kind: TransactionKind
    ) -> Receipt:
        plan, reading = thought.plan, thought.reading
        before = {path: source.data for path, source in reading.sources.items()}
        modes = {path: source.mode for path, source in reading.sources.items()}
        index = reading.index
        self.progress("apply", 0, 1)
        receipt = store.apply(
            root,
            file_changes(before, plan.changes, modes=modes, index=index.path if index else None),
            kind=kind,
            at=self.now,
            changes=plan.changes,
            base=plan.base,
            foreign_lock=_lock(root, layout),
        )
        self.progress("apply", 1, 1)
        return receipt

    def _remember(
        self,
        state: State,
        thought: _Thought,
        status: Status,
        receipt: Receipt | None,
        waiting: Iterable[Change],
    ) -> int:
        plan = thought.plan
        waiting = tuple(waiting)
        state.sync_conflicts(plan.root, plan.conflicts)
        state.sync_proposals(plan.root, waiting, today=self.today)
        stats = statistics(plan, self._budget(), thought.consultation, applied=receipt is not None)
        return state.record_dream(
            plan.root,
            at=self.now,
            today=self.today,
            outcome=status.value,
            transaction=receipt.transaction if receipt else None,
            stats={**stats, "waiting": len(waiting)},
            skipped=(*plan.skipped, *(receipt.skipped if receipt else ())),
            decisions=plan.decisions,
        )

    def _outcome(
        self,
        thought: _Thought,
        status: Status,
        *,
        receipt: Receipt | None = None,
        dream: int | None = None,
        first: bool,
        skipped: tuple[Skip, ...] = (),
    ) -> Outcome:
        plan, reading = thought.plan, thought.reading
        after = rendered(plan.changes, reading)
        touched = {edit.path for change in plan.changes for edit in change.edits}
        return Outcome(
            plan=plan,
            status=status,
            receipt=receipt,
            dream=dream,
            first=first,
            skipped=(*plan.skipped, *skipped),
            notices=thought.notices,
            before={path: source.data if (source := reading.sources.get(path)) else None for path in touched},
            after={path: after[path] for path in touched},
            consultation=thought.consultation,
        )

    # --- what a person decides ---

    def undo(
        self,
        root: Path,
        *,
        transaction: int | None = None,
        change: str | None = None,
        everything: bool = False,
    ) -> Receipt:
        """Take back a transaction, one change, or everything; without a choice the last that still holds."""
        layout = self.layout_of(root)
        with closing(Store(self.state_dir)) as store:
            if transaction is None and change is None and not everything:
                transaction = newest_holding(store.state, os.path.realpath(root))
                if transaction is None:
                    raise UsageError(f"There is nothing to undo in {root}.", "See `kairos log`.")
            return store.undo(
                root,
                at=self.now,
                transactions=None if transaction is None else (transaction,),
                change_key=change,
                all_=everything,
                foreign_lock=_lock(root, layout),
            )

    def resolve(self, conflict_id: str, keep: Literal["a", "b", "both"]) -> Outcome | None:
        """Settle a conflict: take the other side out, or, with "both", never flag it again.

        Returns what was done; None where nothing had to be written.
        """
        with closing(Store(self.state_dir)) as store:
            record = next((r for r in store.state.conflicts() if r.conflict.id == conflict_id), None)
            if record is None:
                raise UsageError(f"There is no open conflict {conflict_id}.", "See `kairos conflicts`.")
            root = Path(record.root)
            if keep == "both":
                store.state.decide(root, conflict_id, Verdict.KEEP_BOTH, at=self.now)
                store.state.set_conflict(root, conflict_id, ConflictStatus.RESOLVED)
                return self._follow_up(store, root)
            thought = self._think(self._snapshot(root, self.layout_of(root)), store.state)
            outcome = self._carry_out(
                store, root, _settled(thought, conflict_id, keep), TransactionKind.RESOLVE
            )
            store.state.set_conflict(root, conflict_id, ConflictStatus.RESOLVED, keep=keep)
            return outcome

    def _follow_up(self, store: Store, root: Path) -> Outcome | None:
        """Rewrite the managed note after a decision that changes no other file."""
        thought = self._think(self._snapshot(root, self.layout_of(root)), store.state)
        plan = thought.planner.plan(only=frozenset())
        if not plan.changes:
            store.state.sync_conflicts(plan.root, plan.conflicts)
            return None
        return self._carry_out(store, root, replace(thought, plan=plan), TransactionKind.RESOLVE)

    def approve(self, key: str) -> Outcome:
        """Carry out a proposal."""
        with closing(Store(self.state_dir)) as store:
            proposal = _proposal(store.state, key)
            root = Path(proposal[0])
            full = proposal[1]
            store.state.forget_decision(root, full)
            thought = self._think(self._snapshot(root, self.layout_of(root)), store.state)
            plan = thought.planner.plan(only=frozenset({full}))
            if not any(change.key == full for change in plan.changes):
                raise ChangedError(
                    f"The proposal {full} no longer holds: its notes have changed.", (), "Dream again."
                )
            outcome = self._carry_out(store, root, replace(thought, plan=plan), TransactionKind.APPROVE)
            store.state.set_proposal(root, full, ProposalStatus.APPROVED)
            return outcome

    def reject(self, key: str) -> None:
        """Never propose this again."""
        with closing(State.open(self.state_dir)) as state:
            root, full = _proposal(state, key)
            state.decide(root, full, Verdict.REJECTED, at=self.now)
            state.set_proposal(root, full, ProposalStatus.REJECTED)

    def _carry_out(self, store: Store, root: Path, thought: _Thought, kind: TransactionKind) -> Outcome:
        self._verify(thought)
        receipt = self._apply(store, root, self.layout_of(root), thought, kind)
        store.state.sync_conflicts(thought.plan.root, thought.plan.conflicts)
        status = Status.PARTIAL if receipt.skipped else Status.APPLIED
        return self._outcome(thought, status, receipt=receipt, first=False, skipped=receipt.skipped)

    # --- judging pairs ---

    def judge(self, rows: Iterable[PairRow], counsel: Counsel | None = None) -> Iterator[JudgedPair]:
        """Judge pairs of texts that stand alone; the ids are "a" and "b". `counsel` settles those in doubt."""
        vectors = self.vectors()
        thresholds = thresholds_of(self.config.judge)
        sides = [(statement_of_text(r.a, r.a_date), statement_of_text(r.b, r.b_date)) for r in rows]
        vectors.add(text for pair in sides for side in pair for text in texts(side))
        verdicts = (judge(a, b, vectors.similarity, thresholds=thresholds) for a, b in sides)
        matters = ((verdict, a, b) for verdict, (a, b) in zip(verdicts, sides, strict=True))
        settled = counsel.settle(tuple(matters)) if counsel else (verdict for verdict, _, _ in matters)
        yield from (JudgedPair("a", "b", verdict) for verdict in settled)


def _settled_plan(planner: Planner, look: Look) -> tuple[Planner, Plan]:
    """Plan until what goes does not change what else should go: the next dream shall find nothing left to do."""
    plan = planner.plan()
    for _ in range(_PASSES):
        findings = look.without(planner.findings, gone(plan.changes, planner.reading))
        if findings == planner.findings:
            break
        planner = replace(planner, findings=findings)
        plan = planner.plan()
    return planner, plan


def _lock(root: Path, layout: Layout) -> Path | None:
    return root / layout.foreign_lock if layout.foreign_lock else None


def _remembered(state: State, root: str) -> Remembered:
    decisions = state.decisions(root)
    return Remembered(
        settled=frozenset(key for key, verdict in decisions.items() if verdict is Verdict.KEEP_BOTH),
        refused={
            key: verdict.value for key, verdict in decisions.items() if verdict is not Verdict.KEEP_BOTH
        },
        since={record.conflict.id: record.conflict.since for record in state.conflicts(root, status=None)},
        witnesses=frozenset(_witnesses(state, root)),
    )


def _witnesses(state: State, root: str) -> Iterator[tuple[str, str]]:
    """Yield where the witnesses of all merges stand that still hold."""
    for transaction in Journal(state).history(root):
        for change in transaction.changes if transaction.active else ():
            if change.witness and change.key not in transaction.undone_keys:
                yield change.witness.place.file, change.witness.place.text


def _settled(thought: _Thought, conflict_id: str, keep: str) -> _Thought:
    """Return the plan that takes the other side of a conflict out."""
    sides = thought.planner.sides(conflict_id)
    conflict = next((c for c in thought.plan.conflicts if c.id == conflict_id), None)
    if sides is None or conflict is None:
        raise ChangedError(
            f"The conflict {conflict_id} no longer holds: its notes have changed.", (), "Dream again."
        )
    winner, loser = sides if keep == "a" else sides[::-1]
    reason = f"you kept {winner.path}:{winner.line}"
    change = settle(
        conflict, loser, winner, thought.reading, Linker(thought.reading).departure, reason=reason
    )
    return replace(thought, plan=thought.planner.resolution(change))


def _proposal(state: State, key: str) -> tuple[str, str]:
    """Return (root, full key) of the one proposal or refused change that `key` is, or begins."""
    found = {(p.root, p.change.key) for p in state.proposals() if p.change.key.startswith(key)}
    if not found:
        for root in state.roots():
            found |= {(root, full) for full in state.decisions(root) if full.startswith(key)}
    if len(found) != 1:
        problem = "There is no proposal" if not found else "More than one proposal begins with"
        raise UsageError(f"{problem} {key}.", "See `kairos proposals`.")
    return next(iter(found))
