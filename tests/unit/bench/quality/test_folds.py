from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality.folds import NEVER, choose, cross_validate, stratified
from bench.quality.gold import GoldPair, Label
from bench.quality.score import Verdict
from kairos.core.judgement.judge import Thresholds
from kairos.model import Action, Relation


@dataclass
class Likeness:
    """Merges, asks about and flags each pair by a single number; records the thresholds tried."""

    numbers: Sequence[float]
    tried: list[Thresholds] = field(default_factory=list)

    def at(self, thresholds: Thresholds) -> list[Verdict]:
        self.tried.append(thresholds)
        return [self._verdict(number, thresholds) for number in self.numbers]

    def _verdict(self, number: float, thresholds: Thresholds) -> Verdict:
        if number >= thresholds.ask:
            return Verdict(Relation.SAME, Action.MERGE if number >= thresholds.merge else Action.ASK)
        if number >= thresholds.flag:
            return Verdict(Relation.CONFLICT, Action.FLAG)
        return Verdict(Relation.DISTINCT, Action.NONE)


def gold(labels: Sequence[Label]) -> list[GoldPair]:
    return [GoldPair(str(n), "", "", label) for n, label in enumerate(labels)]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(2, 7), st.integers(0, 3))
def test_folds_hold_each_row_once_and_each_label_evenly(labels: list[str], folds: int, seed: int) -> None:
    dealt = stratified(labels, folds, seed)
    assert sorted(row for fold in dealt for row in fold) == list(range(len(labels)))
    for label, count in Counter(labels).items():
        shares = [sum(labels[row] == label for row in fold) for fold in dealt]
        assert max(shares) <= -(-count // folds)
        assert len(dealt) < folds or min(shares) >= count // folds
    assert dealt == stratified(labels, folds, seed)


def test_another_seed_gives_other_folds() -> None:
    labels = ["a"] * 20
    assert stratified(labels, 4, 1) != stratified(labels, 4, 2)


def test_the_merge_threshold_is_as_low_as_precision_allows() -> None:
    pairs = gold([Label.DUPLICATE] * 3 + [Label.RELATED] + [Label.DUPLICATE])
    chosen = choose(pairs, Likeness([0.97, 0.92, 0.86, 0.83, 0.72]), range(5))
    assert chosen.merge == 0.85


def test_nothing_is_merged_if_no_merge_is_safe() -> None:
    chosen = choose(gold([Label.RELATED, Label.DUPLICATE]), Likeness([0.999, 0.6]), range(2))
    assert chosen.merge == NEVER


def test_asking_and_flagging_have_the_best_f1() -> None:
    labels = [Label.DUPLICATE, Label.CONTAINS, Label.UPDATE, Label.CONTRADICTION, Label.RELATED]
    chosen = choose(gold(labels), Likeness([0.97, 0.71, 0.62, 0.51, 0.32]), range(5))
    assert (chosen.ask, chosen.flag) == (0.7, 0.5)


def test_a_threshold_is_never_chosen_by_the_pairs_that_it_is_measured_on() -> None:
    labels = [Label.DUPLICATE, Label.UPDATE, Label.RELATED] * 8
    numbers = [(7 * n % 24) / 24 for n in range(24)]
    found = cross_validate(gold(labels), Likeness(numbers), folds=4, seed=1)
    for fold, rows in zip(found.folds, stratified(labels, 4, 1), strict=True):
        kept = [row for row in range(24) if row not in rows]
        pairs = gold([labels[row] for row in kept])
        alone = choose(pairs, Likeness([numbers[row] for row in kept]), range(len(kept)))
        assert fold.thresholds == alone
        assert fold.figures.pairs == len(rows)


def test_every_pair_counts_once_among_the_held_out() -> None:
    labels = [Label.DUPLICATE, Label.UPDATE, Label.RELATED, Label.UNRELATED] * 5
    system = Likeness([{Label.DUPLICATE: 0.96, Label.UPDATE: 0.6}.get(label, 0.1) for label in labels])
    found = cross_validate(gold(labels), system, folds=5, seed=3)
    assert found.pooled.pairs == 20
    assert sum(fold.figures.conflict.right for fold in found.folds) == found.pooled.conflict.right == 5
    assert found.pooled.left_alone == pytest.approx(1)
    assert len(system.tried) == len(set(system.tried)), "the same thresholds were tried twice"
