"""The changes of a plan, and the edits that they consist of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kairos.model.files import Span
from kairos.model.judgements import Evidence


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace `span` of a file by `text`. An empty span inserts. Splices of one file never overlap."""

    path: str
    span: Span
    text: bytes


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Create a file that does not exist, or replace the whole of a file that Kairos manages."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file from the root; its bytes stay in the journal.

    With `if_empty`, only if the other edits leave nothing but front matter and headings.
    """

    path: str
    if_empty: bool = False


Edit = Splice | CreateFile | RemoveFile


class ChangeKind(StrEnum):
    """What a change is for."""

    MERGE = "merge"
    PRUNE = "prune"
    RESOLVE = "resolve"  # removes the losing side of a conflict
    DATE = "date"  # makes a relative date absolute
    REPOINT = "repoint"  # redirects links to something removed
    INDEX = "index"
    CONFLICTS = "conflicts"  # the managed note


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an entry (file and line), and its text verbatim."""

    file: str
    line: int
    text: str

    @property
    def reference(self) -> str:
        """The place as `file:line`, or just the file while the line is not known."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Witness:
    """The surviving entry that says what a dropped entry said.

    `covers` pairs each claim of the dropped entry with the sentence that says it in the survivor, after the edit.
    """

    entry_id: str
    place: Place
    covers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One reasoned step of a plan, with its own undo.

    `key` is made from the content that the change touches: the same change found again has the same key. `derived`
    changes (index, links, managed note) follow from others and never wait for a person.
    """

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
        """Whether it removes nothing."""
        return all(isinstance(edit, Splice) and edit.span.start == edit.span.end for edit in self.edits)
