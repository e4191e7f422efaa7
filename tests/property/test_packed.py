"""Packed stamps are the same mapping as the dict that they were packed from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos_service.packed import Stamp, packed

NUMBERS = st.integers(-(2**63), 2**63 - 1)
STAMPS = st.builds(Stamp, NUMBERS, NUMBERS, st.integers(0, 2**64 - 1))
PATHS = st.text(st.characters(exclude_categories=()), max_size=5)


@given(st.dictionaries(PATHS, STAMPS, max_size=8), PATHS)
def test_packed_stamps_equal_the_mapping(stamps: dict[str, Stamp], other: str) -> None:
    made = packed(stamps)
    assert dict(made) == dict(made.pairs()) == stamps
    assert made == stamps
    assert made == packed(dict(reversed(stamps.items())))
    assert len(made) == len(stamps)
    assert made.get(other) == stamps.get(other)
    assert sorted(made.mtimes) == sorted(stamp.mtime_ns for stamp in stamps.values())


@given(st.dictionaries(PATHS, STAMPS, min_size=1, max_size=4), PATHS, STAMPS)
def test_different_stamps_are_packed_differently(stamps: dict[str, Stamp], path: str, stamp: Stamp) -> None:
    changed = {**stamps, path: stamp}
    assert (packed(changed) == packed(stamps)) == (changed == stamps)


def test_numbers_beyond_64_bits_count_as_the_largest() -> None:
    made = packed({"a": Stamp(2**70, -(2**70), 2**70), "b": Stamp(1, 2**64, -1)})
    assert made["a"] == Stamp(2**63 - 1, -(2**63), 2**64 - 1)
    assert made["b"] == Stamp(1, 2**63 - 1, 0)
