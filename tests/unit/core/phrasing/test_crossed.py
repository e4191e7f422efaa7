"""Crossed texts: each rules out what the other wants."""

import pytest

from kairos.core.judgement.judge import judge
from kairos.core.phrasing.crossed import crossed
from kairos.model import Action, Opinion, Statement

CROSSED = [
    ("Cut releases from trunk, never from next.", "Releases come from next (never trunk)."),
    ("No tabs in YAML; indent with blanks.", "In YAML indent with tabs, not blanks."),
    ("Knit the cuffs with the grey wool, not the mohair.", "Cuffs: mohair, no grey wool."),
    ("Den Müll bringt Ada raus, nicht Ben.", "Ben bringt den Müll raus, nicht Ada."),
]
NOT_CROSSED = [
    ("Cut releases from trunk, never from next.", "Never release from next; cut it from trunk."),
    ("No tabs in YAML; indent with blanks.", "In YAML blanks are used and no tabs."),
    ("The oven must not be opened before ten minutes are up.", "Never open the oven early."),
    ("Use the grey wool, not the mohair, and no glue.", "Use the mohair, not the grey wool, and no glue."),
    ("Rest on Sundays.", "Rest on Sundays, please."),
    ("Without a green build, deploys fail.", "No deploys before the build is green."),
    ("If the tests do not pass, stop the deploy.", "Don't deploy until the tests pass."),
    ("Without tests, a merge is blocked.", "No merge until tests pass."),
]


@pytest.mark.parametrize(("a", "b"), CROSSED)
def test_texts_that_each_rule_out_what_the_other_wants_are_crossed(a: str, b: str) -> None:
    assert crossed(a, b)
    assert crossed(b, a)


@pytest.mark.parametrize(("a", "b"), NOT_CROSSED)
def test_texts_that_rule_out_the_same_or_several_things_are_not_crossed(a: str, b: str) -> None:
    assert not crossed(a, b)
    assert not crossed(b, a)


def test_crossed_texts_are_not_merged_however_sure_a_model_is() -> None:
    a, b = (Statement(text, (text,)) for text in CROSSED[0])
    sure = Opinion(0.99, 0.0025, 0.0025, 0.0025, 0.0025)
    found = judge(a, b, lambda _one, _other: 0.97, opinion=sure)
    assert found.action is not Action.MERGE
    assert "each rules out what the other asks for" in [item.text for item in found.evidence]
