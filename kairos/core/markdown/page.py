"""A body as lines and blocks, with their byte positions in the whole file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from kairos.core.markdown.blocks import Block, blocks, line_spans
from kairos.model import Span


@dataclass(frozen=True, slots=True)
class Page:
    """Lines are counted from 0 within the body; ranges of lines are half-open."""

    data: bytes
    lines: Sequence[tuple[int, int]]
    blocks: tuple[Block, ...]
    lines_before: int

    @classmethod
    def of(cls, data: bytes, body: Span) -> Page:
        """Read the body of a file."""
        text = data[body.start :]
        lines = [(body.start + start, body.start + end) for start, end in line_spans(text)]
        return cls(data, lines, blocks(text.decode("utf-8")), len(line_spans(data[: body.start])))

    def trimmed(self, first: int, last: int) -> tuple[int, int]:
        """Leave out blank lines at both ends of a range, and lines that do not exist."""
        last = min(last, len(self.lines))
        while last > first and self._is_blank(last - 1):
            last -= 1
        while first < last and self._is_blank(first):
            first += 1
        return first, last

    def span(self, first: int, last: int) -> Span:
        """Bytes of a range of lines, with its last line break."""
        return Span(self.lines[first][0], self.lines[last - 1][1])

    def text(self, span: Span) -> str:
        """Verbatim text of a span, without its last line break."""
        return self.data[span.start : span.end].decode("utf-8").rstrip("\r\n")

    def line_text(self, line: int) -> str:
        """Verbatim text of one line, with its line break."""
        return self.data[slice(*self.lines[line])].decode("utf-8")

    def line_of(self, position: int) -> int:
        """Number of the line that starts at a byte, counted from 1 in the whole file."""
        return self.lines_before + bisect_left(self.lines, (position, 0)) + 1

    def _is_blank(self, line: int) -> bool:
        return not self.data[slice(*self.lines[line])].strip()
