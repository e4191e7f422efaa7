"""Conflicts between entries: which ones are open, and how they are settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from kairos.core.judgement.comparison_texts import beyond_dispute
from kairos.core.markdown.parse import parse
from kairos.core.planning.conflict_reasons import reason_of_conflict
from kairos.core.planning.merge import RedirectEdits
from kairos.core.planning.select import Selection
from kairos.core.root.reading import Reading, entry_at, place
from kairos.core.root.residue import removal
from kairos.core.root.trust import Trust, doubted
from kairos.core.text.keys import conflict_id, content_key
from kairos.core.text.outdated import mentions_outdated
from kairos.model import (
    Action,
    Change,
    ChangeKind,
    Conflict,
    Entry,
    Evidence,
    Finding,
    JudgedPair,
    Place,
    Relation,
    RemoveFile,
    Witness,
)

ALONE = "alone"
"""The kind of evidence that quotes what only the losing side says: a person has to see it."""


def open_conflicts(
    pairs: Iterable[JudgedPair],
    reading: Reading,
    selection: Selection,
    *,
    settled: frozenset[str],
    since: Mapping[str, date],
    today: date,
) -> tuple[Conflict, ...]:
    """Return the conflicts that nobody has settled and whose two sides both stay.

    A side that is merged away is replaced by its survivor.
    """
    found: dict[str, Conflict] = {}
    for pair in pairs:
        if pair.judgement.action is not Action.FLAG or pair.judgement.relation is not Relation.CONFLICT:
            continue
        a, b = (_surviving(reading.entries[side], reading, selection) for side in (pair.a, pair.b))
        if a is None or b is None or a.id == b.id:
            continue
        key = conflict_id(a.digest, b.digest)
        if key in settled or conflict_id(*_digests(pair, reading)) in settled:
            continue
        conflict = _conflict(key, a, b, pair, since.get(key, today))
        if key not in found or conflict.confidence > found[key].confidence:
            found[key] = conflict
    return tuple(sorted(found.values(), key=lambda c: (c.a.file, c.a.line, c.b.file, c.b.line)))


def standing_conflicts(
    conflicts: Iterable[Conflict],
    reading: Reading,
    after: Mapping[str, bytes | None],
    *,
    settled: frozenset[str],
    since: Mapping[str, date],
) -> tuple[Conflict, ...]:
    """Return conflicts with the places and texts that their sides have after the edits of a plan.

    The next dream reads those texts, and so finds the same conflicts under the same ids.
    """
    found = {}
    for conflict in conflicts:
        a, b = (_entry_after(place, reading, after) for place in (conflict.a, conflict.b))
        key = conflict_id(a.digest, b.digest)
        if key not in settled:
            day = since.get(key, conflict.since)
            found[key] = replace(conflict, id=key, a=place(a), b=place(b), since=day)
    return tuple(sorted(found.values(), key=lambda c: (c.a.file, c.a.line, c.b.file, c.b.line)))


def _entry_after(where: Place, reading: Reading, after: Mapping[str, bytes | None]) -> Entry:
    """Return the entry at a place as it stands after the edits of its file.

    It is found by its digest, or, if its own text was edited, by its position among the entries that stay.
    """
    note, source = reading.notes[where.file], reading.sources[where.file]
    entry = entry_at(where, reading)
    data = after.get(where.file)
    if data is None or data == source.data:
        return entry
    now = parse(replace(source, data=data)).entries
    same = [other for other in now if other.digest == entry.digest]
    if same:
        return min(same, key=lambda other: abs(other.line - entry.line))
    kept = [other for other in note.entries if source.data[slice(*other.span)] in data or other is entry]
    position = min(kept.index(entry), len(now) - 1)
    return now[position]


def _digests(pair: JudgedPair, reading: Reading) -> tuple[str, str]:
    return reading.entries[pair.a].digest, reading.entries[pair.b].digest


def _surviving(entry: Entry, reading: Reading, selection: Selection) -> Entry | None:
    """Return the entry itself or the survivor that it is merged into; None if it is pruned."""
    if selection.is_free(entry):
        return entry
    survivor = selection.gone_entries.get(entry.id)
    return reading.entries.get(survivor) if survivor else None


def _conflict(key: str, a: Entry, b: Entry, pair: JudgedPair, since: date) -> Conflict:
    judgement = pair.judgement
    reason = reason_of_conflict(judgement, a, b)
    return Conflict(key, place(a), place(b), judgement.newer, reason, since, judgement.confidence)


def settle(
    conflict: Conflict,
    loser: Entry,
    winner: Entry,
    reading: Reading,
    redirect_edits: RedirectEdits,
    *,
    reason: str,
) -> Change:
    """Return the change that removes the losing side of a conflict from its note."""
    edit = removal(loser, reading, winner)
    left = redirect_edits(loser.path, winner.path) if isinstance(edit, RemoveFile) else ()
    alone = beyond_dispute(loser.text, winner.text)
    warning = (Evidence(ALONE, f"what stays does not say: {' '.join(alone)}"),) if alone else ()
    return Change(
        key=content_key("resolve", conflict.id, loser.digest),
        kind=ChangeKind.RESOLVE,
        reason=reason,
        edits=(edit, *left),
        subject=place(loser),
        evidence=(Evidence("conflict", conflict.reason), *warning),
        confidence=conflict.confidence,
        witness=Witness(winner.id, place(winner), ()),
    )


def settle_older(
    conflicts: Sequence[Conflict],
    selection: Selection,
    reading: Reading,
    redirect_edits: RedirectEdits,
    trust: Trust,
    *,
    stale: Iterable[Finding] = (),
) -> None:
    """Remove the older side of each conflict whose newer side is known, or propose to.

    It is only proposed if the older side says more than what the two disagree about, is protected, or cannot be
    trusted to give way, and if the newer side may itself be outdated: `stale` is what was found to be so.
    """
    doubts = {finding.entry_id or finding.path: finding.reason for finding in stale}
    for conflict in conflicts:
        if conflict.newer is None:
            continue
        a, b = entry_at(conflict.a, reading), entry_at(conflict.b, reading)
        winner, loser = (a, b) if conflict.newer == "a" else (b, a)
        free = selection.is_free(winner) and selection.is_free(loser)
        if not free or loser.id in selection.witnesses:
            continue
        reason = f"{winner.path}:{winner.line} is newer"
        change = settle(conflict, loser, winner, reading, redirect_edits, reason=reason)
        doubt = trust.waits(winner, loser, reading) or _doubt_about_newer(winner, loser, doubts)
        says_more = any(item.kind == ALONE for item in change.evidence)
        if doubt or says_more or reading.note_of(loser).protected:
            selection.proposals.append(doubted(change, doubt))
        else:
            selection.take(change, (loser,), winner.path)


def _doubt_about_newer(winner: Entry, loser: Entry, doubts: Mapping[str, str]) -> str:
    """Return why the side that counts as newer may be the outdated one; "" for no reason.

    `doubts` are the reasons why entries and notes may be stale, by the ids of the entries and the paths of the notes.
    """
    reason = doubts.get(winner.id) or doubts.get(winner.path)
    if reason:
        return f"{winner.path}:{winner.line} may be stale: {reason}"
    if any(mentions_outdated(side.text) for side in (winner, loser)):
        return "a side says that something is outdated, which may be either of the two"
    return ""
