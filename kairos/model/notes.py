"""What a file says: a note and its entries, and what is compared of them. Lines are counted from 1.

There are tens of thousands of these values, and nearly all are kept from dream to dream: as named tuples they are made,
compared and read again in a fraction of the time that it takes for dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from kairos.model.files import Role, Span


class EntryKind(StrEnum):
    """The form of an entry."""

    BULLET = "bullet"  # a list item with its children
    PARAGRAPH = "paragraph"  # also a block quote or a lone code block
    TABLE_ROW = "table_row"
    FACT = "fact"  # the whole body of a one-fact note


class Dated(NamedTuple):
    """A day, and where it was found: "front matter", "file name", "text", "git" or "mtime"."""

    day: date
    basis: str


class FrontMatter(NamedTuple):
    """A YAML head. `fields` has nested `metadata` keys lifted to the top; `valid` tells strict YAML
    from the `key: rest of line` reading that stands in where the YAML is broken."""

    span: Span
    fields: Mapping[str, Any]
    valid: bool


class Part(NamedTuple):
    """A piece of an entry that can be carried over on its own: its own text, a child bullet, or a
    labelled paragraph (`label` "why", "how to apply", …). `core` parts are what the entry says;
    the others support it."""

    span: Span
    raw: str
    text: str
    label: str = ""
    core: bool = True


class Entry(NamedTuple):
    """The unit that is edited. `raw` is verbatim without the final line break; `text` is the plain
    text of the core parts, without markup; `digest` is a hash of the normalised whole text and survives a
    move. `lead` is the paragraph that introduces the list or table. Of its parts it holds `several`, or one that is
    not the whole entry: nearly all have one that is."""

    id: str
    path: str
    span: Span
    line: int
    kind: EntryKind
    raw: str
    text: str
    digest: str
    several: tuple[Part, ...] = ()
    headings: tuple[str, ...] = ()
    lead: str = ""
    done: bool | None = None  # state of a checkbox; None without one
    struck: bool = False
    dated: Dated | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The pieces that it consists of, the first one first."""
        return self.several or (Part(self.span, self.raw, self.text),)


class Note(NamedTuple):
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


class Claim(NamedTuple):
    """The unit that is compared: one sentence, or a short entry as a whole. `embedded` is what the encoder sees: plain
    text, below the titles and headings above it where it has too few words to be understood alone."""

    entry_id: str
    embedded: str


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
