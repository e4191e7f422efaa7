import pytest

from kairos.core.text.counts import count


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (1, ("note",), "1 note"),
        (0, ("note",), "0 notes"),
        (2_000, ("note",), "2,000 notes"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("note has no pointer", "notes have no pointer"), "2 notes have no pointer"),
    ],
)
def test_a_count_agrees_with_its_noun(number: int, words: tuple[str, ...], said: str) -> None:
    assert count(number, *words) == said
