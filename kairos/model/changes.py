"""The reasoned steps of a plan, and the edits that they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kairos.model.files import Span
from kairos.model.judgements import Evidence


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

    With `if_empty` only where the other edits leave no more than a head and headings, which tell nothing.
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

    @property
    def only_inserts(self) -> bool:
        """Whether it takes nothing away."""
        return all(isinstance(edit, Splice) and edit.span.start == edit.span.end for edit in self.edits)
