from datetime import date

import pytest

from kairos.core.judgement.newer import newer
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Opinion

EARLY, LATE = date(2026, 3, 1), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "The pump is now fixed with tape.",
            "The pump is now replaced; an earlier version of this said tape.",
        ),
        ("Rent is 900.", "Rent is 940 as of May."),
        (
            "Level measured on 2026-03-14: 2 m since 2026-01-02.",
            "Level measured on 2026-05-02: 3 m since 2026-01-02.",
        ),
        (
            "Superseded by pump-new.md. The pump runs at 13 bar.",
            "The pump runs at 15 bar.",
        ),
        ("The old pump, deprecated since May, runs at 13 bar.", "The pump runs at 15 bar."),
        ("The pump runs at 13 bar.", "The old pump (13 bar) was superseded; the new one runs at 15 bar."),
        ("The branch fix-pump (in review).", "The branch fix-pump (merged)."),
    ],
)
def test_the_words_say_which_side_is_newer(a: str, b: str) -> None:
    assert newer(statement_of_text(a), statement_of_text(b)) == "b"
    assert newer(statement_of_text(b), statement_of_text(a)) == "a"


def test_the_dates_of_the_notes_count_before_their_words() -> None:
    assert (
        newer(statement_of_text("The pump is fixed.", EARLY), statement_of_text("The pump leaks.", LATE))
        == "b"
    )


def test_an_impossible_date_is_ignored() -> None:
    a = statement_of_text("Level measured on 2026-02-31.")
    b = statement_of_text("Level measured on 2026-01-31.")
    assert newer(a, b) is None


def test_without_a_clue_neither_side_is_newer() -> None:
    assert newer(statement_of_text("Rent is 900."), statement_of_text("Rent is 940.")) is None


def test_a_side_that_is_outdated_by_its_own_words_is_older_whatever_dates_and_model_say() -> None:
    a = statement_of_text("Deprecated: the pump runs at 13 bar.", LATE)
    b = statement_of_text("The pump runs at 15 bar.", EARLY)
    opinion = Opinion(0.0, 0.0, 0.0, 1.0, 0.0, newer_a=0.99)
    assert newer(a, b, opinion) == "b"
    assert newer(a, a, opinion) == "a"
