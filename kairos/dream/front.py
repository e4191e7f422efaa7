"""The front door: runs dreams end to end, and carries out what a person decides about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kairos.config import Config, cache_dir, home_dir, judge_model, model_path, state_dir
from kairos.config.model_cache import MODELS
from kairos.config.root_cache import INDEXES, root_file
from kairos.core.judgement.judge import equal_words, judge, texts
from kairos.core.markdown.claims import statement_of_text
from kairos.dream.analyser import Analyser
from kairos.dream.analysis import Analysis
from kairos.dream.applier import Applier, verify
from kairos.dream.background import BackgroundWork
from kairos.dream.decisions import Decisions, Keep, proposal
from kairos.dream.disjoint_roots import require_disjoint
from kairos.dream.kept_file import KeptFile, opening
from kairos.dream.look import thresholds_of
from kairos.dream.outcome import Mode, Outcome, PairRow, Progress, Status, silent
from kairos.dream.rest import Rests
from kairos.dream.root_layout import hint_at_layout, layout_of, snapshot_of
from kairos.dream.vectors import Vectors
from kairos.errors import ChangedError, KairosError, UsageError
from kairos.layouts import Layout
from kairos.ml.cache import CachedEncoder
from kairos.ml.encoders import find_encoder
from kairos.ml.file_checksums import NAME as CHECKSUMS
from kairos.ml.judges import find_judge
from kairos.ml.model_files import find_model
from kairos.ml.opinion_cache import CachedJudge
from kairos.model import JudgedPair, Plan, Receipt, Skip, Snapshot
from kairos.store.moved import hint_at_origin
from kairos.store.packing import packed
from kairos.store.queries import newest_holding
from kairos.store.records import ProposalStatus, TransactionKind, Verdict
from kairos.store.state import State
from kairos.store.transaction import Store, adding_recovery_notes

if TYPE_CHECKING:
    from kairos.dream.counsel import Counsel

ATTEMPTS = 3
"""How often a dream is attempted when an agent keeps changing the notes before the plan is applied."""


@dataclass
class Kairos:
    """Dreams, undo and decisions for one configuration. `now` is the time used for everything."""

    config: Config
    env: Mapping[str, str]
    now: datetime
    progress: Progress = silent
    _vectors: Vectors | None = field(default=None, repr=False)
    _judge: CachedJudge | None = field(default=None, repr=False)
    _model_paths: list[Path] = field(default_factory=list, repr=False)
    _standing_notices: list[str] = field(default_factory=list, repr=False)
    _last_snapshot: Snapshot | None = field(default=None, repr=False)
    _last_analysis: Analysis | None = field(default=None, repr=False)
    _open_kept: Callable[[], KeptFile] = field(default=KeptFile, repr=False)
    _background: BackgroundWork = field(default_factory=BackgroundWork, repr=False)

    # --- where things are ---

    @cached_property
    def state_dir(self) -> Path:
        """The directory of the journal and the state."""
        return state_dir(self.config, self.env)

    @cached_property
    def cache_dir(self) -> Path:
        """The directory of vectors, indexes and everything else that can be computed again."""
        return cache_dir(self.config, self.env)

    @property
    def today(self) -> date:
        """The day of this dream."""
        return self.now.date()

    def roots(self) -> tuple[Path, ...]:
        """Return the configured roots, patterns expanded."""
        return tuple(root.path for root in self.config.roots_expanded(home_dir(self.env)))

    def layout_of(self, root: Path) -> Layout:
        """Return the layout that the configuration names for a root, else the detected one."""
        return layout_of(root, self.config, self.env)

    # --- dreaming ---

    def dream(self, root: Path, mode: Mode, confirm: Callable[[Plan], bool] | None = None) -> Outcome:
        """Run one dream over a root.

        In ASK mode `confirm` decides whether the plan is applied; without `confirm`, and in the first dream of a root,
        the dream only reports. Raises KairosError.
        """
        rests = Rests(self.config, self.env, self.now)
        before_dream = rests.begin(root)
        with closing(self._background):
            outcome = self._dream(root, mode, confirm)
        if self._last_snapshot is not None:
            rests.keep(before_dream, outcome, self._last_snapshot, self._model_paths, self._standing_notices)
        return outcome

    def _dream(self, root: Path, mode: Mode, confirm: Callable[[Plan], bool] | None) -> Outcome:
        if mode is Mode.PREVIEW:
            return self._preview(root)
        layout = self.layout_of(root)
        snapshot = self._snapshot(root, layout)
        counsel = self.counsel()
        with closing(Store(self.state_dir)) as store:
            self._stand_apart(root, store.state)
            first = not store.state.dreams(snapshot.root, limit=1)
            if first:
                store.state.notices += hint_at_origin(store.state, snapshot)
            self._note_layout(root, layout, store.state)
            store.state.remember_root(snapshot.root, layout.name)
            applier = self._applier(store, root, layout)
            interrupted = store.journal.pending(snapshot.root)
            applier = replace(applier, left=applier.recover())
            if interrupted or applier.left:
                snapshot = self._snapshot(root, layout)  # recovery may have changed files
            with adding_recovery_notes(applier.left):
                if mode is Mode.ASK and (first or confirm is None):
                    return self._report(applier, self._analyse(snapshot, store.state, counsel), first=first)
                asking = confirm if mode is Mode.ASK else None
                return self._plan_and_apply(applier, snapshot, counsel, asking, first=first)

    def _preview(self, root: Path) -> Outcome:
        layout = self.layout_of(root)
        snapshot = self._snapshot(root, layout)
        exists = (self.state_dir / "state.db").exists()
        with closing(State.open(self.state_dir) if exists else State.in_memory()) as state:
            self._stand_apart(root, state)
            self._note_layout(root, layout, state)
            analysis = self._analyse(snapshot, state, self.counsel(), keep=False)
            verify(analysis)
            first = not state.dreams(snapshot.root, limit=1)
        return analysis.outcome(Status.PREVIEW, first=first)

    def _report(
        self, applier: Applier, analysis: Analysis, *, first: bool, status: Status | None = None
    ) -> Outcome:
        """Record what was found without changing the root."""
        verify(analysis)
        status = status or (Status.REPORTED if analysis.plan.changes else Status.NOTHING)
        waiting = [*analysis.plan.proposals, *(c for c in analysis.plan.changes if not c.derived)]
        number = applier.note(analysis, status, None, waiting)
        return analysis.outcome(status, dream=number, first=first, skipped=applier.left)

    def _plan_and_apply(
        self,
        applier: Applier,
        snapshot: Snapshot,
        counsel: Counsel | None,
        confirm: Callable[[Plan], bool] | None,
        *,
        first: bool,
    ) -> Outcome:
        for attempt in range(ATTEMPTS):
            analysis = self._analyse(snapshot, applier.store.state, counsel)
            verify(analysis)
            if not analysis.plan.changes:
                number = applier.note(analysis, Status.NOTHING, None, analysis.plan.proposals)
                return analysis.outcome(Status.NOTHING, dream=number, first=first, skipped=applier.left)
            if confirm is not None and not confirm(analysis.redacted_plan):
                return self._report(applier, analysis, first=first, status=Status.DECLINED)
            considered = packed(analysis.considered())  # may fail, so before anything is written
            try:
                receipt = applier.apply(analysis, TransactionKind.DREAM)
            except ChangedError:
                if attempt == ATTEMPTS - 1:
                    raise
                snapshot = self._snapshot(applier.root, applier.layout)
                continue
            status = Status.PARTIAL if receipt.skipped else Status.APPLIED
            analysis = analysis if receipt.skipped else analysis.carried_out()
            number = applier.note(analysis, status, receipt, analysis.plan.proposals, considered)
            return analysis.outcome(
                status, receipt=receipt, dream=number, first=first, skipped=(*applier.left, *receipt.skipped)
            )
        raise AssertionError("the last attempt returns or raises")

    # --- steps ---

    def _stand_apart(self, root: Path, state: State) -> None:
        require_disjoint(root, self.config.absolute_patterns(home_dir(self.env)), state)

    def _note_layout(self, root: Path, layout: Layout, state: State) -> None:
        before = state.roots().get(os.path.realpath(root))
        hints = hint_at_layout(root, layout, before, self.config, self.env)
        state.notices += hints
        self._standing_notices += hints if layout.is_read_only else ()

    def _snapshot(self, root: Path, layout: Layout) -> Snapshot:
        self.progress("read", 0, 1)
        self._last_analysis = None
        self._background.close()  # wait for pending writes: the kept file is read again below
        self._open_kept = opening(root_file(self.cache_dir, INDEXES, os.path.realpath(root), "kept"))
        snapshot = snapshot_of(root, layout, self.config)
        self.progress("read", 1, 1)
        self._last_snapshot = snapshot
        return snapshot

    def vectors(self) -> Vectors:
        """Return the vectors of this process; the embedding model is loaded only once a text is new."""
        if self._vectors is None:
            model = self.config.model
            compiled = self.cache_dir / MODELS
            files = find_model(
                model.name,
                path=model_path(self.config, self.env),
                allow_download=model.allow_download,
                checksums=compiled / CHECKSUMS,
            )
            self._model_paths.append(files.directory)
            chosen = find_encoder(files, compiled, lambda done, total: self.progress("compile", done, total))
            self._standing_notices += chosen.notices if chosen.is_final else ()
            path = self.cache_dir / "vectors.db"
            encoder = CachedEncoder(chosen.encoder, path, notices=chosen.notices)
            self._vectors = Vectors(encoder)
        return self._vectors

    def judge_model(self) -> CachedJudge:
        """Return the judge model; it is loaded only once a pair is new."""
        if self._judge is None:
            name = judge_model(self.config, self.env)
            if name is not None:
                self._model_paths.append(Path(name))
            model = find_judge(name, allow_download=self.config.model.allow_download)
            self._judge = CachedJudge(model, self.cache_dir / "opinions.db")
        return self._judge

    def counsel(self, *, silent: bool = False) -> Counsel | None:
        """Return the language model's part in one dream, with its budget; None if no model is configured.

        A `silent` counsel makes no calls and uses only cached answers of earlier dreams.
        """
        if self.config.llm.provider is None:
            return None
        from kairos.dream.counsel import counsel_of  # noqa: PLC0415 - pulls in the API clients

        return counsel_of(self.config, self.env, self.cache_dir, self.progress, silent=silent)

    def _analyse(
        self, snapshot: Snapshot, state: State, counsel: Counsel | None = None, *, keep: bool = True
    ) -> Analysis:
        """Parse, embed, pair, judge and plan. Without `counsel`, only cached answers of a language model are used."""
        open_kept, self._open_kept = self._open_kept, KeptFile  # large, and used only once
        models = self.vectors(), self.judge_model()
        analyser = Analyser(self.config, self.cache_dir, self.now, *models, self.progress, self._background)
        counsel = counsel or self.counsel(silent=True)
        # Held until the next snapshot, so that a process about to exit spends no time freeing it object by object.
        self._last_analysis = analyser.analyse(snapshot, state, counsel, open_kept, keep=keep)
        return self._last_analysis

    def _applier(self, store: Store, root: Path, layout: Layout | None = None) -> Applier:
        return Applier(store, root, layout or self.layout_of(root), self.now, self.progress)

    # --- what a person decides ---

    def undo(
        self,
        root: Path,
        *,
        transaction: int | None = None,
        change: str | None = None,
        everything: bool = False,
    ) -> Receipt:
        """Undo a transaction, one change, or everything; without a choice, the last transaction still in force.

        A transaction that a crash interrupted is recovered first, since it may be the one meant. Raises UsageError if
        there is nothing to undo.
        """
        with closing(Store(self.state_dir)) as store:
            left, applier = self._recover(store, root), self._applier(store, root)
            if transaction is None and change is None and not everything:
                transaction = newest_holding(store.state, os.path.realpath(root))
                if transaction is None:
                    raise UsageError(f"There is nothing to undo in {root}.", "See `kairos log`.")
            receipt = store.undo(
                root,
                at=self.now,
                transactions=None if transaction is None else (transaction,),
                change_key=change,
                all_=everything,
                foreign_lock=applier.foreign_lock,
                flocked=applier.layout.flocked,
                sectioned=applier.layout.sectioned,
            )
        return replace(receipt, skipped=(*left, *receipt.skipped))

    def recover(self, roots: Iterable[str]) -> tuple[Skip, ...]:
        """Recover interrupted transactions in some roots; returns what was left alone.

        Roots that are locked or missing are skipped: their next recovery takes care of them.
        """
        left: list[Skip] = []
        with closing(Store(self.state_dir)) as store:
            for root in roots:
                with suppress(KairosError):
                    left += self._recover(store, Path(root))
        return tuple(left)

    def _recover(self, store: Store, root: Path) -> tuple[Skip, ...]:
        if not store.journal.pending(os.path.realpath(root)):
            return ()
        return self._applier(store, root).recover()

    def resolve(self, conflict_id: str, keep: Keep, root: Path | None = None) -> Outcome:
        """Settle a conflict: remove the side that is not kept, or with "both" never flag it again.

        Here and below, `root` disambiguates where several roots have the same conflict or proposal.
        """
        with closing(Store(self.state_dir)) as store, closing(self._background):
            return self._decisions(store).resolve(conflict_id, keep, root)

    def approve(self, *keys: str, root: Path | None = None) -> Outcome:
        """Apply proposals of one root in one transaction; those that can no longer be applied are skipped."""
        with closing(Store(self.state_dir)) as store, closing(self._background):
            return self._decisions(store).approve(keys, root)

    def reject(self, *keys: str, root: Path | None = None) -> None:
        """Reject proposals, so that they are never made again."""
        with closing(State.open(self.state_dir)) as state:
            found = [proposal(state, key, root) for key in keys]
            with state.writing():
                for name, full in found:
                    state.decide(name, full, Verdict.REJECTED, at=self.now)
                    state.set_proposal(name, full, ProposalStatus.REJECTED)

    def _decisions(self, store: Store) -> Decisions:
        def analyse(root: Path) -> Analysis:
            return self._analyse(self._snapshot(root, self.layout_of(root)), store.state)

        return Decisions(store, lambda root: self._applier(store, root), analyse)

    # --- judging pairs ---

    def judge(self, rows: Iterable[PairRow], counsel: Counsel | None = None) -> Iterator[JudgedPair]:
        """Judge pairs of texts outside any root, with the ids "a" and "b"; `counsel` settles those in doubt."""
        model, vectors = self.judge_model(), self.vectors()
        thresholds = thresholds_of(self.config.judge)
        sides = [(statement_of_text(r.a, r.a_date), statement_of_text(r.b, r.b_date)) for r in rows]
        vectors.add(
            (text for pair in sides for side in pair for text in texts(side)),
            lambda done, total: self.progress("embed", done, total),
        )
        read = [(a, b) for a, b in sides if equal_words(a, b) is None]
        found = model.opinions(
            [(a.text, b.text) for a, b in read], lambda done, total: self.progress("judge", done, total)
        )
        opinions = dict(zip(read, found, strict=True))
        verdicts = (
            judge(a, b, vectors.similarity, opinion=opinions.get((a, b)), thresholds=thresholds)
            for a, b in sides
        )
        matters = ((verdict, a, b) for verdict, (a, b) in zip(verdicts, sides, strict=True))
        settled = counsel.settle(tuple(matters)) if counsel else (verdict for verdict, _, _ in matters)
        yield from (JudgedPair("a", "b", verdict) for verdict in settled)
