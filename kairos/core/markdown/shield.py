"""Marks the parts of an entry that are not its author's running text: code, links, comments, quotations, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from kairos.core.markdown.blocks import LINE, code_lines
from kairos.core.markdown.inline import backtick_pairs

_LINE = re.compile(LINE)
QUOTATION = r"\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」|『[^』\n]*』|‘[^’\n]*’"
"""Words in quotation marks of some language, within a line. Straight single ones are also apostrophes."""
_BLOCK = re.compile(r"(?:(?!\n[ \t]*\n)[\s\S])+")
_SHIELD = re.compile(
    r"<!--(?s:.*?)(?:-->|\Z)|\]\([^)\n]*\)|\[\[[^\]\n]*\]\]|https?://\S+"
    rf"|{QUOTATION}|(?<!\w)'[^'\n]{{2,}}'(?!\w)"
    r"|^[ \t]*(?:[-*+][ \t]+)?>.*$|^[ \t]*#.*$",
    re.MULTILINE,
)


def protected_mask(raw: str) -> bytearray:
    """Return one byte per character of an entry: 1 where its text must not be edited."""
    marks = bytearray(len(raw))
    quoted = (match.span() for match in _SHIELD.finditer(raw))
    for start, end in chain(_code_blocks(raw), _code_spans(raw), quoted):
        marks[start:end] = b"\1" * (end - start)
    return marks


def _code_blocks(raw: str) -> Iterator[tuple[int, int]]:
    lines = [match.span() for match in _LINE.finditer(raw)]
    for first, last in code_lines(raw):
        yield lines[first][0], lines[min(last, len(lines)) - 1][1]


def _code_spans(raw: str) -> Iterator[tuple[int, int]]:
    """Yield the code spans, with backticks paired both within blocks and within lines.

    The second way keeps a stray backtick in one line from swapping code and text in the next.
    """
    for pattern in (_BLOCK, _LINE):
        for match in pattern.finditer(raw):
            for opening, closing in backtick_pairs(match.group()):
                yield match.start() + opening[0], match.start() + closing[1]
