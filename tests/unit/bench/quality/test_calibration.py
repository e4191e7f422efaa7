import pytest

from bench.quality.calibration import Bin, calibrate


def test_chances_are_binned_and_compared_with_outcomes() -> None:
    found = calibrate([0.05, 0.25, 0.25, 1.0], [False, True, False, True])
    assert found is not None
    assert found.bins == (
        Bin(0.0, 0.1, 1, 0.05, 0.0),
        Bin(0.2, 0.3, 2, 0.25, 0.5),
        Bin(0.9, 1.0, 1, 1.0, 1.0),
    )
    assert found.brier == pytest.approx((0.05**2 + 0.75**2 + 0.25**2) / 4)
    assert found.base_brier == pytest.approx(0.25)
    assert found.error == pytest.approx((0.05 + 2 * 0.25) / 4)


def test_predicting_the_base_rate_gives_the_base_brier_score() -> None:
    outcomes = [True, False, False, False]
    found = calibrate([0.25] * 4, outcomes)
    assert found is not None
    assert found.brier == pytest.approx(found.base_brier)
    assert found.error == pytest.approx(0)


def test_without_chances_there_is_no_calibration() -> None:
    assert calibrate([], []) is None
