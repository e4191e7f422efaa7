"""The bytes of one file that edits have claimed. Stays fast when thousands of lines are inserted into one index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from kairos.model import Span, Splice


class ClaimedBytes:
    """The splices of one file, and whether another one would overlap them; meeting at an edge does not count."""

    def __init__(self) -> None:
        self.splices: set[Splice] = set()
        self._points: list[int] = []  # sorted: where something is inserted
        self._spans: list[Span] = []  # sorted and disjoint: what is replaced or deleted

    def add(self, splice: Splice) -> None:
        """Claim the bytes of a splice."""
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
        """Whether a span has claimed bytes or an insertion inside it or, if it is empty, lies inside claimed bytes."""
        first, last = self._touched(span)
        if first < last:
            return True
        after = bisect_right(self._points, span.start)
        return after < len(self._points) and self._points[after] < span.end

    def _touched(self, span: Span) -> tuple[int, int]:
        """Return the range of `_spans` that overlap a span or, if it is empty, contain it; edges do not count."""
        return (
            bisect_right(self._spans, span.start, key=_end),
            bisect_left(self._spans, span.end, key=_start),
        )


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end
