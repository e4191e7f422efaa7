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
def test_synonyms_have_one_meaning(one: str, other: str) -> None:
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
def test_words_of_different_meaning_stay_apart(one: str, other: str) -> None:
    assert not meanings(one) & meanings(other)


def test_function_words_have_no_meaning() -> None:
    assert meanings("the of and it") == frozenset()
