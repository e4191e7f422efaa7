"""Numbers in words and times in words: each is read as what it says, and as nothing else."""

from hypothesis import example, given
from hypothesis import strategies as st

from kairos.core.values.quantities import quantities
from kairos.core.values.quantity import Quantity

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int, joint: str = "-") -> str:
    """Return a positive number below a million in English words."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (joint + SMALL[number % 10] if number % 10 else "")
    size, name, link = (1000, "thousand", " ") if number >= 1000 else (100, "hundred", " and ")
    rest = number % size
    link = " and " if size == 1000 and rest < 100 else link
    return f"{in_words(number // size, joint)} {name}" + (link + in_words(rest, joint) if rest else "")


def only(text: str) -> Quantity:
    (found,) = quantities(text)
    return found


@example(250, 2, "-")
@example(100_100, 100, " ")
@given(st.integers(1, 999_999), st.integers(1, 999_999), st.sampled_from("- "))
def test_a_number_in_words_is_that_number_alone(number: int, other: int, joint: str) -> None:
    for unit in ("", " euros", " days"):
        written = only(in_words(number, joint) + unit)
        assert written.equals(only(f"{number}{unit}"))
        assert written.equals(only(f"{other}{unit}")) is (number == other)
        assert written.equals(only(f"{other}")) is (number == other)


@given(st.integers(1, 12), st.sampled_from((5, 10, 15, 20, 25, 30)), st.integers(0, 1439))
def test_a_time_in_words_is_that_time_alone(hour: int, minutes: int, other: int) -> None:
    part = {15: "quarter", 30: "half"}.get(minutes, in_words(minutes))
    after = only(f"{part} past {SMALL[hour]}")
    clock = only(f"{other // 60:02}:{other % 60:02}")
    assert after.equals(clock) is ((hour * 60 + minutes) % 720 == other % 720)
    if minutes not in (15, 30):
        before = only(f"{part} minutes to {SMALL[hour]}")
        assert before.equals(clock) is ((hour * 60 - minutes) % 720 == other % 720)


@given(st.integers(1, 59), st.integers(1, 59), st.integers(1, 7200))
def test_a_duration_of_two_units_is_their_sum_alone(minutes: int, seconds: int, other: int) -> None:
    for written in (
        f"{minutes} min {seconds} s",
        f"{minutes}m{seconds}s",
        f"{minutes} minutes and {seconds} seconds",
    ):
        assert only(written).equals(only(f"{minutes * 60 + seconds} s"))
        assert only(written).equals(only(f"{other} s")) is (other == minutes * 60 + seconds)
        assert not only(written).equals(only(f"{other}"))


@given(st.integers(1, 999), st.integers(0, 999), st.integers(0, 999), st.integers(0, 10**9))
def test_blanks_between_thousands_change_no_number(first: int, second: int, third: int, other: int) -> None:
    number = first * 10**6 + second * 1000 + third
    written = only(f"{first} {second:03} {third:03} km")
    assert written.equals(only(f"{number} km"))
    assert written.equals(only(f"{other} km")) is (other == number)
