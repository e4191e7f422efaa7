import pytest

from kairos.core.text.words import STOP_WORDS, WORD, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kiln", "kilns"),
        ("restarted", "restarting"),
        ("migration", "migrations"),
        ("nightly", "night"),
        ("policies", "polic"),
        ("läuft", "läuft"),
    ],
)
def test_inflected_forms_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["bus", "red", "sing", "ies", "s", ""])
def test_short_words_stay_whole(word: str) -> None:
    assert stem(word) == word


def test_words_are_runs_of_letters_and_digits() -> None:
    assert WORD.findall("foo_bar, naïve-ish 8080 窯は!") == ["foo", "bar", "naïve", "ish", "8080", "窯は"]


def test_stop_words_are_folded_and_carry_no_negation() -> None:
    assert all(word == word.casefold() for word in STOP_WORDS)
    assert not STOP_WORDS & {"not", "no", "never", "nicht", "kein", "ne", "pas", "sin", "não", "sem"}
