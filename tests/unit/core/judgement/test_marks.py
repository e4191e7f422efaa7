from __future__ import annotations

import pytest

from kairos.core.judgement.marks import Mark, marked


def mark_of(word: str, text: str, other: str) -> Mark:
    """Return the mark that all characters of a word share."""
    one, _ = marked(text, other)
    start = one.text.index(word)
    (mark,) = set(one.marks[start : start + len(word)])
    return Mark(mark)


@pytest.mark.parametrize(
    ("word", "text", "other", "expected"),
    [
        ("kiln", "the kiln is hot", "our kilns", Mark.SHARED),
        ("hot", "the kiln is hot", "our kilns", Mark.OWN),
        ("the", "the kiln is hot", "the oven", Mark.PLAIN),
        ("90 min", "takes 90 min", "takes 1.5 h", Mark.VALUE_SHARED),
        ("90 min", "takes 90 min", "takes 2 h", Mark.VALUE_OWN),
        ("17:00", "at 17:00", "at 5 pm", Mark.VALUE_SHARED),
        ("8080", "port 8080", "port 9090", Mark.VALUE_OWN),
        ("fetch_orders", "call fetch_orders", "call fetch orders", Mark.VALUE_SHARED),
        ("fetch_orders", "call fetch_orders", "call push_orders", Mark.VALUE_OWN),
        ("2 March 2026", "paid 2 March 2026", "paid 2026-03-02", Mark.VALUE_SHARED),
        ("2 March 2026", "paid 2 March 2026", "paid 2026-03-03", Mark.VALUE_OWN),
        ("Monday", "every Monday", "montags", Mark.VALUE_SHARED),
        ("Monday", "every Monday", "every Friday", Mark.VALUE_OWN),
        ("never", "never push", "push", Mark.NEGATION),
        ("don't", "don’t push", "push", Mark.NEGATION),
        ("nicht", "läuft nicht mehr", "läuft", Mark.NEGATION),
        ("mehr", "läuft nicht mehr", "läuft", Mark.CHANGE),
        ("since", "since May", "May", Mark.CHANGE),
        ("改为", "改为新的", "旧的", Mark.CHANGE),
        ("窯", "この窯", "窯は熱い", Mark.SHARED),
        ("熱", "窯は熱い", "この窯", Mark.OWN),
    ],
)
def test_words_are_marked_by_their_relation_to_the_other_text(
    word: str, text: str, other: str, expected: Mark
) -> None:
    assert mark_of(word, text, other) is expected


def test_marks_refer_to_the_normalised_text() -> None:
    one, _ = marked("ﬁve Ⅻ ½ ﷺ 90 min", "1.5 h")
    assert len(one.marks) == len(one.text) != len("ﬁve Ⅻ ½ ﷺ 90 min")
    start = one.text.index("90 min")
    assert set(one.marks[start : start + 6]) == {Mark.VALUE_SHARED}


def test_the_numbers_of_marks_equal_those_in_trained_models() -> None:
    assert {mark.name: int(mark) for mark in Mark} == {
        "PLAIN": 0, "SHARED": 1, "OWN": 2, "VALUE_SHARED": 3, "VALUE_OWN": 4, "NEGATION": 5, "CHANGE": 6,
    }  # fmt: skip


def test_an_article_is_no_value_of_its_own() -> None:
    assert mark_of("one", "one kiln is hot", "the kiln is hot") is not Mark.VALUE_OWN
    assert mark_of("one", "one kiln", "two kilns") is Mark.VALUE_OWN
