"""Packing and unpacking what a dream considered."""

from kairos.model import Considered
from kairos.store.packing import packed, unpacked


def test_what_was_packed_is_what_was_considered() -> None:
    found = Considered((("tea.md", 3, "- Tea"), ("cup.md", 1, "- Cup")), (((0, 1), "same, merge", (), 0.9),))
    assert unpacked(packed(found)) == tuple(found.decisions())
    assert unpacked(packed(Considered())) == ()
