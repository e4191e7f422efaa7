"""The scorer gives the figures that were counted by hand."""

import pytest

from bench.quality.gold import GoldPair, Label
from bench.quality.score import Figures, Rates, Verdict, group_of, is_right, score
from kairos.model import Action, Relation, Side

SAME, MORE, LESS = Relation.SAME, Relation.A_CONTAINS_B, Relation.B_CONTAINS_A
CONFLICT, DISTINCT = Relation.CONFLICT, Relation.DISTINCT
MERGE, ASK, FLAG, NONE = Action.MERGE, Action.ASK, Action.FLAG, Action.NONE

Row = tuple[Label, Relation, Action, Side | None]

ROWS: list[Row] = [
    (Label.DUPLICATE, SAME, MERGE, None),  # 0: merged rightly
    (Label.DUPLICATE, LESS, MERGE, None),  # 1: merged rightly, too: of two duplicates, either may go
    (Label.DUPLICATE, MORE, ASK, None),  # 2: found, not merged
    (Label.DUPLICATE, CONFLICT, FLAG, "a"),  # 3
    (Label.DUPLICATE, DISTINCT, NONE, None),  # 4
    (Label.CONTAINS, MORE, MERGE, None),  # 5: merged rightly
    (Label.CONTAINS, SAME, MERGE, None),  # 6: the fuller side could go: wrong
    (Label.CONTAINS, LESS, MERGE, None),  # 7: wrong
    (Label.CONTAINS, LESS, ASK, None),  # 8: found, whichever way round
    (Label.CONTRADICTION, CONFLICT, FLAG, None),  # 9
    (Label.CONTRADICTION, SAME, MERGE, None),  # 10: wrong
    (Label.CONTRADICTION, DISTINCT, NONE, None),  # 11
    (Label.UPDATE, CONFLICT, FLAG, "b"),  # 12: newer named rightly
    (Label.UPDATE, CONFLICT, FLAG, "a"),  # 13
    (Label.UPDATE, CONFLICT, FLAG, None),  # 14
    (Label.UPDATE, SAME, ASK, "b"),  # 15: no conflict, so its newer side does not count
    (Label.RELATED, DISTINCT, NONE, None),  # 16
    (Label.RELATED, SAME, ASK, None),  # 17
    (Label.RELATED, CONFLICT, FLAG, None),  # 18
    (Label.UNRELATED, DISTINCT, NONE, None),  # 19
]


@pytest.fixture
def figures() -> Figures:
    pairs = [GoldPair(str(n), "", "", label) for n, (label, *_) in enumerate(ROWS)]
    return score(pairs, [Verdict(relation, action, newer) for _, relation, action, newer in ROWS])


def test_merges_count_as_right_only_if_nothing_is_lost(figures: Figures) -> None:
    assert figures.unattended == Rates(right=3, called=6, wanted=9)
    assert figures.wrong_merges == ("6", "7", "10")


def test_merge_or_ask_counts_either_direction(figures: Figures) -> None:
    assert figures.merge_or_ask == Rates(right=7, called=10, wanted=9)


def test_contradictions_and_updates_are_conflicts(figures: Figures) -> None:
    assert figures.conflict == Rates(right=4, called=6, wanted=7)


def test_related_and_unrelated_pairs_are_left_alone(figures: Figures) -> None:
    assert figures.distinct == Rates(right=2, called=4, wanted=4)
    assert figures.left_alone == 0.5


def test_the_newer_side_counts_only_for_flagged_updates(figures: Figures) -> None:
    assert figures.newer.precision == pytest.approx(1 / 3)


def test_each_relation_has_its_own_rates(figures: Figures) -> None:
    assert figures.same == Rates(right=1, called=5, wanted=5)
    assert figures.contains == Rates(right=1, called=5, wanted=4)


def test_rates_are_shares_and_their_harmonic_mean() -> None:
    rates = Rates(right=3, called=4, wanted=12)
    assert (rates.precision, rates.recall) == (0.75, 0.25)
    assert rates.f1 == pytest.approx(2 * 0.75 * 0.25 / (0.75 + 0.25))


def test_a_share_of_nothing_is_none() -> None:
    assert (Rates(0, 0, 3).precision, Rates(0, 2, 0).recall, Rates(0, 0, 0).f1) == (None, None, None)


@pytest.mark.parametrize("relation", Relation)
def test_a_verdict_is_right_if_it_names_the_group_of_the_label(relation: Relation) -> None:
    verdict = Verdict(relation, NONE)
    named = [label for label in Label if is_right(GoldPair("", "", "", label), verdict)]
    assert [label.group for label in named] == [group_of(relation)] * 2
