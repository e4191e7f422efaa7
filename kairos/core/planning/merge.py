"""Merges two entries that say the same: the survivor keeps its wording, and nothing is paraphrased.

Supporting parts that only the dropped entry has (its own Why, its own How to apply) are carried over verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import is_
from typing import NamedTuple, Protocol

from kairos.core.judgement.evidence import exchanged
from kairos.core.markdown.claims import sentences_of
from kairos.core.markdown.targets import targets_in
from kairos.core.root.credentials import credentials
from kairos.core.root.reading import Reading, place
from kairos.core.root.residue import removal
from kairos.core.root.survivor import is_set_aside, survivor
from kairos.core.text.keys import pair_key
from kairos.model import (
    Change,
    ChangeKind,
    Edit,
    Entry,
    EntryKind,
    Evidence,
    JudgedPair,
    Note,
    Part,
    Place,
    Relation,
    RemoveFile,
    Span,
    Splice,
    Witness,
)

_CODE_BLOCK = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n.*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_VALUE = re.compile(r"`[^`]+`|[\w./:@#-]*\d[\w./:@#-]*")

RedirectEdits = Callable[[str, str | None], tuple[Edit, ...]]
"""(path that is removed, path that now holds its content) → the edits of all pointers and links to it."""


class Likeness(Protocol):
    """Compares sentences; backed by the judge and cached vectors."""

    def covers(self, text: str, by: Sequence[str]) -> bool:
        """Whether one of the sentences `by` certainly says what `text` says."""

    def nearest(self, text: str, among: Sequence[str]) -> str:
        """Return the sentence of `among` that is most similar to `text`."""


class CannotMergeError(Exception):
    """The two entries cannot be merged without losing something; the message says what."""


class CachedMerge(NamedTuple):
    """A change that merges two entries, or the reason why there is none, cached with everything it was derived from.

    `files` are the sha256 of the two files. If the dropped one is removed, each plan adds the edits of the pointers and
    links to it.
    """

    kept: Entry
    dropped: Entry
    notes: tuple[Note, Note]
    files: tuple[str, str]
    pair: JudgedPair
    change: Change | str

    def holds(self, kept: Entry, dropped: Entry, notes: tuple[Note, Note], pair: JudgedPair) -> bool:
        """Whether these inputs would give the same change."""
        same = self.kept is kept and self.dropped is dropped
        return same and all(map(is_, self.notes, notes)) and self.pair == pair


MergeCache = dict[tuple[str, str], CachedMerge]
"""Changes by the ids of the kept and the dropped entry: one plan after another makes mostly the same ones."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Builds the change that merges a judged pair; `cache` has earlier changes, `known` the keys of those decided."""

    reading: Reading
    likeness: Likeness
    redirect_edits: RedirectEdits
    cache: MergeCache = field(default_factory=dict)
    known: Container[str] = ()

    def merge(self, pair: JudgedPair, witnesses: frozenset[str] = frozenset()) -> Change:
        """Return the change that merges a pair; of two that say the same, one that is among `witnesses` stays.

        Raises CannotMergeError if something would be lost.
        """
        a, b = self.reading.entries[pair.a], self.reading.entries[pair.b]
        kept, dropped = survivor(a, b, pair.judgement.relation, self.reading)
        if pair.judgement.relation is not Relation.SAME:
            return self._change(kept, dropped, pair)
        if dropped.id in witnesses and kept.id not in witnesses:
            kept, dropped = dropped, kept
        try:
            return self._change(kept, dropped, pair)
        except CannotMergeError:
            return self._change(dropped, kept, pair)

    def _change(self, kept: Entry, dropped: Entry, pair: JudgedPair) -> Change:
        notes = self.reading.note_of(kept), self.reading.note_of(dropped)
        known = self.cache.get((kept.id, dropped.id))
        if known is None or not known.holds(kept, dropped, notes, pair):
            files = self.reading.sources[kept.path].sha256, self.reading.sources[dropped.path].sha256
            known = CachedMerge(kept, dropped, notes, files, pair, self._build(kept, dropped, pair))
            self.cache[kept.id, dropped.id] = known
        change = known.change
        if isinstance(change, str):
            raise CannotMergeError(change)
        # What follows is not cached: the key depends on decisions, these edits on other notes.
        if (key := _merge_key(kept, dropped, self.known)) != change.key:
            change = replace(change, key=key)
        if RemoveFile(dropped.path) in change.edits:
            return replace(change, edits=(*change.edits, *self.redirect_edits(dropped.path, kept.path)))
        return change

    def _build(self, kept: Entry, dropped: Entry, pair: JudgedPair) -> Change | str:
        if is_set_aside(kept.path) and not is_set_aside(dropped.path):
            return "the other one is in an archive or backup"
        try:
            self._check_losses(kept, dropped)
            carried = self._carried(kept, dropped)
        except CannotMergeError as error:
            return str(error)
        return Change(
            key=_merge_key(kept, dropped),
            kind=ChangeKind.MERGE,
            reason=_reason(kept, dropped, carried, pair),
            edits=(*_append(kept, carried), removal(dropped, self.reading, kept)),
            subject=place(dropped),
            evidence=_dropped_first(pair, dropped),
            confidence=pair.judgement.confidence,
            witness=self._witness(kept, dropped, carried),
        )

    def _check_losses(self, kept: Entry, dropped: Entry) -> None:
        """Raise CannotMergeError if a code block, or a value of the dropped note's description, would be lost."""
        for code in _CODE_BLOCK.finditer(dropped.raw):
            if code.group().strip() not in kept.raw:
                raise CannotMergeError("it holds a code block that the other one lacks")
        if dropped.kind is EntryKind.FACT:
            kept_note = self.reading.note_of(kept)
            known = f"{kept.raw} {kept_note.description} {kept_note.title} {dropped.raw}"
            head = self.reading.note_of(dropped).description
            missing = [value for value in _VALUE.findall(head) if value.strip("`") not in known]
            if missing:
                raise CannotMergeError(f"its description names {missing[0]}, which the other one lacks")

    def _carried(self, kept: Entry, dropped: Entry) -> tuple[Part, ...]:
        said, linked = [part.text for part in kept.parts], targets_in(kept.raw, kept.path)

        def is_said(part: Part) -> bool:
            if not targets_in(part.raw, dropped.path) <= linked:
                return False
            return part.text in said or self.likeness.covers(part.text, said)

        carried = tuple(part for part in dropped.parts if not part.core and not is_said(part))
        if carried and kept.kind is not EntryKind.FACT:
            raise CannotMergeError("there is no place in the other one for what only this one says")
        if any(credentials(part.raw) for part in carried):
            raise CannotMergeError(
                "what would be carried over contains a credential, and credentials are never copied"
            )
        return carried

    def _witness(self, kept: Entry, dropped: Entry, carried: tuple[Part, ...]) -> Witness:
        carried_texts = [part.text for part in carried]
        said = [*sentences_of(kept), *carried_texts] or [kept.text]
        covers = []
        for sentence in sentences_of(dropped):
            own = next((text for text in carried_texts if sentence in text), None)
            covers.append((sentence, own or self.likeness.nearest(sentence, said)))
        return Witness(kept.id, place(kept), tuple(covers) or ((dropped.text, kept.text),))


def sentences(pairs: Iterable[JudgedPair], reading: Reading, cache: MergeCache) -> Iterator[str]:
    """Yield the sentences that merging these pairs may have to compare; merges that are already in `cache` need
    none."""
    for pair in pairs:
        if not pair.judgement.relation.merging:
            continue
        if (pair.a, pair.b) not in cache and (pair.b, pair.a) not in cache:
            sides = [sentences_of(reading.entries[id_]) for id_ in (pair.a, pair.b)]
            if max(map(len, sides)) > 1:  # with one sentence each there is nothing to choose from
                yield from chain.from_iterable(sides)


def _merge_key(kept: Entry, dropped: Entry, known: Container[str] = ()) -> str:
    return pair_key("merge", (dropped.path, dropped.digest), (kept.path, kept.digest), known=known)


def _dropped_first(pair: JudgedPair, dropped: Entry) -> tuple[Evidence, ...]:
    """Return the evidence worded for the dropped entry as "the first" side, since it is shown first."""
    evidence = pair.judgement.evidence
    return evidence if dropped.id == pair.a else tuple(map(exchanged, evidence))


def _reason(kept: Entry, dropped: Entry, carried: tuple[Part, ...], pair: JudgedPair) -> str:
    if dropped.digest == kept.digest:
        what = "is word for word the same as"
    elif pair.judgement.relation is Relation.SAME:
        what = "says the same as"
    else:
        what = "is contained in"
    extra = f"; carried over: {', '.join(part.label or 'one part' for part in carried)}" if carried else ""
    return f"{what} {kept.path}:{kept.line}{extra}"


def _append(kept: Entry, carried: tuple[Part, ...]) -> tuple[Edit, ...]:
    """Return the edits that append the carried parts to a one-fact note, in its own style of lines and paragraphs."""
    if not carried:
        return ()
    newline = "\r\n" if "\r\n" in kept.raw else "\n"
    apart = _labels_are_apart(kept, newline)
    tight = kept.raw.rsplit("\n", 1)[-1].startswith("**") and not apart
    text = "" if kept.span.end - kept.span.start > len(kept.raw.encode()) else newline
    for part in carried:
        text += ("" if tight else newline) + part.raw.rstrip() + newline
        tight = not apart
    return (Splice(kept.path, Span(kept.span.end, kept.span.end), text.encode("utf-8")),)


def _labels_are_apart(entry: Entry, newline: str) -> bool:
    """Whether a note has blank lines between its labelled paragraphs ("**Why:** …")."""
    labelled = [part.raw for part in entry.parts if part.label]
    return len(labelled) > 1 and entry.raw.rpartition(labelled[-1])[0].endswith(2 * newline)


def twin_change(
    kept: str, dropped: str, reading: Reading, redirect_edits: RedirectEdits, known: Container[str] = ()
) -> Change:
    """Return the change that removes a byte-identical twin of another note; `known` are the keys of those decided."""
    source = reading.sources[dropped]
    text = source.data.decode("utf-8", "replace")
    claim = (text.strip(), text.strip())
    return Change(
        key=pair_key("twin", (dropped,), (kept,), source.sha256, known=known),
        kind=ChangeKind.MERGE,
        reason=f"is byte for byte the same file as {kept}",
        edits=(RemoveFile(dropped), *redirect_edits(dropped, kept)),
        subject=Place(dropped, 1, text),
        witness=Witness(kept, Place(kept, 1, text), (claim,)),
    )


def as_proposal(change: Change) -> Change:
    """Return the same change, with its reason worded as a probability unless it is certain."""
    if change.confidence >= 1:  # the words are the same; only their place makes it wait
        return change
    verb, _, rest = change.reason.partition(" ")
    return replace(change, reason=f"is probably {rest}" if verb == "is" else f"probably {change.reason}")
