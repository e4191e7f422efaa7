"""Functions that remember their answers until all are forgotten."""

from __future__ import annotations

from kairos.core.text.caching import cached, clear_caches


def test_an_answer_is_computed_once_until_all_are_forgotten() -> None:
    asked: list[str] = []

    @cached(2)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length(text) for text in ("kiln", "glaze", "kiln")] == [4, 5, 4]
    assert asked == ["kiln", "glaze"]
    clear_caches()
    assert length("kiln") == 4
    assert asked == ["kiln", "glaze", "kiln"]


def test_the_least_recently_used_answers_are_forgotten_first() -> None:
    asked: list[int] = []

    @cached(2)
    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [double(number) for number in (1, 2, 1, 3, 1, 2)] == [2, 4, 2, 6, 2, 4]
    assert asked == [1, 2, 3, 2]
