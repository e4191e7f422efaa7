import pytest

from kairos.core.phrasing.opposites import opposites


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the cache is enabled", "the cache is disabled"),
        ("a higher number wins", "the lowest number wins"),
        ("the board approved the plan", "the board rejected the plan"),
        ("it sends crash reports with an opt-in", "it sends crash reports; one can opt out"),
        ("`--quick` skips the slow tests", "with `--quick` only the slow tests run"),
    ],
)
def test_opposites_are_found_in_both_orders(a: str, b: str) -> None:
    assert opposites(a, b, both_negate=False) == opposites(b, a, both_negate=False) == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("on Mondays, off on Fridays", "off on Fridays, on Mondays"),
    ],
)
def test_reordered_opposites_do_not_count(a: str, b: str) -> None:
    assert opposites(a, b, both_negate=False) == 0


def test_always_and_never_are_none_where_both_negate() -> None:
    assert opposites("always squash, do not merge", "never merge without squashing", both_negate=True) == 0
