"""From a snapshot to a plan: what was read is parsed, embedded, paired, judged and planned for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kairos.config import Config
from kairos.config.root_cache import INDEXES, root_file
from kairos.core.change.foresight import Findings
from kairos.core.planning.merge import sentences
from kairos.core.planning.plan import Planner, Settings
from kairos.core.root.entry_count import count_of_entries
from kairos.core.root.facts import FileFacts
from kairos.core.root.provenance import Provenance
from kairos.core.root.reading import Reading
from kairos.core.text.caching import clear_caches
from kairos.dream.analysis import Analysis
from kairos.dream.background import BackgroundWork
from kairos.dream.compared import likely_compared
from kairos.dream.history import history_of
from kairos.dream.kept import Known
from kairos.dream.kept_file import KeptFile, write_kept
from kairos.dream.likeness import SentenceLikeness
from kairos.dream.look import Look, judged_by, thresholds_of
from kairos.dream.lookback import alerts_of, look_back
from kairos.dream.nearest_texts import NearestTexts
from kairos.dream.outcome import Progress
from kairos.dream.recall_gate import RecallGate
from kairos.dream.settling import Settling
from kairos.dream.vectors import Vectors
from kairos.layouts import Layout, by_name
from kairos.ml.cache import CachedEncoder
from kairos.ml.memory import gc_paused, give_back
from kairos.ml.opinion_cache import CachedJudge
from kairos.model import IndexSize, Snapshot
from kairos.store.state import State

if TYPE_CHECKING:
    from kairos.dream.counsel import Counsel

_MAX_BACKGROUND_TEXTS = 4096
"""How many texts may be embedded in the background: beyond that it takes so long that progress has to be shown."""


@dataclass(frozen=True, slots=True)
class Analyser:
    """Makes plans with one configuration, its models, and what earlier dreams kept in `cache_dir`."""

    config: Config
    cache_dir: Path
    now: datetime
    vectors: Vectors
    judge: CachedJudge
    progress: Progress
    background: BackgroundWork

    def analyse(
        self,
        snapshot: Snapshot,
        state: State,
        counsel: Counsel | None,
        opened: Callable[[], KeptFile],
        *,
        keep: bool,
    ) -> Analysis:
        """Return the plan for a snapshot of a root; with `keep`, save what was found out for the next dream.

        `opened` returns the file that the last dream kept.
        """
        nearest_texts = NearestTexts(self.vectors, self.background.start if keep else None)
        nearest_texts.start_reading(self._cache_file(snapshot, "faiss"))
        kept = opened()
        with gc_paused():
            changed = self._parse_changed(snapshot, kept)
            known = kept.kept(self._verdict_fingerprint)
            del kept  # holds the raw bytes of the file
            same = known.facts_of(snapshot)
            reading = Reading.of(snapshot, {**changed, **same})
        provenance = look_back(reading, state, self.now)
        notices = [*state.notices]
        if known.facts and len(same) < len(reading.facts):
            self.judge.load()  # in the background: with few new pairs, loading takes as long as reading them
        look = self._look(reading, known, counsel)
        look.nearest_texts = nearest_texts
        with gc_paused():
            # First, since new texts are still being embedded in the background.
            guards, merges = known.guards_of(reading), known.merges_of(reading)
            findings = look.findings(self._cache_file(snapshot, "faiss"), notices)
            give_back()
            planner = self._planner(reading, findings, state, provenance)
            planner.guard_cache.update(guards)
            planner.merge_cache.update(merges)
            self.progress("plan", 0, 1)
            # In one batch: one at a time is far slower.
            self.vectors.add(sentences(findings.pairs, reading, planner.merge_cache))
            settling = Settling(look.ahead, by_name(snapshot.layout).role_of, self.now)
            admitted = RecallGate(settling, look).admit(planner)
            self.progress("plan", 1, 1)
        self.background.close()  # writing the index of vectors may still add notices
        if keep:
            self.vectors.forget()
            clear_caches()
            give_back()
            file = self._cache_file(snapshot, "kept")
            found = look.kept.with_guards(planner.guard_cache).with_merges(planner.merge_cache)
            self.background.start(partial(write_kept, file, found, self._verdict_fingerprint, known))
        settled = admitted.settled
        analysis = Analysis(
            settled.plan,
            settled.planner,
            tuple(dict.fromkeys((*notices, *self._notices()))),
            held=settled.held,
            waiting=admitted.waiting,
            recall=admitted.recall,
            provenance=provenance,
            alerts=alerts_of(state, snapshot.root, provenance),
            proposals=settled.proposals,
            left=count_of_entries(settled.aftermath.reading if settled.aftermath else reading),
            remarks=settled.remarks,
        )
        return analysis if counsel is None else analysis.counselled(counsel)

    def _parse_changed(self, snapshot: Snapshot, kept: KeptFile) -> dict[str, FileFacts]:
        """Parse the files that changed and start embedding their texts in the background; returns their facts by path.

        Embedding takes about as long as decoding what was kept of the unchanged files, which happens meanwhile.
        """
        if not kept.names:
            return {}
        changed = [source for source in snapshot.sources if (source.path, source.sha256) not in kept.names]
        encoder = self.vectors.encoder
        if not changed or not isinstance(encoder, CachedEncoder):
            return {source.path: FileFacts(source) for source in changed}
        encoder.load()
        facts = {source.path: FileFacts(source) for source in changed}
        encoder.begin(list(islice(likely_compared(facts.values()), _MAX_BACKGROUND_TEXTS)))
        return facts

    def _look(self, reading: Reading, known: Known, counsel: Counsel | None) -> Look:
        thresholds, today = thresholds_of(self.config.judge), self.now.date()
        look = Look(reading, self.vectors, thresholds, today, self.progress, self.judge, counsel)
        look.known, look.earlier_facts = known.verdicts, known.facts
        return look

    def _planner(self, reading: Reading, findings: Findings, state: State, provenance: Provenance) -> Planner:
        return Planner(
            reading=reading,
            findings=findings,
            likeness=SentenceLikeness(self.vectors, thresholds_of(self.config.judge)),
            settings=self._settings(by_name(reading.snapshot.layout)),
            history=history_of(state, reading.snapshot.root, provenance),
            today=self.now.date(),
        )

    def _settings(self, layout: Layout) -> Settings:
        config = self.config
        return Settings(
            keep_newer=config.conflicts == "keep-newer",
            conflicts_note=config.conflicts_note and layout.shows_conflicts,
            limits=layout.limits,
            prune=config.prune.enabled,
            absolute_dates=config.dates.absolute,
            add_missing=config.index.add_missing and layout.indexes_notes,
            max_removed_fraction=config.limits.max_removed_fraction,
            min_age_days=config.limits.min_age_days,
            budget=layout.budget(IndexSize(config.index.lines, config.index.bytes)),
        )

    @property
    def _verdict_fingerprint(self) -> str:
        counselled = self.config.llm.provider is not None
        return judged_by(self.vectors, self.judge, thresholds_of(self.config.judge), counselled=counselled)

    def _notices(self) -> Iterable[str]:
        encoder = self.vectors.encoder
        return (*(encoder.notices if isinstance(encoder, CachedEncoder) else ()), *self.judge.notices)

    def _cache_file(self, snapshot: Snapshot, kind: str) -> Path:
        return root_file(self.cache_dir, INDEXES, snapshot.root, kind)
