from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import pytest

from kairos.core.judgement.pair_context import PairContext
from kairos.core.root.reading import Reading
from kairos.dream.kept_codec import PairPosition
from kairos.dream.pair_positions import PairPositions

Read = Callable[[Mapping[str, str]], Reading]
NEAR = PairContext(nearest=True, mutual=False, lonely=True)
FILES = {
    "a.md": "- The API listens on port 8080.\n",
    "b.md": "# Notes\n\nThe API listens on port 8080.\n",
}


def where(reading: Reading, placing: PairPositions, near: PairContext = NEAR) -> PairPosition:
    a, b = (reading.notes[path].entries[0].id for path in FILES)
    return placing.position_of(reading)(a, b, near)


def test_a_position_is_remembered_while_both_files_are_unchanged(read: Read) -> None:
    reading, placing = read(FILES), PairPositions()
    assert where(reading, placing) is where(reading, placing)


@pytest.mark.parametrize("flags", product([False, True], repeat=6))
def test_a_remembered_position_takes_over_new_nearness(read: Read, flags: tuple[bool, ...]) -> None:
    reading = read({**FILES, "b.md": "# Notes\n\nRelated: [a](a.md)\n"})
    first, second = (PairContext(some[0], some[1], lonely=some[2]) for some in (flags[:3], flags[3:]))
    placing = PairPositions()
    for near in (first, second, first):
        assert where(reading, placing, near) == where(reading, PairPositions(), near)


def test_a_changed_file_gets_new_positions(read: Read) -> None:
    placing = PairPositions()
    before = where(read(FILES), placing)
    now = read({**FILES, "b.md": "# Notes\n\nThe API listens on port 8080.\n\nRelated: more.\n"})
    found = where(now, placing)
    assert found == where(now, PairPositions())
    assert found.file_b == now.sources["b.md"].sha256 != before.file_b


def test_rebuilt_facts_invalidate_remembered_positions(read: Read) -> None:
    """The same bytes can be a different note, for example with another role."""
    old, now, placing = read(FILES), read(FILES), PairPositions()
    before = where(old, placing)
    assert where(now, placing) == where(now, PairPositions())
    assert where(now, placing) is where(now, placing) is not before
