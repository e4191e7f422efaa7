"""Selects changes from judgements and findings so that they do not interfere with each other.

The rules: stale content goes first; a witness may not itself be dropped; every dropped entry was judged directly
against its own survivor, never through a third one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import PurePosixPath

from kairos.core.change.claimed_bytes import ClaimedBytes
from kairos.core.markdown.claims import sentences_of
from kairos.core.planning.guard import needed_in_place, twins_wait
from kairos.core.planning.merge import CannotMergeError, Merger, RedirectEdits, as_proposal, twin_change
from kairos.core.root.reading import Reading, place
from kairos.core.root.residue import first_untold_line, removal, would_form_heading
from kairos.core.root.survivor import rank, survivor
from kairos.core.root.trust import Trust, doubted
from kairos.core.staleness.void import retracted_text
from kairos.core.text.keys import content_key
from kairos.core.text.words import WIDE, stems
from kairos.model import (
    Action,
    Change,
    ChangeKind,
    Edit,
    Entry,
    Finding,
    JudgedPair,
    Place,
    RemoveFile,
    Splice,
)

_SHARE_OF_A_REPETITION = 0.6
"""From this share of its words on, another entry is taken to repeat what a retraction takes back."""
_FEWEST_WORDS = 3


@dataclass(slots=True)
class Selection:
    """The changes chosen so far; it grows step by step while a plan is made.

    `gone_files` maps paths to the path that now holds the content, `gone_entries` ids to the id of the survivor; both
    map to None if there is none. `asked_files` are the byte-identical twins that wait for a person, both the kept and
    the dropped ones. `remarks` say what became of pairs, by the ids of their entries.
    """

    changes: list[Change] = field(default_factory=list)
    proposals: list[Change] = field(default_factory=list)
    gone_files: dict[str, str | None] = field(default_factory=dict)
    gone_entries: dict[str, str | None] = field(default_factory=dict)
    witnesses: set[str] = field(default_factory=set)
    past_witnesses: frozenset[str] = frozenset()
    asked_files: set[str] = field(default_factory=set)
    remarks: dict[frozenset[str], str] = field(default_factory=dict)

    def is_free(self, entry: Entry) -> bool:
        """Whether no change takes this entry away."""
        return entry.id not in self.gone_entries and entry.path not in self.gone_files

    def take(self, change: Change, gone: Sequence[Entry], successor: str | None) -> None:
        """Accept a change that takes the entries `gone` away; `successor` is the path that now holds their content."""
        self.changes.append(change)
        for edit in change.edits:
            if isinstance(edit, RemoveFile):
                self.gone_files[edit.path] = successor
        for entry in gone:
            says_it = change.witness if change.kind is ChangeKind.MERGE else None
            self.gone_entries[entry.id] = says_it.entry_id if says_it else None
        if change.witness:
            self.witnesses.add(change.witness.entry_id)


def select_twins(
    selection: Selection,
    twins: Iterable[tuple[str, str]],
    reading: Reading,
    redirect_edits: RedirectEdits,
    trust: Trust,
    *,
    known: Container[str] = (),
) -> None:
    """Remove byte-identical twins of other notes, or propose to; `known` are the keys of those decided."""
    for kept, dropped in twins:
        if kept in selection.gone_files or dropped in selection.gone_files:
            continue
        change = twin_change(kept, dropped, reading, redirect_edits, known)
        reason = twins_wait(kept, dropped, reading, trust)
        if reason:
            selection.proposals.append(doubted(change, reason))
            selection.asked_files |= {kept, dropped}
            continue
        pruned = set(selection.gone_entries)
        selection.take(change, reading.notes[dropped].entries, kept)
        for gone, twin in zip(reading.notes[dropped].entries, reading.notes[kept].entries, strict=True):
            selection.gone_entries[gone.id] = None if twin.id in pruned else twin.id
            selection.witnesses.add(twin.id)


def select_stale(
    selection: Selection,
    findings: Iterable[Finding],
    reading: Reading,
    redirect_edits: RedirectEdits,
    trust: Trust,
) -> None:
    """Remove what is provably stale, or propose to."""
    for finding in findings:
        entry = reading.entries.get(finding.entry_id or "")
        gone = (entry,) if entry else reading.notes[finding.path].entries
        if finding.path in selection.gone_files or not all(selection.is_free(one) for one in gone):
            continue
        if any(one.id in selection.witnesses for one in gone):
            continue
        change = _prune_change(finding, entry, reading, redirect_edits)
        why = _reason_to_wait(finding, entry, reading) or trust.waits_for_alert(finding.path)
        if why:
            selection.proposals.append(doubted(change, why))
        else:
            selection.take(change, gone, None)


def _reason_to_wait(finding: Finding, entry: Entry | None, reading: Reading) -> str:
    """Return why removing something stale is only proposed; "" if it goes unattended."""
    if entry is not None and would_form_heading(entry, reading):
        return "without it, the line above it would be read as a heading"
    if finding.waits:
        return finding.waits
    if _says_more(finding, reading):
        return "the note says more than that"
    return (
        "what it takes back may stand elsewhere, too" if _is_said_elsewhere(finding, entry, reading) else ""
    )


def _is_said_elsewhere(finding: Finding, entry: Entry | None, reading: Reading) -> bool:
    """Whether another entry has most words of what an entry takes back: without that, it would hold again."""
    if entry is None or all(item.kind != "void" for item in finding.evidence):
        return False
    words, name = _words(retracted_text(sentences_of(entry))), PurePosixPath(entry.path).name
    enough = max(_SHARE_OF_A_REPETITION * len(words), _FEWEST_WORDS)
    return any(
        other.id != entry.id and name not in other.raw and len(words & _words(other.text)) >= enough
        for other in reading.entries.values()
    )


def _words(text: str) -> frozenset[str]:
    """Return the stems of a text, and pairs of characters where the script has no blanks."""
    found = stems(text)
    pairs = (word[at : at + 2] for word in found if WIDE.match(word) for at in range(len(word) - 1))
    return frozenset((*(word for word in found if not WIDE.match(word)), *pairs))


def _says_more(finding: Finding, reading: Reading) -> bool:
    """Whether a note that would go because of what its entries are says something outside them."""
    if finding.entry_id is not None:
        return False
    note, kinds = reading.notes[finding.path], {item.kind for item in finding.evidence}
    if "done" in kinds:  # headings and leads of a finished task list are finished with it
        said = [text for entry in note.entries for text in (entry.raw, entry.lead, *entry.headings)]
    elif "empty" in kinds:
        said = [entry.raw for entry in note.entries]
    else:  # the finding is about the note as a whole
        return False
    return bool(first_untold_line(reading.sources[finding.path], note, said))


def _prune_change(
    finding: Finding, entry: Entry | None, reading: Reading, redirect_edits: RedirectEdits
) -> Change:
    edit = removal(entry, reading, None) if entry else RemoveFile(finding.path)
    left = redirect_edits(finding.path, finding.successor) if isinstance(edit, RemoveFile) else ()
    source = reading.sources[finding.path]
    subject = place(entry) if entry else Place(finding.path, 1, source.data.decode("utf-8", "replace"))
    digest = entry.digest if entry else source.sha256
    return Change(
        key=content_key("prune", finding.path, digest),
        kind=ChangeKind.PRUNE,
        reason=finding.reason,
        edits=(edit, *left),
        subject=subject,
        evidence=finding.evidence,
    )


def select_merges(
    selection: Selection, pairs: Iterable[JudgedPair], reading: Reading, merger: Merger
) -> None:
    """Merge the pairs that are certain and propose those that are probable, best survivors first."""
    wanted = [
        pair
        for pair in pairs
        if pair.judgement.relation.merging and not _is_asked_as_whole(selection, pair, reading)
    ]
    wanted = _best_first(wanted, reading)
    for pair in wanted:
        if pair.judgement.action is Action.MERGE:
            _merge(selection, pair, reading, merger)
    proposed: set[str] = set()
    for pair in sorted(wanted, key=lambda pair: -pair.judgement.confidence):  # likeliest first
        if pair.judgement.action is Action.ASK and not {pair.a, pair.b} & proposed:
            _propose(selection, pair, reading, merger, proposed)


def _is_asked_as_whole(selection: Selection, pair: JudgedPair, reading: Reading) -> bool:
    """Whether a person is already asked about the two files as a whole, so that their lines need no proposals."""
    if not selection.asked_files:
        return False
    a, b = reading.entries[pair.a].path, reading.entries[pair.b].path
    asked = a != b and {a, b} <= selection.asked_files
    whole = asked and reading.sources[a].sha256 == reading.sources[b].sha256
    if whole:
        selection.remarks[pair.key] = "the two files are identical, and wait for you as a whole"
    return whole


def _best_first(pairs: Iterable[JudgedPair], reading: Reading) -> list[JudgedPair]:
    """Return pairs in the order in which to merge them: by rank of their survivors, then by confidence, best first."""
    found = []
    for pair in pairs:
        a, b = reading.entries[pair.a], reading.entries[pair.b]
        kept, dropped = survivor(a, b, pair.judgement.relation, reading)
        *best, _ = rank(kept, reading)
        found.append(((*best, pair.judgement.confidence), (kept.id, dropped.id), pair))
    found.sort(key=itemgetter(1))
    found.sort(key=itemgetter(0), reverse=True)  # stable: ties stay sorted by ids
    return [pair for *_, pair in found]


def _merge(selection: Selection, pair: JudgedPair, reading: Reading, merger: Merger) -> None:
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    both = frozenset((a.id, b.id))
    if not (selection.is_free(a) and selection.is_free(b)):
        selection.remarks[both] = "one side is already being removed"
        return
    witnesses = selection.past_witnesses | selection.witnesses
    try:
        change = merger.merge(pair, witnesses)
    except CannotMergeError as error:
        selection.remarks[both] = f"left alone, because {error}"
        return
    dropped = b if change.witness and change.witness.entry_id == a.id else a
    if dropped.id in witnesses:
        # What it is the witness of would then rest on an entry that it was never compared with.
        selection.remarks[both] = "waits for you, because another merge relies on it"
        selection.proposals.append(as_proposal(change))
        return
    reason = needed_in_place(dropped, a if dropped is b else b, reading)
    if reason:  # the guard allowed the merge in the other direction, which turned out to be impossible
        selection.remarks[both] = f"waits for you, because {reason}"
        selection.proposals.append(as_proposal(change))
        return
    selection.take(change, (dropped,), change.witness.place.file if change.witness else None)


def _propose(
    selection: Selection, pair: JudgedPair, reading: Reading, merger: Merger, proposed: set[str]
) -> None:
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    if not (selection.is_free(a) and selection.is_free(b)):
        return
    try:
        change = merger.merge(pair)
    except CannotMergeError:
        return
    selection.proposals.append(as_proposal(change))
    proposed.update((a.id, b.id))


def deconflict(changes: Sequence[Change]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return (changes whose edits do not overlap, changes that have to wait).

    Edits inside bytes that another change deletes are dropped; of equal edits only the first is kept.
    """
    removed = {e.path for c in changes for e in c.edits if isinstance(e, RemoveFile) and not e.if_empty}
    deletions: dict[str, list[tuple[str, Splice]]] = {}
    for change in changes:
        for edit in change.edits:
            if isinstance(edit, Splice) and not edit.text:
                deletions.setdefault(edit.path, []).append((change.key, edit))
    taken: defaultdict[str, ClaimedBytes] = defaultdict(ClaimedBytes)
    accepted, waiting = [], []
    for change in changes:
        edits = tuple(edit for edit in change.edits if not _is_moot(change, edit, removed, deletions))
        splices = [edit for edit in edits if isinstance(edit, Splice)]
        fresh = [splice for splice in splices if splice not in taken[splice.path].splices]
        if any(taken[splice.path].overlaps(splice.span) for splice in fresh):
            waiting.append(change)
            continue
        for splice in fresh:
            taken[splice.path].add(splice)
        kept = tuple(edit for edit in edits if not isinstance(edit, Splice) or edit in fresh)
        if kept:
            accepted.append(replace(change, edits=kept))
    return tuple(accepted), tuple(waiting)


def _is_moot(
    change: Change, edit: Edit, removed: set[str], deletions: Mapping[str, Sequence[tuple[str, Splice]]]
) -> bool:
    if not isinstance(edit, Splice):
        return False
    # Pruning a stale entry of a twin has its own reason, which holds even if the twin is brought back.
    if edit.path in removed:
        return not (change.kind is ChangeKind.PRUNE and change.subject.file == edit.path)
    return edit.span.start != edit.span.end and any(
        key != change.key
        and other.span.start <= edit.span.start
        and edit.span.end <= other.span.end
        and other.span != edit.span
        for key, other in deletions.get(edit.path, ())
    )
