import pytest

from kairos.core.quantities import Quantity, quantities


def only(text: str) -> Quantity:
    (found,) = quantities(text)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 GB", "1024 MB"),
        ("90 min", "1.5 h"),
        ("two weeks", "14 days"),
        ("17:00", "5 pm"),
        ("12:00", "noon"),
        ("half past three", "3:30 pm"),
        ("50 %", "50 percent"),
        ("1,240", "1240"),
        ("1,5 kg", "1500 g"),
        ("€ 60", "60 euros"),
        ("seven", "7"),
        ("-5", "−5"),
        ("30s", "30 seconds"),
    ],
)
def test_the_same_amount_in_other_words_is_equal(one: str, other: str) -> None:
    assert only(one).equals(only(other))
    assert only(other).equals(only(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 GB", "1000 MB"),
        ("90 min", "90 h"),
        ("5 am", "5 pm"),
        ("50 %", "50 kg"),
        ("60 €", "60 $"),
        ("5", "-5"),
        ("1.5", "15"),
        ("three", "four"),
    ],
)
def test_other_amounts_differ(one: str, other: str) -> None:
    assert not only(one).equals(only(other))
    assert not only(other).equals(only(one))


def test_a_number_without_unit_equals_the_same_number_with_one() -> None:
    assert only("300").equals(only("300 s"))


def test_numbers_come_in_the_order_of_the_text() -> None:
    assert [found.value for found in quantities("3 pumps, 250 ml and 12 hoses")] == [3, 250, 12]


def test_prose_without_numbers_has_none() -> None:
    assert quantities("Ask before you force-push to a shared branch.") == ()
