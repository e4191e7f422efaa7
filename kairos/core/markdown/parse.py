"""Bytes in, a note with its entries out; entries and the gaps between them rejoin to the same bytes."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from kairos.core.markdown.blocks import BlockKind
from kairos.core.markdown.drafts import Draft, drafts
from kairos.core.markdown.front_matter import day_field, front_matter, iso_day, text_field
from kairos.core.markdown.page import Page
from kairos.core.markdown.plain_text import checkbox, digest, is_struck, plain
from kairos.model import Dated, Entry, EntryKind, FrontMatter, Note, Part, Role, Source, Span

_BOM = b"\xef\xbb\xbf"
_LARGE = 16_384
"""Bytes from which a file is large."""
_FIRST_DAY, _DAY_NS = date(1970, 1, 1), 86_400 * 10**9
"""The day with which the system begins to count, and how much it counts in one."""
_PROTECTED_TYPES = frozenset({"user", "feedback"})
_EXPIRY = ("expires", "expiry", "expires_at", "valid_until", "valid-until")
_WRITTEN = ("modified", "updated", "updated_at", "last_updated", "date", "created", "created_at")


def parse(source: Source) -> Note:
    """Return the note that a file holds. `source.data` is valid UTF-8; never raises on any text."""
    known = _large if is_large(source) else _small
    return known(source.path, source.data, source.role, day_of(source.mtime_ns))


def is_large(source: Source) -> bool:
    """Whether a file takes so much memory, parsed, that few are remembered."""
    return len(source.data) > _LARGE


def _parsed(path: str, data: bytes, role: Role, written: date) -> Note:
    """Return the note that the bytes of a file hold, last `written` on a day."""
    front = front_matter(data)
    body = Span(front.span.end if front else (3 if data.startswith(_BOM) else 0), len(data))
    page = Page.of(data, body)
    fields = front.fields if front else {}
    heading = next((plain(block.text) for block in page.blocks if block.kind is BlockKind.HEADING), "")
    dated = _dated(path, front, heading, written)
    named = bool(text_field(fields, "name", "title", "description"))
    found = drafts(page, may_be_fact=role is Role.NOTE, named=named)
    note_type = text_field(fields, "type")
    return Note(
        path=path,
        role=role,
        title=text_field(fields, "name", "title") or heading or PurePosixPath(path).stem,
        description=text_field(fields, "description"),
        type=note_type,
        entries=tuple(_entry(draft, path, page, dated) for draft in found),
        body=body,
        front=front,
        dated=dated,
        expires=day_field(fields, *_EXPIRY),
        session=text_field(fields, "originSessionId"),
        protected=_is_protected(path, note_type, fields.get("pinned")),
        size=len(data),
        outline=() if found else _outline(page),
    )


# Plan after plan leaves most of what it touches with the same bytes. An index of thousands of lines is another one each
# time, and takes megabytes.
_small = lru_cache(maxsize=512)(_parsed)
_large = lru_cache(maxsize=8)(_parsed)


def _outline(page: Page) -> tuple[str, ...]:
    if any(block.kind is not BlockKind.HEADING for block in page.blocks):
        return ()
    return tuple(plain(block.text) for block in page.blocks)


def segments(source: Source, note: Note) -> tuple[bytes, ...]:
    """Return entries and the gaps between them, in order; joined they are the file."""
    out = []
    position = 0
    for entry in note.entries:
        out += [source.data[position : entry.span.start], source.data[entry.span.start : entry.span.end]]
        position = entry.span.end
    return (*out, source.data[position:])


def _is_protected(path: str, note_type: str, pinned: object) -> bool:
    return note_type in _PROTECTED_TYPES or pinned is True or path.startswith("team/")


def _dated(path: str, front: FrontMatter | None, heading: str, written: date) -> Dated:
    """Age by front matter, then file name, then the first heading, and mtime last: syncs reset it."""
    day = day_field(front.fields, *_WRITTEN) if front else None
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
    """Return the day of a file's time, in UTC."""
    try:
        return date.fromordinal(_FIRST_DAY.toordinal() + mtime_ns // _DAY_NS)
    except (OverflowError, ValueError):
        return _FIRST_DAY


def _entry(draft: Draft, path: str, page: Page, dated: Dated) -> Entry:
    first = draft.parts[0]
    # Most have one part, and so one text and one span.
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
        several=() if draft.parts == (Part(span, raw, text),) else draft.parts,
        headings=draft.headings,
        lead=draft.lead,
        done=checkbox(raw) if draft.kind is EntryKind.BULLET else None,
        struck=is_struck(raw),
        dated=Dated(day, "text") if day else dated,
    )
