"""The body of a file as lines and blocks, with their byte positions in the whole file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from kairos.core.markdown.blocks import Block, blocks, line_spans
from kairos.model import Span


@dataclass(frozen=True, slots=True)
class Page:
    """The body of a file. Lines are counted from 0 within the body, and ranges of lines are half-open.

    `data` is the whole file, `lines` are byte ranges in it, `lines_before` is the number of lines above the body.
    """

    data: bytes
    lines: Sequence[tuple[int, int]]
    blocks: tuple[Block, ...]
    lines_before: int

    @classmethod
    def without_blocks(cls, data: bytes) -> Page:
        """Read a whole file, which must be valid UTF-8, as lines alone."""
        return cls(data, line_spans(data), (), 0)

    @classmethod
    def of(cls, data: bytes, body: Span) -> Page:
        """Read the body of a file, which must be valid UTF-8."""
        text = data[body.start :]
        lines = [(body.start + start, body.start + end) for start, end in line_spans(text)]
        return cls(data, lines, blocks(text.decode("utf-8")), len(line_spans(data[: body.start])))

    def trimmed(self, first: int, last: int) -> tuple[int, int]:
        """Return a range of lines without blank lines at either end, cut to the lines that exist."""
        last = min(last, len(self.lines))
        while last > first and self._is_blank(last - 1):
            last -= 1
        while first < last and self._is_blank(first):
            first += 1
        return first, last

    def span(self, first: int, last: int) -> Span:
        """Return the bytes of a range of lines, including the last line break. The range must not be empty."""
        return Span(self.lines[first][0], self.lines[last - 1][1])

    def text(self, span: Span) -> str:
        """Return the verbatim text of a span, without the line breaks at its end."""
        return self.data[span.start : span.end].decode("utf-8").rstrip("\r\n")

    def line_text(self, line: int) -> str:
        """Return the verbatim text of one line, including its line break."""
        return self.data[slice(*self.lines[line])].decode("utf-8")

    def line_of(self, position: int) -> int:
        """Return the number of the line that a byte position is in, counted from 1 in the whole file."""
        return self.lines_before + bisect_right(self.lines, (position, len(self.data)))

    def _is_blank(self, line: int) -> bool:
        return not self.data[slice(*self.lines[line])].strip()
