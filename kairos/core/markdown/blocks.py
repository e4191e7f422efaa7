"""Block structure of Markdown by the CommonMark rules, as ranges of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

LINE = r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z"
"""A line with its line break. CR, LF and CRLF each end one."""
_LINE = re.compile(LINE.encode())
_VERBATIM = frozenset({"fence", "code_block", "html_block"})


class BlockKind(StrEnum):
    """The kinds of block that notes distinguish."""

    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    EXAMPLE = "example"  # a paragraph and the code below it, joined in `drafts`, never by `blocks`
    QUOTE = "quote"
    CODE = "code"
    TABLE_HEAD = "table_head"
    TABLE_ROW = "table_row"
    OTHER = "other"  # html, thematic breaks: never an entry


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block, or one top-level item of a list: lines `[first, last)`, counted from 0.

    `children` are the line ranges of an item's direct child items. Only headings have `level` and `text`, and only
    table heads and rows have `cells`.
    """

    kind: BlockKind
    first: int
    last: int
    level: int = 0
    text: str = ""
    children: tuple[tuple[int, int], ...] = ()
    cells: tuple[str, ...] = ()


def line_spans(data: bytes) -> list[tuple[int, int]]:
    """Return the byte ranges of the lines of `data`, line breaks included. CR, LF and CRLF each end a line."""
    return [match.span() for match in _LINE.finditer(data)]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline", "text_join"])  # only the block structure is needed
    return parser


def blocks(text: str) -> tuple[Block, ...]:
    """Return the top-level blocks of a Markdown text, in order and without overlap."""
    return tuple(_top_level(_parser().parse(text)))


def code_lines(text: str) -> tuple[tuple[int, int], ...]:
    """Return the line ranges of all code blocks and HTML blocks of a text, at any depth."""
    return tuple(_range(token) for token in _parser().parse(text) if token.type in _VERBATIM)


def _top_level(tokens: Sequence[Token]) -> Iterator[Block]:
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _end(tokens, position)
        if token.type in ("bullet_list_open", "ordered_list_open"):
            yield from _list_items(tokens, position, end)
        elif token.type == "table_open":
            yield from _table_rows(tokens, position, end)
        else:
            yield _leaf(tokens, position)
        position = end


def _end(tokens: Sequence[Token], position: int) -> int:
    """Return the position after the token that closes the token at `position`."""
    if tokens[position].nesting != 1:
        return position + 1
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index + 1
    return len(tokens)


def _range(token: Token) -> tuple[int, int]:
    return (token.map[0], token.map[1]) if token.map else (0, 0)


_KINDS = {
    "heading_open": BlockKind.HEADING,
    "paragraph_open": BlockKind.PARAGRAPH,
    "blockquote_open": BlockKind.QUOTE,
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
}


def _leaf(tokens: Sequence[Token], position: int) -> Block:
    token = tokens[position]
    first, last = _range(token)
    kind = _KINDS.get(token.type, BlockKind.OTHER)
    if kind is BlockKind.HEADING:
        return Block(kind, first, last, level=int(token.tag[1:]), text=tokens[position + 1].content)
    return Block(kind, first, last)


def _list_items(tokens: Sequence[Token], position: int, end: int) -> Iterator[Block]:
    """Yield the items of the list that opens at `position`."""
    depth = tokens[position].level + 1
    children: list[tuple[int, int]] = []
    span = (0, 0)
    for token in tokens[position + 1 : end]:
        if token.type == "list_item_open" and token.level == depth:
            children, span = [], _range(token)
        elif token.type == "list_item_close" and token.level == depth:
            yield Block(BlockKind.ITEM, *span, children=tuple(children))
        elif token.type == "list_item_open" and token.level == depth + 2:
            children.append(_range(token))


def _table_rows(tokens: Sequence[Token], position: int, end: int) -> Iterator[Block]:
    """Yield the head (including its delimiter line) and the rows of the table that opens at `position`."""
    first = _range(tokens[position])[0]
    cells: list[str] = []
    in_body = False
    for token in tokens[position:end]:
        if token.type == "tbody_open":
            in_body = True
        elif token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close" and not in_body:
            yield Block(BlockKind.TABLE_HEAD, first, first + 2, cells=tuple(cells))
        if token.type == "tr_open" and in_body:
            line = _range(token)
        elif token.type == "tr_close" and in_body:
            yield Block(BlockKind.TABLE_ROW, *line, cells=tuple(cells))
