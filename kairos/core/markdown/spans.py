"""Looks up spans of one file by position."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from kairos.model import Span, Splice


def enclosing(spans: Sequence[Span], inner: Span) -> Span | None:
    """Return the span that contains `inner`, or None. `spans` are sorted and disjoint."""
    at = bisect_right(spans, inner.start, key=_start) - 1
    return spans[at] if at >= 0 and inner.end <= spans[at].end else None


def overlapping(ordered: Sequence[Splice], span: Span) -> Iterator[Splice]:
    """Yield the edits that begin in a span, reach into it or end where it begins; `ordered` is sorted and disjoint."""
    at = bisect_left(ordered, span.start, key=_end)
    while at < len(ordered) and ordered[at].span.start < span.end:
        yield ordered[at]
        at += 1


def _end(edit: Splice) -> int:
    return edit.span.end


def _start(span: Span) -> int:
    return span.start
