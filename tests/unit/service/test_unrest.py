from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kairos_service.unrest import CALM, Unrest

QUIET, AT_MOST = 3.0, 60.0


def after(*times: float) -> Unrest:
    unrest = CALM
    for time in times:
        unrest = unrest.touched(time)
    return unrest


def test_a_root_without_changes_never_settles() -> None:
    assert CALM.settles_at(QUIET, AT_MOST) is None
    assert not CALM.is_settled(1e9, QUIET, AT_MOST)


def test_a_root_settles_once_it_is_quiet() -> None:
    unrest = after(100, 101)
    assert not unrest.is_settled(103.9, QUIET, AT_MOST)
    assert unrest.is_settled(104, QUIET, AT_MOST)


def test_a_root_under_constant_writing_settles_in_the_end() -> None:
    unrest = after(*range(100, 160))
    assert not unrest.is_settled(159.9, QUIET, AT_MOST)
    assert unrest.is_settled(160, QUIET, AT_MOST)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100), st.floats(0, 1000))
def test_the_order_of_reports_does_not_matter(times: list[float], quiet: float, at_most: float) -> None:
    unrest = after(*times)
    assert unrest == after(*sorted(times))
    assert unrest.settles_at(quiet, at_most) == min(max(times) + quiet, min(times) + at_most)
