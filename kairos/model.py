"""The vocabulary of the whole program: frozen values, no behaviour beyond simple look-ups.

Paths are POSIX strings relative to the root. Spans are half-open byte ranges `[start, end)` into
the bytes of a file as they were read. Lines are counted from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Literal, NamedTuple

Side = Literal["a", "b"]


class Span(NamedTuple):
    """Half-open byte range `[start, end)` of one file."""

    start: int
    end: int


# --- what was read -------------------------------------------------------------------------------


class Role(StrEnum):
    """What a file is to its root."""

    INDEX = "index"  # the always-loaded file
    SUBINDEX = "subindex"  # pointers that did not fit into the index; written by Kairos
    NOTE = "note"
    DAILY = "daily"  # a dated log: its entries give way to the same words in a note
    MANAGED = "managed"  # the note of open conflicts; written by Kairos, never judged
    READ_ONLY = "read_only"  # read and cited, never edited


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read; `owner` is the number of the user it belongs to, where that is known."""

    path: str
    data: bytes
    sha256: str
    mtime_ns: int
    mode: int
    role: Role
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was left alone: `what` (a path or a change), why, and what to do next."""

    what: str
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of a root that Kairos may look at, at one moment.

    `sources` are sorted by path. `other_paths` exist in the root but were not read (images, scripts,
    unreadable notes): pointers to them are not broken.
    """

    root: str
    layout: str
    sources: tuple[Source, ...]
    skipped: tuple[Skip, ...] = ()
    other_paths: frozenset[str] = frozenset()

    def by_path(self) -> dict[str, Source]:
        """Sources by their path."""
        return {source.path: source for source in self.sources}


# --- what it says --------------------------------------------------------------------------------


class EntryKind(StrEnum):
    """The form of an entry."""

    BULLET = "bullet"  # a list item with its children
    PARAGRAPH = "paragraph"  # also a block quote or a lone code block
    TABLE_ROW = "table_row"
    FACT = "fact"  # the whole body of a one-fact note


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, and where it was found: "front matter", "file name", "text", "git" or "mtime"."""

    day: date
    basis: str


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A YAML head. `fields` has nested `metadata` keys lifted to the top; `valid` tells strict YAML
    from the `key: rest of line` reading that stands in where the YAML is broken."""

    span: Span
    fields: Mapping[str, Any]
    valid: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an entry that can be carried over on its own: its own text, a child bullet, or a
    labelled paragraph (`label` "why", "how to apply", …). `core` parts are what the entry says;
    the others support it."""

    span: Span
    raw: str
    text: str
    label: str = ""
    core: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """The unit that is edited. `raw` is verbatim without the final line break; `text` is the plain
    text of the core parts, without markup; `digest` is a hash of the normalised whole text and survives a
    move. `lead` is the paragraph that introduces the list or table."""

    id: str
    path: str
    span: Span
    line: int
    kind: EntryKind
    raw: str
    text: str
    digest: str
    parts: tuple[Part, ...]
    headings: tuple[str, ...] = ()
    lead: str = ""
    done: bool | None = None  # state of a checkbox; None without one
    struck: bool = False
    dated: Dated | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One parsed Markdown file. `body` is the span after the front matter; `expires` comes from the
    front matter; `protected` notes (user, feedback, pinned, team/) are never pruned unattended; `outline` are the
    headings of a note that holds nothing else."""

    path: str
    role: Role
    title: str
    description: str
    type: str
    entries: tuple[Entry, ...]
    body: Span
    front: FrontMatter | None = None
    dated: Dated | None = None
    expires: date | None = None
    session: str = ""  # originSessionId
    protected: bool = False
    size: int = 0
    outline: tuple[str, ...] = ()

    @property
    def is_fact(self) -> bool:
        """Whether the whole body is one entry."""
        return len(self.entries) == 1 and self.entries[0].kind is EntryKind.FACT


@dataclass(frozen=True, slots=True)
class Claim:
    """The unit that is compared: one sentence (`text`, plain) with its context (note title,
    headings, the bullet or paragraph above). `embedded` is what the encoder sees."""

    entry_id: str
    ordinal: int
    text: str
    context: str
    embedded: str
    core: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """What the judge sees of one side: the core text, all its sentences, its context and day.

    `code` are the contents of its code spans, which `text` shows without marks. `done` is the state of its checkbox,
    None without one.
    """

    text: str
    sentences: tuple[str, ...]
    context: str = ""
    day: date | None = None
    code: tuple[str, ...] = ()
    done: bool | None = None


# --- what was found ------------------------------------------------------------------------------


class Relation(StrEnum):
    """How two entries relate."""

    SAME = "same"
    A_CONTAINS_B = "a_contains_b"
    B_CONTAINS_A = "b_contains_a"
    CONFLICT = "conflict"
    DISTINCT = "distinct"


class Action(StrEnum):
    """What follows from a judgement: done unattended, proposed, flagged, or nothing."""

    MERGE = "merge"
    ASK = "ask"
    FLAG = "flag"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason in words a person understands. `kind` is a stable slug ("values", "similarity",
    "date", "expiry", …); `score` is the number behind it, where there is one."""

    kind: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on an ordered pair. `clash` holds the two sentences that clash, for a conflict; a `doubtful`
    one is the judge's best guess, which a language model may still overrule, if the user configured one.
    `vetoed`: values, negation or single words differ: nothing is merged unattended, whoever says otherwise."""

    relation: Relation
    action: Action
    confidence: float
    evidence: tuple[Evidence, ...]
    newer: Side | None = None
    clash: tuple[str, str] | None = None
    doubtful: bool = False
    vetoed: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of an ordered pair: chances, 0…1, of each relation (they add up to one), and, should the
    two conflict, that the wording shows the first or the second to be newer. `whole`: it read both to the end."""

    same: float
    a_contains_b: float
    b_contains_a: float
    conflict: float
    distinct: float
    newer_a: float = 0.0
    newer_b: float = 0.0
    whole: bool = True

    @property
    def merging(self) -> float:
        """The chance that one side says all that the other says."""
        return self.same + self.a_contains_b + self.b_contains_a

    def mirrored(self) -> Opinion:
        """Return the opinion of the exchanged pair."""
        return replace(
            self,
            a_contains_b=self.b_contains_a,
            b_contains_a=self.a_contains_b,
            newer_a=self.newer_b,
            newer_b=self.newer_a,
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries worth comparing, and their best similarity (cosine, −1…1)."""

    a: str
    b: str
    similarity: float


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair of entry ids with its judgement."""

    a: str
    b: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry (or, with `entry_id` None, a whole note) that is provably stale; `successor` takes its place."""

    path: str
    entry_id: str | None
    reason: str
    evidence: tuple[Evidence, ...]
    unattended: bool
    successor: str | None = None


# --- what is to be done --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace `span` of a file by `text`. An empty span inserts; splices of one file never overlap."""

    path: str
    span: Span
    text: bytes


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Create a file that does not exist, or replace all of a file that Kairos itself manages."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Take a file out of the root; its bytes stay in the journal.

    With `if_empty` only where the other edits leave no more than a head and headings.
    """

    path: str
    if_empty: bool = False


Edit = Splice | CreateFile | RemoveFile


class ChangeKind(StrEnum):
    """Why something is edited."""

    MERGE = "merge"
    PRUNE = "prune"
    RESOLVE = "resolve"  # the losing side of a conflict goes
    DATE = "date"  # a relative date made absolute
    REPOINT = "repoint"  # links to what went
    INDEX = "index"
    CONFLICTS = "conflicts"  # the managed note


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stood, and its text verbatim."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Witness:
    """The surviving entry that covers what a dropped entry said. `covers` pairs each claim of the
    dropped entry with the sentence that says it in the survivor (after the edit)."""

    entry_id: str
    place: Place
    covers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One reasoned step of a plan, with its own undo. `key` is made from the content it touches: the
    same change found again has the same key. `derived` changes (index, links, managed note) follow
    from others and never wait for a person."""

    key: str
    kind: ChangeKind
    reason: str
    edits: tuple[Edit, ...]
    subject: Place
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    witness: Witness | None = None
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries that cannot both be right. `id` depends on the two texts alone."""

    id: str
    a: Place
    b: Place
    newer: Side | None
    reason: str
    since: date
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Size of the always-loaded file, front matter and comments not counted."""

    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A pair or an entry that was looked at, with the outcome: what `kairos explain` shows."""

    places: tuple[Place, ...]
    outcome: str
    evidence: tuple[Evidence, ...]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits of one dream: a pure value made from a snapshot. `base` holds the sha256 of every
    file that an edit touches or a witness stands in. `changes` may be applied unattended; `proposals` wait
    for a person."""

    root: str
    layout: str
    today: date
    base: Mapping[str, str]
    changes: tuple[Change, ...]
    proposals: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[Skip, ...] = ()
    decisions: tuple[Decision, ...] = ()
    entries: int = 0
    index_before: IndexSize | None = None
    index_after: IndexSize | None = None


# --- what was done -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a transaction. `before`/`after` None means: does not exist. `interim` are the
    bytes with additions only, written before anything is removed anywhere. A file whose `requires` was
    changed by somebody else keeps what it has."""

    path: str
    before: bytes | None
    after: bytes | None
    interim: bytes | None = None
    mode: int | None = None
    index: bool = False
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What applying did: the transaction's id, the files written and removed, what was left alone."""

    transaction: int
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = field(default=())
