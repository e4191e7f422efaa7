"""Looking up spans of one file by position."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from kairos.model import Span


def around(spans: Sequence[Span], inner: Span) -> Span | None:
    """Return the one of some spans, in order and disjoint, that holds another span."""
    at = bisect_right(spans, inner.start, key=_start) - 1
    return spans[at] if at >= 0 and inner.end <= spans[at].end else None


def _start(span: Span) -> int:
    return span.start
