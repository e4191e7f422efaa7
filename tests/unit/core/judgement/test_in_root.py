"""The chances of pairs in a root: they follow what the model says, and how near two entries are."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.core.judgement.chances import Chances, chances
from kairos.core.judgement.in_root import (
    conflict_chance,
    conflict_features,
    highest_conflict_chance,
    merge_chance,
    merge_features,
)
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import Signals, signals
from kairos.core.judgement.weights_in_root import CONFLICT, MERGE
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Opinion

SAME = Opinion(0.9, 0.02, 0.02, 0.04, 0.02)
CLASH = Opinion(0.02, 0.01, 0.01, 0.94, 0.02)
FAR = PairContext(nearest=True, mutual=False, comparable=True)
NEAR = PairContext(nearest=True, mutual=True, comparable=True, lonely=True)
OPINIONS = st.lists(st.floats(0.001, 1), min_size=5, max_size=5).map(
    lambda c: Opinion(c[0] / sum(c), c[1] / sum(c), c[2] / sum(c), c[3] / sum(c), c[4] / sum(c))
)
CONTEXTS = st.builds(PairContext, *[st.booleans()] * 6)


def compared(a: str, b: str) -> Signals:
    return signals(statement_of_text(a), statement_of_text(b), lambda x, y: 1.0 if x == y else 0.8)


KEYS = compared(
    "The key of the shed hangs behind the door.", "Behind the door: that is where the shed's key is."
)
RENT = compared(
    "Rent of the workshop is 1,150 € a month.", "For the workshop we pay 1,240 € of rent each month."
)


@pytest.mark.parametrize(
    ("chance", "found", "opinion"), [(merge_chance, KEYS, SAME), (conflict_chance, RENT, CLASH)]
)
def test_nearer_entries_are_likelier_to_be_about_one_thing(
    chance: Callable[[Signals, Chances, Opinion, PairContext], float], found: Signals, opinion: Opinion
) -> None:
    weighed = chances(found, opinion)
    assert chance(found, weighed, opinion, NEAR) > chance(found, weighed, opinion, FAR)


def test_the_model_decides_between_a_merge_and_a_conflict() -> None:
    for found in (KEYS, RENT):
        same, clash = chances(found, SAME), chances(found, CLASH)
        assert merge_chance(found, same, SAME, NEAR) > merge_chance(found, clash, CLASH, NEAR)
        assert conflict_chance(found, same, SAME, NEAR) < conflict_chance(found, clash, CLASH, NEAR)


@given(st.sampled_from([KEYS, RENT]), OPINIONS, CONTEXTS)
def test_no_opinion_makes_a_conflict_likelier_than_the_highest_chance(
    found: Signals, opinion: Opinion, context: PairContext
) -> None:
    weighed = chances(found, opinion)
    assert conflict_chance(found, weighed, opinion, context) <= highest_conflict_chance(found, context)


def test_there_is_a_weight_for_each_feature() -> None:
    weighed = chances(KEYS, SAME)
    assert len(MERGE[1]) == len(merge_features(KEYS, weighed, SAME, NEAR))
    assert len(CONFLICT[1]) == len(conflict_features(KEYS, weighed, SAME, NEAR))
