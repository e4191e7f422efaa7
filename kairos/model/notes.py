"""What a file says: a note, its entries, and what is compared of them. Lines are counted from 1.

There are tens of thousands of these values, and nearly all are kept between dreams. Named tuples are created, compared
and decoded in a fraction of the time that dataclasses take.
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
    SECTION = "section"  # a text between lines of `§`: a fact by itself


class Dated(NamedTuple):
    """A day, and where it was found: "front matter", "file name", "text" or "mtime"."""

    day: date
    basis: str


class FrontMatter(NamedTuple):
    """YAML front matter.

    `fields` has nested `metadata` keys lifted to the top level. `valid` is false if the YAML is broken, in which case
    `fields` was read line by line as `key: rest of line`.
    """

    span: Span
    fields: Mapping[str, Any]
    valid: bool


class Part(NamedTuple):
    """A piece of an entry that can be carried over on its own.

    It is the entry's own text, a child bullet, or a labelled paragraph (`label` "why", "how to apply", …). `core` parts
    are what the entry says; the others support it.
    """

    span: Span
    raw: str
    text: str
    label: str = ""
    core: bool = True


class Entry(NamedTuple):
    """The unit that is edited.

    `raw` is verbatim, without the final line break; `text` is the plain text of the core parts, without markup.
    `digest` is a hash of the normalised whole text and survives a move. `lead` is the paragraph that introduces the
    list or table. `explicit_parts` is empty for nearly all entries, whose only part is the whole entry: use `parts`.
    """

    id: str
    path: str
    span: Span
    line: int
    kind: EntryKind
    raw: str
    text: str
    digest: str
    explicit_parts: tuple[Part, ...] = ()
    headings: tuple[str, ...] = ()
    lead: str = ""
    done: bool | None = None  # state of a checkbox; None without one
    struck: bool = False
    dated: Dated | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the entry, in order."""
        return self.explicit_parts or (Part(self.span, self.raw, self.text),)


class Note(NamedTuple):
    """One parsed Markdown file.

    `body` is the span after the front matter; `expires` comes from the front matter. `protected` notes (user, feedback,
    pinned, team/) are never pruned unattended. `outline` has the headings of a note that contains nothing else.
    """

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
    """The unit that is compared: one sentence, or a short entry as a whole.

    `embedded` is what the encoder sees: plain text, preceded by its titles and headings if it has too few words to be
    understood alone.
    """

    entry_id: str
    embedded: str


CONTEXT_STEP = " > "
"""Stands between the title, the headings and the lead of a context."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the judge sees of one entry: the core text, all its sentences, its context and day.

    `code` has the contents of its code spans, which `text` shows without backticks. `done` is the state of its
    checkbox, None without one.
    """

    text: str
    sentences: tuple[str, ...]
    context: str = ""
    day: date | None = None
    code: tuple[str, ...] = ()
    done: bool | None = None
