from __future__ import annotations

import io

from rich.console import Console

from kairos.model import (
    MODEL_OPINION,
    MODEL_UNRELATED,
    NEAREST,
    NOT_COMPARED,
    PLACE_BOUND,
    Decision,
    Evidence,
    Place,
)
from kairos.report.considered import decision_block
from kairos.report.page import Page

CONFLICT = Evidence(MODEL_OPINION, "they cannot both be right, according to the judge model (61%)", 0.61)
DISTINCT = Evidence(MODEL_UNRELATED, "nothing in common, according to the judge model (88%)", 0.88)
NEAREST_TWO = Evidence(NEAREST, "no other entry is closer to either")

WORDS = Evidence("words", "word for word the same")
ELSEWHERE = Evidence(PLACE_BOUND, "short equal lines in different sections may be about different things")


def told(outcome: str, confidence: float, *evidence: Evidence, other: str = "b.md") -> str:
    places = (Place("a.md", 4, "- Always squash."), Place(other, 9, "- Never squash."))
    stream = io.StringIO()
    page = Page(Console(file=stream, width=120, markup=False, highlight=False))
    decision_block(page, Decision(places, outcome, evidence, confidence))
    return stream.getvalue()


def test_a_doubtful_pair_is_not_reported_as_distinct() -> None:
    text = told("distinct, none", 0.04, CONFLICT, NEAREST_TWO)
    assert "not sure enough to merge or flag them: both are kept\n" in text
    assert "4%" not in text  # a chance of different things beside "not sure" reads as its opposite
    assert "more certainty than on its own (`kairos judge`)" in text
    assert "they are about different things" not in text
    assert "two entries of one note" in told("distinct, none", 0.04, CONFLICT, NEAREST_TWO, other="a.md")
    assert "not sure enough" in told("distinct, none", 0.55, CONFLICT)  # even if the model says otherwise


def test_a_doubtful_pair_with_a_closer_neighbour_says_so() -> None:
    text = told("distinct, none", 0.02, CONFLICT)
    assert "one of them has a closer neighbour here" in text
    assert "more certainty" not in text
    assert "closer neighbour" not in told("distinct, none", 0.02, CONFLICT, NEAREST_TWO)


def test_a_settled_pair_is_reported_as_such() -> None:
    text = told("distinct, none", 0.86, DISTINCT)
    assert "they are about different things: both are kept (confidence 86%)" in text
    assert "kairos judge" not in text
    assert "they contradict each other: flagged as a conflict (confidence 90%)" in told(
        "conflict, flag", 0.9, CONFLICT
    )
    assert "they are about different things: you rejected it" in told(
        "distinct, none: you rejected it", 0.2, CONFLICT
    )


def test_equal_entries_that_stay_are_not_reported_as_distinct() -> None:
    text = told("distinct, none", 1.0, WORDS, ELSEWHERE, other="a.md")
    assert "they say the same, but may depend on where they are: both are kept\n" in text
    assert ELSEWHERE.text in text
    assert "%" not in text
    assert "they are about different things" not in text
    assert "more certainty" not in text


def test_a_pair_that_was_not_compared_is_not_reported_as_distinct() -> None:
    text = told(
        "distinct, none",
        1.0,
        Evidence("similarity", "similarity 0.91"),
        Evidence(NOT_COMPARED, "others are nearer"),
    )
    assert "not compared any further: both are kept\n" in text
    assert "others are nearer" in text
    assert "they are about different things" not in text
    assert "%" not in text
