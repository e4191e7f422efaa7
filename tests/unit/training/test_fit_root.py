"""Fitting the weights for pairs of a root."""

import pytest

from bench.crowds import Member
from kairos.core.judgement.pair_context import PairContext
from kairos.core.judgement.signals import signals
from kairos.core.markdown.claims import statement_of_text
from kairos.model import Opinion

fit_root = pytest.importorskip("training.fit_root")

NEAR = PairContext(nearest=True, mutual=True, comparable=True)


def pair(label: str, root: str, opinion: Opinion) -> object:
    a = statement_of_text("The key of the shed hangs behind the door.")
    b = statement_of_text("Behind the door: that is where the shed's key is.")
    return fit_root.Pair(root, label, 1.0, signals(a, b, lambda *_: 0.9), opinion, NEAR)


def pairs() -> list[object]:
    same, other = Opinion(0.9, 0.02, 0.02, 0.04, 0.02), Opinion(0.02, 0.01, 0.01, 0.04, 0.92)
    clash = Opinion(0.02, 0.01, 0.01, 0.94, 0.02)
    kinds = (("duplicate", same), ("conflict", clash), ("", other))
    return [pair(label, f"root{number}", opinion) for number in range(24) for label, opinion in kinds]


def test_what_is_written_is_what_was_fitted() -> None:
    found = {name: fit_root.fit(task, pairs()) for name, task in fit_root.TASKS.items()}
    module: dict[str, tuple[float, tuple[float, ...]]] = {}
    exec(fit_root.module_source(found, "of a test"), module)  # noqa: S102 - our own source
    for name, (intercept, weights) in found.items():
        assert module[name][0] == pytest.approx(intercept, abs=1e-5)
        assert module[name][1] == pytest.approx(tuple(weights), abs=1e-5)
    assert found["MERGE"][1][0] > 0, "the model's chance of a merge speaks for one"
    assert found["CONFLICT"][1][0] > 0, "and that of a conflict for that"


def test_a_check_counts_pairs_of_roots_that_were_left_out() -> None:
    lines = list(fit_root.check(fit_root.TASKS["MERGE"], pairs(), lambda _: "all"))
    assert lines[0] == "duplicate from 0.6: right / wrong: all 24 / 0"


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        (("a", "base"), ("a", "same"), "duplicate"),
        (("a", "same"), ("a", "conflict"), "conflict"),
        (("a", "same"), ("a", "distinct"), ""),
        (("a", "conflict"), ("a", "distinct"), None),
        (("a", "base"), ("b", "same"), ""),
    ],
)
def test_two_notes_relate_as_their_family_says(
    one: tuple[str, str], other: tuple[str, str], label: str | None
) -> None:
    assert fit_root._relation(Member(*one, "", ""), Member(*other, "", "")) == label
