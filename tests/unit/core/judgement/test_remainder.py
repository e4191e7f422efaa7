import pytest

from kairos.core.judgement.remainder import nearest, remainders, told_alone


def test_what_both_say_word_for_word_is_left_out() -> None:
    a = "The kiln is fired on Mondays. Glaze goes on the shelf. Doors stay shut."
    b = "The kiln is fired on Fridays. Glaze goes on the shelf! doors stay shut"
    assert remainders(a, b) == ("The kiln is fired on Mondays.", "The kiln is fired on Fridays.")
    assert remainders(b, a) == remainders(a, b)[::-1]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The kiln is hot.", "The kiln is cold."),
        ("The kiln is hot. Doors stay shut.", "The kiln is hot."),  # one would be left empty
        ("The kiln is hot. Doors stay shut.", "Doors stay shut. The kiln is hot."),
        ("The kiln is hot. Doors stay shut.", "Glaze is wet. Windows are open."),
        ("", ""),
    ],
)
def test_texts_stay_as_they_are_where_nothing_is_to_be_left_out(a: str, b: str) -> None:
    assert remainders(a, b) == (a, b)


def test_of_a_long_text_stays_what_the_other_speaks_of() -> None:
    long = "The workshop. Lunch is at noon. The kiln reaches 1,240 degrees. Parking is free."
    assert nearest(long, "kiln: 1,260 degrees", 50) == "The workshop.\nThe kiln reaches 1,240 degrees."


def test_a_sentence_that_is_too_long_for_itself_stays() -> None:
    assert nearest("kiln " * 40, "kiln", 20) == "kiln " * 40


def test_what_a_text_says_beyond_what_the_two_disagree_about() -> None:
    old = "The lift holds 8 people. Ask Ines for the key. It is serviced in May."
    new = "The lift holds 6 people now. It is serviced in May."
    assert told_alone(old, new) == ("Ask Ines for the key.",)
    assert told_alone(new, old) == ()
    assert told_alone(old, old) == ()


@pytest.mark.parametrize(
    ("old", "new", "alone"),
    [
        (
            "The lift holds 8 people, and the number of the porter is 4711.",
            "The lift holds 6 people now.",
            ("the number of the porter is 4711.",),
        ),
        (
            "The lift holds 8 people, and the number of the porter is 4711.",
            "The lift holds 6 people now; the number of the porter is 4711.",
            (),
        ),
        ("The lift runs on Mondays and Thursdays.", "The lift runs on Fridays.", ()),
        ("The lift runs between 8 o'clock and 10 o'clock in the evening.", "The lift runs at noon.", ()),
        (
            "Der Aufzug fasst 8 Personen und der Schlüssel liegt bei Ines.",
            "Der Aufzug fasst 6 Personen.",
            ("der Schlüssel liegt bei Ines.",),
        ),
        ("电梯可以载八个人，钥匙在伊内斯那里。", "电梯现在可以载六个人。", ("钥匙在伊内斯那里。",)),
    ],
)
def test_a_clause_that_is_joined_to_a_sentence_says_something_by_itself(
    old: str, new: str, alone: tuple[str, ...]
) -> None:
    assert told_alone(old, new) == alone
