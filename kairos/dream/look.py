"""One analysis pass over a root: embed, pair and judge what was read. Nothing here writes to the root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kairos.config import Judge
from kairos.core.change.foresight import Findings
from kairos.core.index.linker import Linker
from kairos.core.judgement.in_place import in_place
from kairos.core.judgement.judge import Thresholds, decided_early, equal_words, judge, texts
from kairos.core.judgement.pair_context import PairContext, can_matter
from kairos.core.judgement.ruling import in_doubt
from kairos.core.planning.guard import is_left_alone
from kairos.core.planning.twins import twins
from kairos.core.root.facts import FileFacts
from kairos.core.root.pointers import pointed
from kairos.core.root.purpose import JUDGED_ROLES
from kairos.core.root.reading import Reading
from kairos.core.root.templates import templates
from kairos.core.staleness.superseded import with_final_successors
from kairos.core.text.caching import clear_caches
from kairos.dream.candidates import Candidates, candidates, whole_cosines
from kairos.dream.compared import changed_ids, compared, compared_claims, compares_same_entries
from kairos.dream.kept import Kept, MadeLater
from kairos.dream.kept_codec import FileVersion, PairPosition
from kairos.dream.kept_verdicts import KeptVerdicts
from kairos.dream.locating import PairsToJudge, PositionedPairs, pairs_to_judge, still_positioned
from kairos.dream.nearest_texts import NearestTexts
from kairos.dream.numbering import Numbering
from kairos.dream.outcome import Progress, silent
from kairos.dream.pair_positions import PairPositions
from kairos.dream.unchanged import earlier_positions
from kairos.dream.vectors import Vectors
from kairos.ml.encoder import Encoder
from kairos.ml.judges import JudgeModel
from kairos.ml.memory import give_back
from kairos.model import (
    Entry,
    Finding,
    JudgedPair,
    Judgement,
    Opinion,
    Statement,
)

if TYPE_CHECKING:
    from kairos.dream.counsel import Counsel

_LARGE_ROOT = 10_000
"""From this many entries (or pairs to judge) on, models and text caches are dropped between steps to bound memory."""
_LARGE_KNOWN_ROOT = 50_000
"""The limit on entries when most of them are already known: reloading a model for a few texts takes longer than
reading them."""

Sides = tuple[Statement, Statement]


def thresholds_of(config: Judge) -> Thresholds:
    """Return the judge's default thresholds, overridden by those that the configuration sets."""
    found = Thresholds()
    if config.ask_confidence is not None:
        found = replace(found, ask=config.ask_confidence)
    if config.flag_confidence is not None:
        found = replace(found, flag=config.flag_confidence, flag_in_root=config.flag_confidence)
    if config.merge_confidence is not None:  # one setting for every route to an unattended merge
        sure = config.merge_confidence
        found = replace(found, merge=sure, merge_in_root=sure, merge_floor=sure)
    return found


def judged_by(vectors: Vectors, model: JudgeModel, thresholds: Thresholds, *, counselled: bool) -> str:
    """Return a fingerprint of everything besides the notes that a verdict depends on.

    `counselled` says whether a language model is configured.
    """
    return f"{vectors.encoder.fingerprint} {model.fingerprint} {thresholds} {counselled}"


@dataclass
class Look:
    """One look at a reading: finds its similar pairs, stale entries and twins.

    `verdicts` holds those reached so far, each under the position of its pair at that time, and `known` those of
    earlier dreams. `earlier_facts` holds the facts of the files as they were when these verdicts may have been reached,
    by path and sha256.
    """

    reading: Reading
    vectors: Vectors
    thresholds: Thresholds
    today: date
    progress: Progress
    model: JudgeModel | None = None
    counsel: Counsel | None = None
    known: KeptVerdicts = field(default_factory=KeptVerdicts)
    verdicts: dict[PairPosition, Judgement] = field(default_factory=dict)
    pair_positions: PairPositions = field(default_factory=PairPositions)
    earlier_facts: Mapping[FileVersion, FileFacts] = field(default_factory=dict)
    nearest_texts: NearestTexts = field(init=False)
    _numbering: Numbering | None = field(default=None, init=False)
    _to_judge: PairsToJudge | None = field(default=None, init=False)
    _changed_ids: frozenset[str] = field(default=frozenset(), init=False)
    _pairs: tuple[JudgedPair, ...] | None = field(default=None, init=False)
    _last_look_ahead: Look | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Start without known neighbours."""
        self.nearest_texts = NearestTexts(self.vectors)

    def ahead(self, reading: Reading) -> Findings:
        """Return what this look would find in another reading, reusing known vectors and verdicts."""
        self._last_look_ahead = None  # frees it first: it takes as much memory as the new one
        now = {(one.source.path, one.source.sha256): one for one in self.reading.facts.values()}
        look = replace(self, reading=reading, progress=silent, earlier_facts=now)
        look.nearest_texts = self.nearest_texts
        look._numbering, look._to_judge = self._numbering, self._to_judge  # noqa: SLF001 - the same look
        look._changed_ids = changed = changed_ids(self.reading, reading)  # noqa: SLF001 - as above
        if self.counsel is None and compares_same_entries(self.reading, reading, changed):
            look._pairs = self._pairs  # noqa: SLF001 - the same look, at another reading
        found = look.findings(None, [])
        self._last_look_ahead = look
        return found

    @cached_property
    def linker(self) -> Linker:
        """The pointers and links of the reading."""
        return Linker(self.reading)

    @property
    def entries(self) -> dict[str, Entry]:
        """The entries to compare, by id: no pointers, no fragments, nothing read-only."""
        return self.reading.derived(compared)

    def _statement(self, id_: str) -> Statement:
        return self.reading.facts[self.reading.entries[id_].path].statements[id_]

    @property
    def kept(self) -> Kept:
        """What the next dream can reuse, whether or not this plan is applied."""
        facts = [*self.reading.facts.values()]
        judged = [] if self._to_judge is None else [self._to_judge]
        if (ahead := self._last_look_ahead) is not None:  # the root as it will be after the plan
            facts += (
                one for path, one in ahead.reading.facts.items() if self.reading.facts.get(path) is not one
            )
            judged += [] if ahead._to_judge is None else [ahead._to_judge]  # noqa: SLF001 - as above
        named = {(one.source.path, one.source.sha256): one for one in facts}
        new = chain.from_iterable(pairs.new() for pairs in judged)
        reached = {position: self.verdicts[position] for position in new if position in self.verdicts}
        # Rarely asked for, since what was known before is seldom written again.
        whole = MadeLater(lambda: dict(chain.from_iterable(pairs.verdicts().items() for pairs in judged)))
        return Kept(named, whole, reached=reached)

    def findings(self, index_file: Path | None, notices: list[str]) -> Findings:
        """Return all findings of this look.

        With `index_file` the FAISS index is kept there between dreams; problems with that file are appended to
        `notices`.
        """
        # What needs no vectors comes first, since new texts are still being embedded in the background.
        found, same = (
            self._stale_entries(),
            twins(self.reading.snapshot.sources, preferred=self._preference),
        )
        if self._pairs is None:
            self._numbering = numbering = self._numbered()
            before = self._unmoved(numbering.ids)
            self._pairs = self._judged(self._candidates(numbering, index_file, notices), before)
        return Findings(pairs=self._pairs, stale=found, twins=same)

    def _numbered(self) -> Numbering:
        found = self.reading.derived(compared_claims)
        if self._numbering is None:
            return Numbering.of(found, self.entries)
        return self._numbering.updated(found, self.entries, self._changed_ids)

    def _candidates(self, numbering: Numbering, index_file: Path | None, notices: list[str]) -> Candidates:
        self.progress("embed", 0, len(numbering.claims))
        if index_file is not None:
            self.nearest_texts.load_vectors(numbering.texts, index_file)
        self.vectors.add(numbering.new, lambda done, total: self.progress("embed", done, total))
        self._unload_if_large(self.vectors.encoder)
        self.progress("pair", 0, 1)
        if index_file is None:
            near = self.nearest_texts.in_memory(numbering.texts)
        else:
            near = self.nearest_texts.from_file(numbering.texts, index_file, notices)
        return candidates(numbering, near)

    def _judged(self, found: Candidates, before: PositionedPairs) -> tuple[JudgedPair, ...]:
        """Judge the candidates that could come to anything but both entries staying; `before` is as `_unmoved` says."""
        cosines = whole_cosines(found, self.vectors.similarities)
        position_of = self.pair_positions.position_of(self.reading)
        self._to_judge = pairs_to_judge(found, cosines, self._files_of(found.ids), position_of, before)
        give_back()  # the search used a dozen arrays with a number for each pair
        self._judge_new(
            [position for position in self._to_judge.new() if self._known_verdict(position) is None]
        )
        for facts in self.reading.facts.values():
            facts.forget_statements()  # few will be needed again
        return self._settle_doubtful(self._to_judge.judged(self._verdict))

    def _unmoved(self, ids: Sequence[str]) -> PositionedPairs:
        """Return the pairs among `ids` that still stand where they stood when their verdict was reached."""
        if self._to_judge is not None:
            return self._to_judge.among(ids, self._changed_ids)
        now, entries = self.reading.facts, self.entries
        # Identity, not sha256: the same bytes can parse to a different note (another role, another day).
        same = {path: sha256 for (path, sha256), one in self.earlier_facts.items() if now.get(path) is one}
        files = (same.get(entries[id_].path) for id_ in ids)
        places = {
            (id_, file): number for number, (id_, file) in enumerate(zip(ids, files, strict=True)) if file
        }
        return still_positioned(self.known, ids, places)

    def _files_of(self, ids: Sequence[str]) -> Sequence[str]:
        """Return the sha256 of the file of each entry."""
        entries, sources = self.reading.entries, self.reading.sources
        return [sources[entries[id_].path].sha256 for id_ in ids]

    def _known_verdict(self, position: PairPosition) -> Judgement | None:
        found = self.verdicts.get(position)
        return self.known.get(position) if found is None else found

    def _verdict(self, position: PairPosition) -> Judgement:
        found = self.verdicts.get(position)
        return self.known[position] if found is None else found

    def _judge_new(self, pairs: Sequence[PairPosition]) -> None:
        """Reach verdicts on pairs in new positions, and add them to `verdicts`."""
        if not pairs:
            return
        reused = self._reused_verdicts(pairs)
        self.verdicts.update(reused)
        # Most pairs are settled at once; only those that a model may have to read are held in memory.
        sides: dict[PairPosition, Sides] = {}
        for position in pairs:
            if position in reused:
                continue
            pair = self._sides(position.a, position.b)
            known = self._decided_early(pair, position.context)
            if known is None:
                sides[position] = pair
            else:
                self.verdicts[position] = known
        self.vectors.add(text for pair in sides.values() for side in pair for text in texts(side))
        self._unload_if_large(self.vectors.encoder)
        similarity = self.vectors.similarity
        opinions_of = self._opinions(
            pair
            for position, pair in sides.items()
            if can_matter(position.context, similarity(pair[0].text, pair[1].text)) and not equal_words(*pair)
        )
        for position, pair in sides.items():
            self.verdicts[position] = judge(
                *pair,
                similarity,
                opinion=opinions_of.get(pair),
                context=position.context,
                thresholds=self.thresholds,
            )
        if len(pairs) >= _LARGE_ROOT:
            clear_caches()

    def _unload_if_large(self, model: Encoder | JudgeModel) -> None:
        """In a large root, unload a model that has read nearly everything it will have to read."""
        if len(self.reading.entries) >= (_LARGE_KNOWN_ROOT if self.earlier_facts else _LARGE_ROOT):
            model.unload()

    def _decided_early(self, pair: Sides, context: PairContext) -> Judgement | None:
        """Return the verdict if it is certain without a model, else None.

        With a language model configured no verdict is decided early: it may be asked about any pair.
        """
        if self.counsel is not None:
            return None
        return decided_early(*pair, self.vectors.similarity, context, self.thresholds)

    def _reused_verdicts(self, wanted: Sequence[PairPosition]) -> dict[PairPosition, Judgement]:
        """Return the earlier verdicts on those pairs whose entries are unchanged, though their files changed."""
        stood = earlier_positions(
            chain.from_iterable(position[:2] for position in wanted), self.reading, self.earlier_facts
        )
        found: dict[PairPosition, Judgement] = {}
        for position in wanted:
            if position.a in stood and position.b in stood:
                (a, file_a), (b, file_b) = stood[position.a], stood[position.b]
                verdict = self._known_verdict(PairPosition(a, b, file_a, file_b, position.context))
                if verdict is not None:
                    found[position] = verdict
        return found

    def _sides(self, a: str, b: str) -> Sides:
        return self._statement(a), self._statement(b)

    def _opinions(self, pairs: Iterable[Sides]) -> dict[Sides, Opinion]:
        """Return the judge model's opinion of each pair; none without a judge model."""
        asked = list(dict.fromkeys(pairs))
        if self.model is None or not asked:
            return {}
        self.progress("judge", 0, len(asked))
        read = [in_place(a, b) for a, b in asked]
        opinions = self.model.opinions(read, lambda done, total: self.progress("judge", done, total))
        self._unload_if_large(self.model)
        return dict(zip(asked, opinions, strict=True))

    def _settle_doubtful(self, judged: Sequence[JudgedPair]) -> tuple[JudgedPair, ...]:
        """Let the language model, if there is one, settle the doubtful pairs that could still be acted on."""
        if self.counsel is None:
            return tuple(judged)
        common = self.reading.derived(templates)
        open_pairs = [
            pair
            for pair in judged
            if in_doubt(pair.judgement) and not is_left_alone(pair, self.reading, common)
        ]
        matters = [(pair.judgement, *self._sides(pair.a, pair.b)) for pair in open_pairs]
        settled = {(p.a, p.b): j for p, j in zip(open_pairs, self.counsel.settle(matters), strict=True)}
        return tuple(
            replace(pair, judgement=settled.get((pair.a, pair.b), pair.judgement)) for pair in judged
        )

    def _stale_entries(self) -> tuple[Finding, ...]:
        existing = frozenset(self.reading.notes) | self.reading.snapshot.other_paths
        found = [
            finding
            for facts in self.reading.facts.values()
            if facts.note.role in JUDGED_ROLES
            for finding in facts.stale(self.today, existing.__contains__)
        ]
        return tuple(
            finding
            for finding in with_final_successors(found, self.reading.notes)
            if finding.entry_id is None or not self.linker.is_pointer(self.reading.entries[finding.entry_id])
        )

    def _preference(self, path: str) -> int:
        """Rank a path among byte-identical twins: one that a pointer leads to ranks above one without a pointer."""
        return int(path in self._pointed)

    @cached_property
    def _pointed(self) -> frozenset[str]:
        return pointed(self.linker.pointers)
