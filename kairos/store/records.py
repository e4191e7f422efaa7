"""What the state remembers: transactions, dreams, conflicts, proposals, and the rows of its reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from kairos.model import Change, Conflict, Decision, Side, Skip


class TransactionKind(StrEnum):
    """What a transaction was made for."""

    DREAM = "dream"
    UNDO = "undo"
    RESOLVE = "resolve"
    APPROVE = "approve"
    MOVE = "move"  # the root itself got another path


SKIPPED_BY_UNDO = frozenset({TransactionKind.UNDO, TransactionKind.MOVE})
"""Kinds that "undo the last" and "undo everything" pass over: they change nothing of their own."""


class TransactionStatus(StrEnum):
    """How far a transaction got."""

    PENDING = "pending"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"


class Reached(StrEnum):
    """The last version that a transaction left in a file."""

    BEFORE = "before"
    INTERIM = "interim"
    AFTER = "after"


class ConflictStatus(StrEnum):
    """What became of a conflict: a person resolves it, a later dream finds it settled."""

    OPEN = "open"
    SETTLED = "settled"
    RESOLVED = "resolved"


class ProposalStatus(StrEnum):
    """What became of a proposal: a person approves or rejects it, a later dream finds it gone."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    GONE = "gone"


class Verdict(StrEnum):
    """What was decided about a change or conflict, so that no dream asks about it or does it again."""

    KEEP_BOTH = "keep_both"
    REJECTED = "rejected"
    UNDONE = "undone"
    HELD = "held back"  # by Kairos: it would have left the next dream more to do
    WAITS = "waits"  # Kairos only proposes it: a search would not find what stays


@dataclass(frozen=True, slots=True)
class Settlement:
    """A conflict that a person settles, and the side that is kept; None if both are."""

    conflict: str
    keep: Side | None


@dataclass(frozen=True, slots=True)
class Undoing:
    """What an undo takes back: a whole transaction or, if `key` is given, one change of it."""

    target: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a transaction in the journal; a version is named by the sha256 of its bytes.

    `before` and `after` are "" if the file does not exist. `interim` only adds something; it is None if there is no
    such version. `mtime_ns` belongs to `before`, `after_mtime_ns` to `after`; `mode` and the extended `attributes`
    are those of a file that is created or comes back.
    """

    path: str
    before: str
    after: str
    interim: str | None = None
    mode: int | None = None
    mtime_ns: int | None = None
    after_mtime_ns: int | None = None
    index: bool = False
    requires: tuple[str, ...] = ()
    reached: Reached = Reached.AFTER
    attributes: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def first(self) -> str | None:
        """What the first stage writes, which takes nothing away; None if it writes nothing."""
        return self.after if not self.before and not self.index else self.interim

    @property
    def final(self) -> str:
        """The version that the transaction left in the file."""
        if self.reached is Reached.INTERIM and self.first is not None:
            return self.first
        return self.before if self.reached is Reached.BEFORE else self.after

    @property
    def versions(self) -> frozenset[str]:
        """Every version that this transaction knows; any other bytes are somebody else's."""
        return frozenset({self.before, self.after, *([] if self.interim is None else [self.interim])})


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of the journal.

    `active` means committed and not undone. `made` are the directories that it made, `cleared` those that it removes
    if they are empty; `witnessed` are the files that it relies on without changing them, with their sha256.
    """

    id: int
    root: str
    kind: TransactionKind
    status: TransactionStatus
    at: datetime
    note: str
    active: bool
    files: tuple[FileRecord, ...]
    changes: tuple[Change, ...]
    undone_keys: frozenset[str]
    undoes: tuple[Undoing, ...]
    made: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    witnessed: Mapping[str, str] | None = None

    @property
    def holds(self) -> bool:
        """Whether anything of it still holds: neither it nor each of its changes by itself was undone.

        A transaction without changes only records a decision.
        """
        keys = {change.key for change in self.changes}
        return self.active and (not keys or bool(keys - self.undone_keys))


@dataclass(frozen=True, slots=True)
class Dream:
    """One pass over a root, even one that only reported."""

    id: int
    root: str
    at: datetime
    today: date
    outcome: str
    transaction: int | None
    stats: Mapping[str, Any]
    skipped: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class ConflictRecord:
    """A conflict and what became of it; `keep` is the side that a person kept."""

    root: str
    conflict: Conflict
    status: ConflictStatus
    keep: Side | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits, or waited, for a person; `since` is when it was first found."""

    root: str
    change: Change
    since: date
    status: ProposalStatus


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of `kairos log`: a dream, a transaction that no dream made, or a rejection, which has no transaction."""

    at: datetime
    root: str
    kind: TransactionKind | Literal["reject"]
    outcome: str
    dream: int | None
    transaction: int | None
    changes: Mapping[str, int]
    undone: bool
    undoes: tuple[Undoing, ...] = ()


@dataclass(frozen=True, slots=True)
class DreamReport:
    """All about one dream; `decisions` are kept only for the latest dream of a root."""

    dream: Dream
    transaction: Transaction | None
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change that was carried out, and whether it was undone since."""

    transaction: int
    at: datetime
    undone: bool
    change: Change


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened to a place, newest first, and what the latest dream thought of it.

    `proposals` wait, or were rejected; `skipped` says why the latest dream left the file alone; `before` was done to
    other lines that once had the line number in question.
    """

    changes: tuple[PastChange, ...]
    decisions: tuple[Decision, ...]
    proposals: tuple[Proposal, ...] = ()
    skipped: tuple[Skip, ...] = ()
    before: tuple[PastChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened there, and nothing was considered."""
        return not (self.changes or self.decisions or self.proposals or self.skipped)


@dataclass(frozen=True, slots=True)
class AtticRow:
    """A removed file; its bytes are the object `sha256`, unless that was discarded at `gone`."""

    path: str
    at: datetime
    transaction: int
    sha256: str
    gone: datetime | None = None
