"""Packing and unpacking what a dream considered."""

from kairos.model import Considered
from kairos.store.packing import packed, unpacked


def test_unpacked_decisions_equal_the_packed_ones() -> None:
    found = Considered((("tea.md", 3, "- Tea"), ("cup.md", 1, "- Cup")), (((0, 1), "same, merge", (), 0.9),))
    assert unpacked(packed(found)) == tuple(found.decisions())
    assert unpacked(packed(Considered())) == ()
