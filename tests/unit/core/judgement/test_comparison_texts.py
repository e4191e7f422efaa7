import pytest

from kairos.core.judgement.comparison_texts import beyond_dispute, nearest, without_shared_sentences


def test_sentences_that_both_have_verbatim_are_left_out() -> None:
    a = "The kiln is fired on Mondays. Glaze goes on the shelf. Doors stay shut."
    b = "The kiln is fired on Fridays. Glaze goes on the shelf! doors stay shut"
    assert without_shared_sentences(a, b) == (
        "The kiln is fired on Mondays.",
        "The kiln is fired on Fridays.",
    )
    assert without_shared_sentences(b, a) == without_shared_sentences(a, b)[::-1]


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
def test_texts_stay_whole_if_nothing_can_be_left_out(a: str, b: str) -> None:
    assert without_shared_sentences(a, b) == (a, b)


def test_a_long_text_is_reduced_to_what_the_other_is_about() -> None:
    long = "The workshop. Lunch is at noon. The kiln reaches 1,240 degrees. Parking is free."
    assert nearest(long, "kiln: 1,260 degrees", 50) == "The workshop.\nThe kiln reaches 1,240 degrees."


def test_a_single_sentence_stays_however_long_it_is() -> None:
    assert nearest("kiln " * 40, "kiln", 20) == "kiln " * 40


def test_sentences_beyond_the_disagreement_are_found() -> None:
    old = "The lift holds 8 people. Ask Ines for the key. It is serviced in May."
    new = "The lift holds 6 people now. It is serviced in May."
    assert beyond_dispute(old, new) == ("Ask Ines for the key.",)
    assert beyond_dispute(new, old) == ()
    assert beyond_dispute(old, old) == ()


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
def test_a_clause_joined_to_a_sentence_counts_by_itself(old: str, new: str, alone: tuple[str, ...]) -> None:
    assert beyond_dispute(old, new) == alone
