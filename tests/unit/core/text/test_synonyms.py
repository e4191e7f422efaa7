import pytest

from kairos.core.text.synonyms import meanings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("migrations", "migrate"),
        ("stopped", "stop"),
        ("swimming", "swims"),
        ("policies", "policy"),
        ("repo", "repositories"),
        ("at most", "maximum"),
        ("Tue", "Tuesdays"),
        ("kids", "children"),
        ("prod env", "production environment"),
    ],
)
def test_words_that_mean_the_same_have_one_name(one: str, other: str) -> None:
    assert meanings(one) == meanings(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maximum", "minimum"),
        ("increase", "decrease"),
        ("allowed", "forbidden"),
        ("mother", "father"),
        ("staging", "production"),
        ("hours", "minutes"),
        ("before", "after"),
        ("approve", "refuse"),
    ],
)
def test_words_that_mean_another_thing_stay_apart(one: str, other: str) -> None:
    assert not meanings(one) & meanings(other)


def test_what_carries_little_does_not_count() -> None:
    assert meanings("the of and it") == frozenset()
