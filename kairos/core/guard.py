"""Structure that makes a merge unsafe although the words agree: such pairs wait for a person, or are left alone.

A step of a procedure, a row of a table or a boilerplate line means something only where it stands; the judge
sees two texts, this module sees their places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from kairos.core.reading import JUDGED_ROLES, Reading
from kairos.core.survivor import says, survivor
from kairos.core.trust import Trust
from kairos.model import Action, Entry, EntryKind, Evidence, JudgedPair, Judgement, Note, Relation, Role, Skip

_ORDERED = re.compile(r"\s*\d+[.)]\s")
_MIN_WORDS = 4
_MIN_LETTERS = 12
_MUCH_MORE = 1.5
_DOCUMENT_HEADINGS = 10
LONGEST_JUDGED = 20_000
"""Characters: no entry of the notes we know comes near it, and the time to compare two grows faster than they do."""

_ANY_AGE = Trust()
BOILERPLATE = 3  # the same words at this many places are a template, not a repeated fact


def is_judged(entry: Entry, note: Note) -> bool:
    """Whether an entry is compared at all: enough words, in a file that may be edited."""
    if note.role not in JUDGED_ROLES or entry.kind is EntryKind.TABLE_ROW or len(entry.text) > LONGEST_JUDGED:
        return False
    return len(entry.text) >= _MIN_LETTERS or len(entry.text.split()) >= _MIN_WORDS


def too_long(reading: Reading) -> tuple[Skip, ...]:
    """Return a sentence for each entry that is not compared because of its length."""
    return tuple(
        Skip(
            f"{entry.path}:{entry.line}",
            f"It is one entry of {len(entry.text):,} characters: too long to be compared with others.",
            "Split it with blank lines or bullets.",
        )
        for entry in reading.entries.values()
        if len(entry.text) > LONGEST_JUDGED and reading.note_of(entry).role in JUDGED_ROLES
    )


def boilerplate(entries: Iterable[Entry]) -> frozenset[str]:
    """Digests of texts that stand in too many files to be repeated facts."""
    files = {(entry.digest, entry.path) for entry in entries}
    counts = Counter(digest for digest, _ in files)
    return frozenset(digest for digest, count in counts.items() if count > BOILERPLATE)


def guarded(
    pair: JudgedPair, reading: Reading, templates: frozenset[str], trust: Trust = _ANY_AGE
) -> JudgedPair:
    """Lower a judgement to what the places of its two entries, and the trust in them, allow."""
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    reason = _left_alone(a, b, templates)
    if reason:
        return replace(pair, judgement=_lowered(pair.judgement, Action.NONE, reason))
    if pair.judgement.action is Action.MERGE:
        reason = _waits(pair, reading)
        if reason:
            return replace(pair, judgement=_lowered(pair.judgement, Action.ASK, reason))
        reason = trust.waits(a, b, reading)
        if reason:
            return replace(pair, judgement=_lowered(pair.judgement, Action.ASK, reason, "trust"))
    return pair


def is_left_alone(pair: JudgedPair, reading: Reading, templates: frozenset[str]) -> bool:
    """Whether the places of two entries leave nothing to judge."""
    return bool(_left_alone(reading.entries[pair.a], reading.entries[pair.b], templates))


def documents(reading: Reading) -> frozenset[str]:
    """Return the paths of the notes that are texts to be read as a whole."""
    return frozenset(path for path, note in reading.notes.items() if _is_document(note))


def is_composed(a: Entry, b: Entry, reading: Reading, composed: Collection[str]) -> bool:
    """Whether two entries were written to stand together, or mean something only where they stand: in `documents`.

    An index that is itself the store grows line by line for months: only the lines of one of its lists stand together.
    """
    if a.path in composed or b.path in composed:
        return True
    return a.path == b.path and (reading.note_of(a).role is Role.NOTE or _same_list(a, b))


def _lowered(judgement: Judgement, action: Action, reason: str, kind: str = "place") -> Judgement:
    relation = judgement.relation if action is not Action.NONE else Relation.DISTINCT
    evidence = (*judgement.evidence, Evidence(kind, reason))
    return replace(judgement, action=action, relation=relation, evidence=evidence)


def _left_alone(a: Entry, b: Entry, templates: frozenset[str]) -> str:
    if a.digest in templates or b.digest in templates:
        return f"the same words stand in more than {BOILERPLATE} files: a template, not a repeated fact"
    if a.struck or b.struck:
        return "one side is struck out"
    if a.done is not None or b.done is not None:
        return "" if a.digest == b.digest and a.path == b.path else "a task is not a fact"
    return ""


def _waits(pair: JudgedPair, reading: Reading) -> str:
    a, b = reading.entries[pair.a], reading.entries[pair.b]
    kept, dropped = survivor(a, b, pair.judgement.relation, reading)
    if dropped.kind is EntryKind.PARAGRAPH and not _same_list(a, b):
        return "a paragraph may be needed where it stands"
    if _ORDERED.match(dropped.raw):
        return "a numbered step may be needed where it stands"
    guarded_place = next((reason for entry in (a, b) if (reason := _guarded_place(entry, reading))), "")
    if guarded_place:
        return guarded_place
    if a.digest == b.digest and not _same_list(a, b) and _hangs_on_context(a, b):
        return "short equal lines under different headings may speak of different things"
    return _needs_certainty(pair, kept, dropped, reading) if pair.judgement.confidence < 1 else ""


def _needs_certainty(pair: JudgedPair, kept: Entry, dropped: Entry, reading: Reading) -> str:
    """Return why a pair waits that is not equal word for word."""
    if any(_is_document(reading.note_of(entry)) for entry in (kept, dropped)):
        return "what stands in a longer document may mean something only there"
    if pair.judgement.relation is not Relation.SAME and says(kept) > _MUCH_MORE * says(dropped):
        return "the other says much more: a reader may not look there for this"
    return ""


def _guarded_place(entry: Entry, reading: Reading) -> str:
    front = reading.note_of(entry).front
    if front and front.fields.get("pinned"):
        return f"{entry.path} is pinned"
    return "notes of the team are not merged unattended" if entry.path.startswith("team/") else ""


def _is_document(note: Note) -> bool:
    """Whether a note is a text to be read as a whole rather than a list of facts: its entries lean on each other."""
    paths = {entry.headings for entry in note.entries}
    nested = any(len(path) > 2 for path in paths)
    return note.role is Role.NOTE and (nested or len(paths) >= _DOCUMENT_HEADINGS)


def _same_list(a: Entry, b: Entry) -> bool:
    return a.path == b.path and a.headings == b.headings and a.lead == b.lead


def _hangs_on_context(a: Entry, b: Entry) -> bool:
    short = len(a.text.split()) < _MIN_WORDS + 2
    return short and a.kind is not EntryKind.FACT and b.kind is not EntryKind.FACT
