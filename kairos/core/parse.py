"""Bytes in, a note with its entries out; entries and the gaps between them rejoin to the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import PurePosixPath

from kairos.core.blocks import Block, BlockKind, blocks, line_spans
from kairos.core.front_matter import day_field, front_matter, iso_day, text_field
from kairos.core.plain_text import checkbox, digest, is_struck, plain, row_text
from kairos.model import Dated, Entry, EntryKind, FrontMatter, Note, Part, Role, Source, Span

_BOM = b"\xef\xbb\xbf"
_LABEL = re.compile(r"^\s*(?:\*\*|__)\s*([^*_\n]{2,40}?)\s*(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*[::])")
_LEAD = (":", "：")
_FACT_BLOCKS = 6
_PROTECTED_TYPES = frozenset({"user", "feedback"})
_EXPIRY = ("expires", "expiry", "expires_at", "valid_until", "valid-until")
_WRITTEN = ("modified", "updated", "updated_at", "last_updated", "date", "created", "created_at")


def parse(source: Source) -> Note:
    """Return the note that a file holds. `source.data` is valid UTF-8; never raises on any text."""
    front = front_matter(source.data)
    body = Span(front.span.end if front else (3 if source.data.startswith(_BOM) else 0), len(source.data))
    page = _Page.of(source.data, body)
    fields = front.fields if front else {}
    heading = next((plain(block.text) for block in page.blocks if block.kind is BlockKind.HEADING), "")
    dated = _dated(source, front, heading)
    drafts = _fact(page, source.role, front) or tuple(_drafts(page))
    note_type = text_field(fields, "type")
    return Note(
        path=source.path,
        role=source.role,
        title=text_field(fields, "name", "title") or heading or PurePosixPath(source.path).stem,
        description=text_field(fields, "description"),
        type=note_type,
        entries=tuple(_entry(draft, source.path, page, dated) for draft in drafts),
        body=body,
        front=front,
        dated=dated,
        expires=day_field(fields, *_EXPIRY),
        session=text_field(fields, "originSessionId"),
        protected=_is_protected(source.path, note_type, fields.get("pinned")),
        size=len(source.data),
    )


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


def _dated(source: Source, front: FrontMatter | None, heading: str) -> Dated:
    """Age by front matter, then file name, then the first heading, and mtime last: syncs reset it."""
    day = day_field(front.fields, *_WRITTEN) if front else None
    if day is not None:
        return Dated(day, "front matter")
    day = iso_day(PurePosixPath(source.path).name) or iso_day(
        PurePosixPath(source.path).name.replace("_", "-")
    )
    if day is not None:
        return Dated(day, "file name")
    day = iso_day(heading)
    if day is not None:
        return Dated(day, "text")
    return Dated(_day_of(source.mtime_ns), "mtime")


def _day_of(mtime_ns: int) -> date:
    try:
        return datetime.fromtimestamp(mtime_ns / 1e9, UTC).date()
    except (OverflowError, OSError, ValueError):
        return date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines and blocks of a body, with byte positions in the whole file."""

    data: bytes
    lines: Sequence[tuple[int, int]]
    blocks: tuple[Block, ...]
    lines_before: int

    @classmethod
    def of(cls, data: bytes, body: Span) -> _Page:
        text = data[body.start :]
        lines = [(body.start + start, body.start + end) for start, end in line_spans(text)]
        return cls(data, lines, blocks(text.decode("utf-8")), len(line_spans(data[: body.start])))

    def trimmed(self, first: int, last: int) -> tuple[int, int]:
        """Leave out blank lines at the end of a range, and lines that do not exist."""
        last = min(last, len(self.lines))
        while last > first and not self.data[slice(*self.lines[last - 1])].strip():
            last -= 1
        return first, last

    def span(self, first: int, last: int) -> Span:
        """Bytes of a range of lines, with its last line break."""
        return Span(self.lines[first][0], self.lines[last - 1][1])

    def text(self, span: Span) -> str:
        """Verbatim text of a span, without its last line break."""
        return self.data[span.start : span.end].decode("utf-8").rstrip("\r\n")

    def line_of(self, position: int) -> int:
        """Number of the line that starts at a byte, counted from 1 in the whole file."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.lines[middle][0] < position else (low, middle)
        return self.lines_before + low + 1


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before its texts are made."""

    kind: EntryKind
    span: Span
    parts: tuple[Part, ...]
    headings: tuple[str, ...] = ()
    lead: str = ""


@dataclass(slots=True)
class _Context:
    """Headings above and the paragraph that leads into a list or table."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    lead: str = ""

    def enter(self, level: int, text: str) -> None:
        self.headings = [item for item in self.headings if item[0] < level]
        self.headings.append((level, plain(text)))
        self.lead = ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.headings)


def _drafts(page: _Page) -> Iterator[_Draft]:
    context = _Context()
    todo = list(page.blocks)
    position = 0
    while position < len(todo):
        block = todo[position]
        following = todo[position + 1] if position + 1 < len(todo) else None
        position += 1
        if block.kind is BlockKind.HEADING:
            context.enter(block.level, block.text)
            continue
        if block.kind is BlockKind.TABLE_HEAD:
            head = row_text(block.cells)
            context.lead = f"{context.lead} {head}".strip() if context.lead.endswith(_LEAD) else head
            continue
        if block.kind is BlockKind.OTHER:
            continue
        taken = (
            following is not None and following.kind is BlockKind.CODE and block.kind is not BlockKind.CODE
        )
        first, last = page.trimmed(block.first, following.last if taken and following else block.last)
        if first >= last:
            continue
        text = plain(page.text(page.span(first, last)))
        if block.kind is BlockKind.PARAGRAPH and not taken:
            if _leads(text, following):
                context.lead = text
                continue
        position += taken
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.CODE):
            context.lead = ""
        yield _draft(block, page, page.span(first, last), context)


_LED = frozenset({BlockKind.ITEM, BlockKind.TABLE_HEAD})


def _leads(text: str, following: Block | None) -> bool:
    return text.endswith(_LEAD) and following is not None and following.kind in _LED


def _draft(block: Block, page: _Page, span: Span, context: _Context) -> _Draft:
    if block.kind is BlockKind.ITEM:
        return _Draft(EntryKind.BULLET, span, _item_parts(block, page, span), context.path, context.lead)
    if block.kind is BlockKind.TABLE_ROW:
        part = Part(span, page.text(span), row_text(block.cells))
        return _Draft(EntryKind.TABLE_ROW, span, (part,), context.path, context.lead)
    return _Draft(EntryKind.PARAGRAPH, span, (_part(span, page),), context.path, context.lead)


def _part(span: Span, page: _Page, label: str = "", *, core: bool = True) -> Part:
    raw = page.text(span)
    return Part(span, raw, plain(raw), label, core)


def _item_parts(block: Block, page: _Page, span: Span) -> tuple[Part, ...]:
    """Return the item's own text, and each direct child."""
    children = [page.trimmed(*child) for child in block.children]
    children = [child for child in children if child[0] < child[1]]
    if not children or children[0][0] <= block.first:
        return (_part(span, page),)
    own = Span(span.start, page.lines[children[0][0]][0])
    rest = [Span(page.lines[first][0], page.lines[last - 1][1]) for first, last in children]
    return (_part(own, page), *(_part(child, page) for child in rest))


def _fact(page: _Page, role: Role, front: FrontMatter | None) -> tuple[_Draft, ...]:
    """Return the whole body as one entry if it is a one-fact note, else nothing."""
    content = [block for block in page.blocks if block.kind is not BlockKind.OTHER]
    if role is not Role.NOTE or not content or content[0].kind is not BlockKind.PARAGRAPH:
        return ()
    if len(content) > _FACT_BLOCKS or any(
        b.kind not in (BlockKind.PARAGRAPH, BlockKind.CODE) for b in content
    ):
        return ()
    named = front is not None and bool(text_field(front.fields, "name", "title", "description"))
    if len(content) > 1 and not named:
        return ()
    ranges = [page.trimmed(block.first, block.last) for block in content]
    texts = [page.text(page.span(*lines)) for lines in ranges if lines[0] < lines[1]]
    labelled = all(_LABEL.match(text) or text.lstrip().startswith(("```", "~~~")) for text in texts[1:])
    if len(texts) != len(ranges) or not labelled:
        return ()
    span = Span(page.span(*ranges[0]).start, page.span(*ranges[-1]).end)
    parts = _fact_parts(page, ranges[0][0], ranges[-1][1])
    return (_Draft(EntryKind.FACT, span, parts),)


def _fact_parts(page: _Page, first: int, last: int) -> tuple[Part, ...]:
    """Cut a one-fact body at its bold labels; what stands before the first is the fact."""
    starts: list[tuple[int, str]] = [(first, "")]
    for line in range(first + 1, last):
        match = _LABEL.match(page.data[slice(*page.lines[line])].decode("utf-8"))
        if match:
            starts.append((line, " ".join(match.group(1).casefold().split())))
    ends = [start for start, _ in starts[1:]] + [last]
    parts = []
    for (start, label), end in zip(starts, ends, strict=True):
        lines = page.trimmed(start, end)
        if lines[0] < lines[1]:
            parts.append(_part(page.span(*lines), page, label, core=not label))
    return tuple(parts)


def _entry(draft: _Draft, path: str, page: _Page, dated: Dated) -> Entry:
    raw = page.text(draft.span)
    own = iso_day(raw)
    heading = next((day for day in map(iso_day, reversed(draft.headings)) if day), None)
    day = own or heading
    return Entry(
        id=f"{path}:{draft.span.start}",
        path=path,
        span=draft.span,
        line=page.line_of(draft.span.start),
        kind=draft.kind,
        raw=raw,
        text="\n".join(part.text for part in draft.parts if part.core and part.text),
        digest=digest(raw),
        parts=draft.parts,
        headings=draft.headings,
        lead=draft.lead,
        done=checkbox(raw) if draft.kind is EntryKind.BULLET else None,
        struck=is_struck(raw),
        dated=Dated(day, "text") if day else dated,
    )
