"""Reasons quote values as the notes write them, each next to its counterpart."""

import pytest

from kairos.core.judgement.evidence import evidence_of, exchanged
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text
from kairos.model import MODEL_OPINION, MODEL_UNRELATED, Opinion


def reasons(a: str, b: str) -> list[str]:
    """Return the reasons about values and wording of a pair, and check that the exchanged pair gives mirrored ones."""
    one, other = statement_of_text(a), statement_of_text(b)

    def similarity(*_: str) -> float:
        return 0.8

    found = evidence_of(one, other, signals(one, other, similarity), similarity, None)
    turned = evidence_of(other, one, signals(other, one, similarity), similarity, None)
    assert {exchanged(item) for item in found} == set(turned)
    return [item.text for item in found if item.kind in {"clash", "values", "wording"}]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            "Choir is on Mondays at 19:00.",
            "Choir is on Fridays at 19:30.",
            ["19:00 ≠ 19:30", "Mondays ≠ Fridays"],
        ),
        ("The ferry leaves on 3 May.", "The ferry leaves on 5 May 2026.", ["3 May ≠ 5 May 2026"]),
        ("Logs go to `host-a:9000`.", "Logs go to `host-b:9000`.", ["host-a:9000 ≠ host-b:9000"]),
        ("It stays off for 300 s.", "It stays off for 8 minutes.", ["300 s ≠ 8 minutes"]),
        ("Ask for the `BlueKey`.", "Ask at the desk.", ["the first alone has BlueKey"]),
        (
            "Names are in camelCase.",
            "Names are like `whole short words`.",
            ["the first alone has camelCase", "the second alone has whole short words"],
        ),
        (
            "We pay 12 € a month.",
            "We switched: 9 € a month from October on.",
            ["12 € ≠ 9 €", "the second alone has October", 'the second mentions a change: "switched"'],
        ),
        (
            "Superseded by kiln.md. The kiln is hired.",
            "The kiln is an ax.k4.large.",
            [
                "the first alone has kiln.md",
                "the second alone has ax.k4.large",
                'the first mentions a change: "Superseded"',
            ],
        ),
        ("Read kiln.md first.", "Read oven.md first.", ["kiln.md ≠ oven.md"]),
        ("The room holds 12.", "The room holds 12 people.", ["the only value agrees"]),
    ],
)
def test_differences_are_quoted_in_the_words_of_the_notes(a: str, b: str, expected: list[str]) -> None:
    assert reasons(a, b) == expected


@pytest.mark.parametrize(
    ("opinion", "kind"),
    [
        (Opinion(0.1, 0.1, 0.1, 0.6, 0.1), MODEL_OPINION),
        (Opinion(0.1, 0.1, 0.1, 0.1, 0.6), MODEL_UNRELATED),
    ],
)
def test_the_kind_of_an_opinion_tells_whether_it_relates_the_two(opinion: Opinion, kind: str) -> None:
    one, other = statement_of_text("Tea is free."), statement_of_text("Cups are blue.")
    found = evidence_of(one, other, signals(one, other, lambda *_: 0.8), lambda *_: 0.8, opinion)
    assert found[-1].kind == kind


@pytest.mark.parametrize(
    ("opinion", "text", "chance"),
    [
        (Opinion(0.66, 0.1, 0.04, 0.1, 0.1), "they say the same", 0.8),
        (Opinion(0.34, 0.33, 0.0, 0.33, 0.0), "one of them says all that the other says", 0.67),
        (Opinion(0.05, 0.5, 0.05, 0.1, 0.3), "the first says all that the second says, and more", 0.6),
        (Opinion(0.1, 0.3, 0.2, 0.05, 0.35), "one of them says all that the other says", 0.6),
        (Opinion(0.1, 0.15, 0.2, 0.05, 0.5), "they are about different things", 0.5),
        (Opinion(0.2, 0.1, 0.1, 0.45, 0.15), "they cannot both be right", 0.45),
    ],
)
def test_a_merge_counts_as_one_opinion_whatever_its_form(opinion: Opinion, text: str, chance: float) -> None:
    one, other = statement_of_text("Tea at four."), statement_of_text("Tea is at 16:00.")
    found = evidence_of(one, other, signals(one, other, lambda *_: 0.8), lambda *_: 0.8, opinion)
    (said,) = [item for item in found if item.kind in (MODEL_OPINION, MODEL_UNRELATED)]
    assert said.text == f"{text}, according to the judge model ({chance:.0%})"
    assert said.score == pytest.approx(chance)
    assert said.kind == (MODEL_UNRELATED if "different things" in text else MODEL_OPINION)
