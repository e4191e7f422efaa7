"""Which edits of one file overlap, checked against a comparison with every one of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos.core.change.claimed_bytes import ClaimedBytes
from kairos.model import Span, Splice

SPANS = st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda at: Span(at[0], at[0] + at[1]))


def overlap(one: Span, other: Span) -> bool:
    if one.start == one.end:
        return other.start < one.start < other.end
    if other.start == other.end:
        return one.start < other.start < one.end
    return one.start < other.end and other.start < one.end


@given(st.lists(SPANS, max_size=12), SPANS)
def test_overlaps_equal_a_comparison_with_every_taken_span(spans: list[Span], asked: Span) -> None:
    taken = ClaimedBytes()
    for number, span in enumerate(spans):
        taken.add(Splice("a.md", span, bytes([number])))
    assert taken.overlaps(asked) == any(overlap(asked, span) for span in spans)
