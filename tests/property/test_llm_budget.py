"""A dream's budget is never exceeded, whatever its calls use and however they end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.ml.llm.arbiter import Arbiter, RetryPolicy
from kairos.ml.llm.budget import Budget, Limits, OverBudgetError, Prices, Usage
from kairos.ml.llm.cache import AnswerCache
from kairos.ml.llm.frame import Prompt
from kairos.ml.llm.provider import CallError, Endpoint, Reply
from kairos.ml.llm.question import Question
from kairos.model import Statement

PRICE = st.decimals(0, 100, places=2)
COUNT = st.integers(0, 5_000)
LIMITS = st.builds(
    Limits,
    st.integers(0, 12),
    st.integers(0, 60_000),
    st.none() | st.decimals(0, 2, places=4),
    st.builds(Prices, PRICE, PRICE),
)


def total(budget: Budget) -> int:
    return budget.tokens_in + budget.tokens_out + budget.tokens_assumed


def is_kept(budget: Budget) -> bool:
    limits = budget.limits
    money = limits.cost is None or budget.cost <= limits.cost
    return budget.calls <= limits.calls and total(budget) <= limits.tokens and money


@given(LIMITS, st.lists(st.tuples(COUNT, COUNT, st.none() | st.floats(0, 1)), max_size=20))
def test_no_order_of_calls_exceeds_the_budget(
    limits: Limits, calls: list[tuple[int, int, float | None]]
) -> None:
    budget = Budget(limits)
    for tokens_in, tokens_out, share in calls:
        worst = Usage(tokens_in, tokens_out)
        try:
            budget.take(worst)
        except OverBudgetError:
            continue
        assert is_kept(budget)
        if share is not None:  # otherwise no answer came, and the worst case stays assumed
            budget.settle(worst, Usage(int(tokens_in * share), int(tokens_out * share)))
        assert is_kept(budget)
        assert budget.tokens_assumed >= 0
        assert budget.cost >= 0


@given(LIMITS, COUNT, COUNT)
def test_settling_charges_what_was_used(limits: Limits, tokens_in: int, tokens_out: int) -> None:
    budget, worst = Budget(limits), Usage(5_000, 5_000)
    try:
        budget.take(worst)
    except OverBudgetError:
        assert budget == Budget(limits)
        return
    budget.settle(worst, Usage(tokens_in, tokens_out))
    assert (budget.tokens_in, budget.tokens_out, budget.tokens_assumed) == (tokens_in, tokens_out, 0)
    assert limits.prices is not None
    price = tokens_in * limits.prices.tokens_in + tokens_out * limits.prices.tokens_out
    assert budget.cost == price / 1_000_000


def test_the_price_from_the_server_takes_precedence() -> None:
    budget = Budget(Limits(9, 10_000, Decimal(1), Prices(Decimal(1), Decimal(1))))
    budget.take(Usage(10, 10))
    budget.settle(Usage(10, 10), Usage(5, 5, Decimal("0.25")))
    assert budget.cost == Decimal("0.25")


def test_a_cost_limit_needs_prices() -> None:
    with pytest.raises(ValueError, match="prices"):
        Limits(1, 1, Decimal(1))


@dataclass
class Moody:
    """A model with moods: it answers with more or less usage, answers nonsense, is busy, or breaks off."""

    moods: list[int]
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("moody", answer_tokens=300))
    name: str = "moody"
    overhead: int = 50
    used: list[Usage] = field(default_factory=list)

    def ask(self, prompt: Prompt) -> Reply:
        mood = self.moods.pop(0) if self.moods else 0
        if mood == 1:
            raise CallError("busy", "", again=True, free=True)
        usage = Usage(len(prompt.system + prompt.user) * (mood + 1) // 10, 30 * mood)
        self.used.append(usage)
        if mood == 2:  # the server has charged for it, but the answer never comes
            raise CallError("broke off", "", again=True)
        if mood == 3:
            return Reply("sorry", None)
        pairs = json.loads(prompt.user.splitlines()[1])["pairs"]
        answers = [{"id": pair["id"], "relation": "same", "newer": None, "reason": ""} for pair in pairs]
        return Reply(json.dumps({"answers": answers}), usage)


@given(LIMITS, st.lists(st.integers(0, 9), max_size=30), st.integers(1, 4), st.integers(1, 12))
def test_no_mood_of_a_model_exceeds_the_budget(
    limits: Limits, moods: list[int], at_once: int, pairs: int
) -> None:
    provider = Moody(moods)
    with TemporaryDirectory() as directory:
        arbiter = Arbiter(
            provider,
            Budget(limits),
            AnswerCache(Path(directory) / "answers.db", provider),
            may_send=lambda _: True,
            pairs_per_call=at_once,
            retry_policy=RetryPolicy(tries=3, pause=0),
        )
        questions = [Question(Statement(f"fact {n}", ()), Statement("other", ())) for n in range(pairs)]
        found = arbiter.ask(questions, lambda _done, _all: None)
    assert found.keys() == {question.key for question in questions}
    assert is_kept(arbiter.budget)
    assert sum(usage.tokens for usage in provider.used) <= total(arbiter.budget) <= limits.tokens
    assert len(provider.used) <= arbiter.budget.calls <= limits.calls
