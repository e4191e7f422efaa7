"""What the judge model reads of two entries: each text after the headings that the other is not under."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.core.judgement.in_place import in_place
from kairos.model import CONTEXT_STEP, Statement

contexts = st.lists(st.sampled_from(["Rates", "Staging", "Costs"]), max_size=3).map(CONTEXT_STEP.join)


def at(context: str, text: str = "980 a day.") -> Statement:
    return Statement(text, (text,), context)


@pytest.mark.parametrize(
    ("a", "b", "read"),
    [
        ("Rates", "Corvid plant", ("Rates: 980 a day.", "Corvid plant: 980 a day.")),
        ("API > Staging", "API > Production", ("Staging: 980 a day.", "Production: 980 a day.")),
        ("API", "API > Production", ("980 a day.", "Production: 980 a day.")),
        ("API > Staging", "Shop > Staging", ("API > Staging: 980 a day.", "Shop > Staging: 980 a day.")),
        ("API", "API", ("980 a day.", "980 a day.")),
        ("", "Rates", ("980 a day.", "Rates: 980 a day.")),
        ("", "", ("980 a day.", "980 a day.")),
    ],
)
def test_a_text_is_read_after_the_headings_that_only_it_is_under(
    a: str, b: str, read: tuple[str, str]
) -> None:
    assert in_place(at(a), at(b)) == read


def test_of_a_long_place_the_innermost_headings_are_read() -> None:
    read, _ = in_place(at(f"{'far ' * 100}> Ports"), at(""))
    assert read.endswith("> Ports: 980 a day.")
    assert len(read) < 250


@given(contexts, contexts)
def test_exchanged_sides_are_read_alike(a: str, b: str) -> None:
    one, other = at(a, "x"), at(b, "y")
    assert in_place(one, other) == in_place(other, one)[::-1]
