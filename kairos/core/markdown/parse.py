"""Parses the bytes of a file into a note. Its entries and the gaps between them rejoin to the same bytes."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from kairos.core.markdown.blocks import BlockKind
from kairos.core.markdown.drafts import Draft, drafts, section_drafts
from kairos.core.markdown.front_matter import body_start, day_field, front_matter, text_field
from kairos.core.markdown.page import Page
from kairos.core.markdown.plain_text import checkbox, digest, is_struck, plain
from kairos.core.markdown.sections import PROFILE
from kairos.core.text.iso_day import iso_day
from kairos.model import Dated, Entry, EntryKind, FrontMatter, Note, Part, Role, Source, Span

_LARGE = 16_384
"""A file of more bytes than this is large."""
_EPOCH, _DAY_NS = date(1970, 1, 1), 86_400 * 10**9
"""The Unix epoch, and the nanoseconds of a day."""
_PROFILE_TYPE = "user"
_PROTECTED_TYPES = frozenset({_PROFILE_TYPE, "feedback"})
_EXPIRY_FIELDS = ("expires", "expiry", "expires_at", "valid_until", "valid-until")
DATE_FIELDS = ("modified", "updated", "updated_at", "last_updated", "date", "created", "created_at")
"""Front matter fields that tell when a note was written, those that tell of its last change first."""


def parse(source: Source) -> Note:
    """Parse a file into a note. `source.data` must be valid UTF-8; no such text makes this raise."""
    parse_cached = _parse_large if is_large(source) else _parse_small
    return parse_cached(source.path, source.data, source.role, day_of(source.mtime_ns))


def is_large(source: Source) -> bool:
    """Whether the parsed note takes so much memory that only a few such notes are cached."""
    return len(source.data) > _LARGE


def _parse(path: str, data: bytes, role: Role, written: date) -> Note:
    """Parse the bytes of a file that was last `written` on a day."""
    if role is Role.SECTIONS:
        return _parse_sections(path, data, written)
    front = front_matter(data)
    body = Span(body_start(data, front), len(data))
    page = Page.of(data, body)
    fields = front.fields if front else {}
    heading = next((plain(block.text) for block in page.blocks if block.kind is BlockKind.HEADING), "")
    dated = _dated(path, front, heading, written)
    named = bool(text_field(fields, "name", "title", "description"))
    entry_drafts = drafts(page, may_be_fact=role is Role.NOTE, named=named)
    note_type = text_field(fields, "type")
    return Note(
        path=path,
        role=role,
        title=text_field(fields, "name", "title") or heading or PurePosixPath(path).stem,
        description=text_field(fields, "description"),
        type=note_type,
        entries=tuple(_entry(draft, path, page, dated) for draft in entry_drafts),
        body=body,
        front=front,
        dated=dated,
        expires=day_field(fields, *_EXPIRY_FIELDS),
        session=text_field(fields, "originSessionId"),
        protected=_is_protected(path, note_type, fields.get("pinned")),
        size=len(data),
        outline=() if entry_drafts else _outline(page),
    )


def _parse_sections(path: str, data: bytes, written: date) -> Note:
    """Parse a file whose entries are separated by lines of `§`. It has no front matter: every line is in an entry."""
    page, dated = Page.without_blocks(data), Dated(written, "mtime")
    note_type = _PROFILE_TYPE if path == PROFILE else ""
    return Note(
        path=path,
        role=Role.SECTIONS,
        title=PurePosixPath(path).stem,
        description="",
        type=note_type,
        entries=tuple(_entry(draft, path, page, dated) for draft in section_drafts(page)),
        body=Span(0, len(data)),
        dated=dated,
        protected=_is_protected(path, note_type, pinned=False),
        size=len(data),
    )


# From one plan to the next most notes keep their bytes, so a large cache pays off. Not for large files: an index of
# thousands of lines differs after every plan, and takes megabytes.
_parse_small = lru_cache(maxsize=512)(_parse)
_parse_large = lru_cache(maxsize=8)(_parse)


def _outline(page: Page) -> tuple[str, ...]:
    if any(block.kind is not BlockKind.HEADING for block in page.blocks):
        return ()
    return tuple(plain(block.text) for block in page.blocks)


def segments(source: Source, note: Note) -> tuple[bytes, ...]:
    """Return the bytes of the entries and of the gaps between them, in order. Joined, they are the file."""
    out = []
    position = 0
    for entry in note.entries:
        out += [source.data[position : entry.span.start], source.data[entry.span.start : entry.span.end]]
        position = entry.span.end
    return (*out, source.data[position:])


def _is_protected(path: str, note_type: str, pinned: object) -> bool:
    return note_type in _PROTECTED_TYPES or pinned is True or path.startswith("team/")


def _dated(path: str, front: FrontMatter | None, heading: str, written: date) -> Dated:
    """Return when a note was written: by its front matter, file name, first heading, or else its mtime.

    The mtime comes last because syncing resets it.
    """
    day = day_field(front.fields, *DATE_FIELDS) if front else None
    if day is not None:
        return Dated(day, "front matter")
    name = PurePosixPath(path).name
    day = iso_day(name) or iso_day(name.replace("_", "-"))
    if day is not None:
        return Dated(day, "file name")
    day = iso_day(heading)
    if day is not None:
        return Dated(day, "text")
    return Dated(written, "mtime")


def day_of(mtime_ns: int) -> date:
    """Return the day of an mtime, in UTC. A time out of range counts as 1970-01-01."""
    try:
        return date.fromordinal(_EPOCH.toordinal() + mtime_ns // _DAY_NS)
    except (OverflowError, ValueError):
        return _EPOCH


def _entry(draft: Draft, path: str, page: Page, dated: Dated) -> Entry:
    first = draft.parts[0]
    # Most entries have one part only: its span and text are then shared.
    span, raw = (first.span, first.raw) if first.span == draft.span else (draft.span, page.text(draft.span))
    day = next((day for day in map(iso_day, (raw, *reversed(draft.headings))) if day), None)
    text = "\n".join(part.text for part in draft.parts if part.core and part.text)
    return Entry(
        id=f"{path}:{span.start}",
        path=path,
        span=span,
        line=page.line_of(span.start),
        kind=draft.kind,
        raw=raw,
        text=text,
        digest=digest(raw),
        explicit_parts=() if draft.parts == (Part(span, raw, text),) else draft.parts,
        headings=draft.headings,
        lead=draft.lead,
        done=checkbox(raw) if _is_item(draft, raw) else None,
        struck=is_struck(raw),
        dated=Dated(day, "text") if day else dated,
    )


def _is_item(draft: Draft, raw: str) -> bool:
    """Whether an entry is one list item, or a section of one line, which may be one."""
    return draft.kind is EntryKind.BULLET or (draft.kind is EntryKind.SECTION and "\n" not in raw)
