"""The bytes of one file that some edits have taken: thousands of lines may come into one index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from kairos.model import Span, Splice


class Taken:
    """Splices of one file, and whether another one touches their bytes: what only meets them at an edge does not."""

    def __init__(self) -> None:
        self.splices: set[Splice] = set()
        self._points: list[int] = []  # in order: where something is inserted
        self._spans: list[Span] = []  # in order and disjoint: what is replaced or goes

    def add(self, splice: Splice) -> None:
        """Take the bytes of a splice."""
        self.splices.add(splice)
        start, end = splice.span
        if start == end:
            insort(self._points, start)
            return
        first, last = self._touched(splice.span)
        touched = self._spans[first:last]
        if touched:
            start, end = min(start, touched[0].start), max(end, touched[-1].end)
        self._spans[first:last] = [Span(start, end)]

    def overlaps(self, span: Span) -> bool:
        """Whether a span has bytes that are taken, or has something inserted between its bytes, or the reverse."""
        first, last = self._touched(span)
        if first < last:
            return True
        after = bisect_right(self._points, span.start)
        return after < len(self._points) and self._points[after] < span.end

    def _touched(self, span: Span) -> tuple[int, int]:
        """Return where, among the spans, those begin and end that have bytes on both sides of an edge of this one, or
        in it."""
        return (
            bisect_right(self._spans, span.start, key=_end),
            bisect_left(self._spans, span.end, key=_start),
        )


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end
