from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos_service.write_burst import NO_WRITES, WriteBurst

QUIET, AT_MOST = 3.0, 60.0


def after(*times: float) -> WriteBurst:
    burst = NO_WRITES
    for time in times:
        burst = burst.touched(time)
    return burst


def test_nothing_settles_where_nothing_happened() -> None:
    assert NO_WRITES.settles_at(QUIET, AT_MOST) is None
    assert not NO_WRITES.is_settled(1e9, QUIET, AT_MOST)


def test_a_root_settles_once_it_is_quiet() -> None:
    burst = after(100, 101)
    assert not burst.is_settled(103.9, QUIET, AT_MOST)
    assert burst.is_settled(104, QUIET, AT_MOST)


def test_a_root_under_constant_writing_settles_all_the_same() -> None:
    burst = after(*range(100, 160))
    assert not burst.is_settled(159.9, QUIET, AT_MOST)
    assert burst.is_settled(160, QUIET, AT_MOST)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100), st.floats(0, 1000))
def test_the_order_in_which_threads_tell_does_not_matter(
    times: list[float], quiet: float, at_most: float
) -> None:
    burst = after(*times)
    assert burst == after(*sorted(times))
    assert burst.settles_at(quiet, at_most) == min(max(times) + quiet, min(times) + at_most)
