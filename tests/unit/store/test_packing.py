"""What a dream considered is packed beside; what cannot be told keeps no dream from being remembered."""

from kairos.model import Considered
from kairos.store.packing import packed, packing, unpacked

FOUND = Considered((("tea.md", 3, "- Tea"), ("cup.md", 1, "- Cup")), (((0, 1), "same, merge", (), 0.9),))


def test_what_was_packed_beside_is_what_was_considered() -> None:
    assert packing(lambda: FOUND)() == packed(FOUND)
    assert unpacked(packed(FOUND)) == tuple(FOUND.decisions())


def test_what_cannot_be_found_out_is_nothing_to_tell() -> None:
    def failing() -> Considered:
        raise MemoryError

    assert unpacked(packing(failing)()) == ()
