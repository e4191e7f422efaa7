"""Finds the entries of a page: list items, paragraphs, table rows, or the whole body of a one-fact note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from kairos.core.markdown.blocks import Block, BlockKind
from kairos.core.markdown.page import Page
from kairos.core.markdown.plain_text import plain, row_text
from kairos.core.markdown.sections import sections
from kairos.model import EntryKind, Part, Span

_COLONS = (":", "：")
_INTRODUCED = frozenset({BlockKind.ITEM, BlockKind.TABLE_HEAD})
_FACT_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.EXAMPLE, BlockKind.CODE})
_MOST_FACT_BLOCKS = 6
"""A one-fact note has at most this many blocks."""
_LABEL = re.compile(r"\s*(?:\*\*|__)\s*([^*_\n]{2,40}?)\s*(?:[:：]\s*(?:\*\*|__)|(?:\*\*|__)\s*[:：])")
_SUPPORTING_LABELS = (
    *("why", "how", "when", "reason", "rationale", "context", "background", "evidence", "source", "example"),
    *("how to apply", "warum", "grund", "begründung", "hintergrund", "anwendung", "quelle", "beispiel"),
    *("pourquoi", "por qué", "motivo", "почему", "как применять", "причина", "контекст"),
    *("原因", "理由", "为什么", "為什麼", "如何应用", "如何應用", "背景", "なぜ", "適用", "이유", "배경"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before its texts are derived. `lead` is the text that introduces its list or table."""

    kind: EntryKind
    span: Span
    parts: tuple[Part, ...]
    headings: tuple[str, ...] = ()
    lead: str = ""


def drafts(page: Page, *, may_be_fact: bool, named: bool) -> tuple[Draft, ...]:
    """Return the entries of a page in order, without overlap. Blocks without any text are skipped.

    `may_be_fact` allows the whole body to be one entry; `named` tells that the front matter names the fact.
    """
    found = (_one_fact(page, named=named) if may_be_fact else ()) or _block_entries(page)
    return tuple(draft for draft in found if any(part.text.strip(" |\n") for part in draft.parts))


def section_drafts(page: Page) -> tuple[Draft, ...]:
    """Return the entries between the lines of `§` of a page, each as a whole, whatever Markdown is in it."""
    parts = (_whole(page, span) for span in sections(page.data))
    return tuple(Draft(EntryKind.SECTION, part.span, (part,)) for part in parts if part.text)


def _whole(page: Page, span: Span) -> Part:
    raw = page.text(span)
    return Part(span, raw, plain(raw))


@dataclass(slots=True)
class _Context:
    """The context above the current block: its headings, the paragraph that introduces it, the table head."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    lead: str = ""
    in_table: bool = False

    def enter_section(self, level: int, text: str) -> None:
        """Enter the section under a heading."""
        self.headings = [item for item in self.headings if item[0] < level]
        self.headings.append((level, plain(text)))
        self.set_lead("")

    def set_lead(self, lead: str) -> None:
        """Leave the current list or table. `lead` introduces the next one, or is empty."""
        self.lead, self.in_table = lead, False

    def start_table(self, head: str) -> None:
        """Enter a table. A lead paragraph introduces one table only: the next table starts with its own head."""
        self.lead = head if self.in_table else f"{self.lead} {head}".strip()
        self.in_table = True

    def context(self) -> tuple[tuple[str, ...], str]:
        """Return the headings and the lead of an entry at this point."""
        return tuple(text for _, text in self.headings), self.lead


def _block_entries(page: Page) -> Iterator[Draft]:
    context = _Context()
    content = _with_examples(page.blocks)
    for block, following in zip_longest(content, content[1:]):
        if block.kind is BlockKind.HEADING:
            context.enter_section(block.level, block.text)
        elif block.kind is BlockKind.TABLE_HEAD:
            context.start_table(row_text(block.cells))
        elif block.kind is BlockKind.PARAGRAPH and _is_lead(block, following, page):
            context.set_lead(plain(page.text(page.span(block.first, block.last))))
        elif block.kind is not BlockKind.OTHER:
            lines = page.trimmed(block.first, block.last)
            if lines[0] < lines[1]:
                if block.kind is not BlockKind.TABLE_ROW and (
                    block.kind is not BlockKind.ITEM or context.in_table
                ):
                    context.set_lead("")
                yield _draft(block, page, lines, context)


def _with_examples(blocks: Sequence[Block]) -> list[Block]:
    """Join each code block to the paragraph or item directly above it, which it illustrates."""
    joined: list[Block] = []
    for block in blocks:
        previous = joined[-1].kind if joined else BlockKind.OTHER
        if block.kind is BlockKind.CODE and previous is BlockKind.ITEM:
            joined[-1] = replace(joined[-1], last=block.last)
        elif block.kind is BlockKind.CODE and previous in (BlockKind.PARAGRAPH, BlockKind.EXAMPLE):
            joined[-1] = replace(joined[-1], kind=BlockKind.EXAMPLE, last=block.last)
        else:
            joined.append(block)
    return joined


def _is_lead(block: Block, following: Block | None, page: Page) -> bool:
    if following is None or following.kind not in _INTRODUCED:
        return False
    return page.text(page.span(block.first, block.last)).rstrip("*_ \t").endswith(_COLONS)


def _draft(block: Block, page: Page, lines: tuple[int, int], context: _Context) -> Draft:
    span = page.span(*lines)
    if block.kind is BlockKind.ITEM:
        return Draft(EntryKind.BULLET, span, _item_parts(block, page, lines), *context.context())
    if block.kind is BlockKind.TABLE_ROW:
        part = Part(span, page.text(span), row_text(block.cells))
        return Draft(EntryKind.TABLE_ROW, span, (part,), *context.context())
    return Draft(EntryKind.PARAGRAPH, span, (_part(page, lines),), *context.context())


def _part(page: Page, lines: tuple[int, int], label: str = "", *, core: bool = True) -> Part:
    span = page.span(*lines)
    raw = page.text(span)
    return Part(span, raw, plain(raw), label, core)


def _item_parts(block: Block, page: Page, lines: tuple[int, int]) -> tuple[Part, ...]:
    """Return the item's own text, each direct child, and whatever lies between and after the children.

    Only blank lines may be left out: anything else would be lost in a merge.
    """
    if any(first <= lines[0] for first, _ in block.children):  # "- - text": a child on the item's own line
        return (_part(page, lines),)
    ranges: list[tuple[int, int]] = []
    position = lines[0]
    for first, last in block.children:
        ranges += [(position, first), (first, last)]
        position = last
    ranges.append((position, lines[1]))
    trimmed = (page.trimmed(first, last) for first, last in ranges)
    return tuple(_part(page, piece) for piece in trimmed if piece[0] < piece[1])


def _one_fact(page: Page, *, named: bool) -> tuple[Draft, ...]:
    """Return the whole body as one entry if the note states one fact, else nothing.

    A one-fact note is a single paragraph; if its front matter names it, labelled paragraphs and code may follow.
    """
    content = [block for block in page.blocks if block.kind is not BlockKind.OTHER]
    if not content or content[0].kind is not BlockKind.PARAGRAPH or len(content) > _MOST_FACT_BLOCKS:
        return ()
    if any(block.kind not in _FACT_KINDS for block in content) or (len(content) > 1 and not named):
        return ()
    later = (block for block in content[1:] if block.kind is BlockKind.PARAGRAPH)
    if not all(_LABEL.match(page.line_text(block.first)) for block in later):
        return ()
    first, last = page.trimmed(content[0].first, content[-1].last)
    if first >= last:
        return ()
    return (Draft(EntryKind.FACT, page.span(first, last), _fact_parts(page, first, last)),)


def _fact_parts(page: Page, first: int, last: int) -> tuple[Part, ...]:
    """Cut the body of a one-fact note at its bold labels. The text before the first label is the fact."""
    starts: list[tuple[int, str]] = [(first, "")]
    for line in range(first + 1, last):
        match = _LABEL.match(page.line_text(line))
        if match:
            starts.append((line, " ".join(match.group(1).casefold().split())))
    ends = [start for start, _ in starts[1:]] + [last]
    parts = []
    for (start, label), end in zip(starts, ends, strict=True):
        lines = page.trimmed(start, end)
        parts.append(_part(page, lines, label, core=not _is_supporting(label)))
    return tuple(parts)


def _is_supporting(label: str) -> bool:
    """Whether a label introduces a why or a how. Others ("port", "current state") introduce facts."""
    return label.startswith(_SUPPORTING_LABELS)
