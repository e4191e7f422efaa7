"""Files as they were read. Spans are half-open byte ranges `[start, end)` into their bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open byte range `[start, end)` of one file."""

    start: int
    end: int


class Role(StrEnum):
    """What a file is to its root."""

    INDEX = "index"  # the always-loaded file
    SUBINDEX = "subindex"  # pointers that did not fit into the index; written by Kairos
    NOTE = "note"
    SECTIONS = "sections"  # entries between lines of `§`, as Hermes writes them; always loaded
    DAILY = "daily"  # a dated log: a note that says the same as one of its entries is the survivor
    MANAGED = "managed"  # the note of open conflicts; written by Kairos, never judged
    READ_ONLY = "read_only"  # read and cited, never edited


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read; `owner` is the uid of its owner, if known."""

    path: str
    data: bytes
    sha256: str
    mtime_ns: int
    mode: int
    role: Role
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was left alone: `what` (a path, `path:line`, or a change), the reason, and what to do next.

    The reason may be a sentence or part of one; to show it, use `why`. `text` is the entry that it is about, verbatim:
    line numbers change. `key` is that of a change that was turned down before, and that can be approved after all.
    """

    what: str
    reason: str
    advice: str = ""
    text: str = ""
    key: str = ""

    @property
    def why(self) -> str:
        """The reason as a sentence, with a full stop."""
        return self.reason if self.reason.endswith((".", "!", "?", "…")) else f"{self.reason}."


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything in a root that Kairos may look at, at one moment.

    `sources` are sorted by path. `other_paths` exist in the root but were not read (images, scripts, unreadable notes):
    pointers to them are not broken. `unseen` are the paths below which anything may
    exist: directories that were not entered, and links.
    """

    root: str
    layout: str
    sources: tuple[Source, ...]
    skipped: tuple[Skip, ...] = ()
    other_paths: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()

    def by_path(self) -> dict[str, Source]:
        """Sources by their path."""
        return {source.path: source for source in self.sources}
