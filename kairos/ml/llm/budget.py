"""What one dream may spend on a language model, checked before each call against the most the call can cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, and its cost if the server reports it."""

    tokens_in: int
    tokens_out: int
    cost: Decimal | None = None

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million input and output tokens, in any currency."""

    tokens_in: Decimal
    tokens_out: Decimal

    def cost(self, usage: Usage) -> Decimal:
        """Return the cost of a call: as reported by the server, else computed from the prices."""
        if usage.cost is not None:
            return usage.cost
        return (usage.tokens_in * self.tokens_in + usage.tokens_out * self.tokens_out) / _MILLION


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one dream may use. Raises ValueError for a limit on cost without prices."""

    calls: int
    tokens: int
    cost: Decimal | None = None
    prices: Prices | None = None

    def __post_init__(self) -> None:
        if self.cost is not None and self.prices is None:
            raise ValueError("a limit of money needs prices")


class OverBudgetError(Exception):
    """A call would exceed the budget; `limit` names the configuration key that forbids it, with its value."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(slots=True)
class Budget:
    """Counts what is spent: `take` before a call, then `settle` with the usage reported by the server.

    What was taken and never settled stays spent, because a call that timed out may be billed all the same.
    """

    limits: Limits
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_assumed: int = 0
    cost: Decimal = field(default=Decimal(0))

    def take(self, worst: Usage) -> None:
        """Reserve the most that a call can use. Raises OverBudgetError if that is too much."""
        self.check(worst)
        self.calls += 1
        self.tokens_assumed += worst.tokens
        self.cost += self._price(worst)

    def settle(self, worst: Usage, used: Usage) -> None:
        """Replace what was reserved for a call by what it used."""
        self.tokens_assumed -= worst.tokens
        self.tokens_in += used.tokens_in
        self.tokens_out += used.tokens_out
        self.cost += self._price(used) - self._price(worst)

    def check(self, *worst: Usage) -> None:
        """Raise OverBudgetError unless calls with all these usages would fit."""
        limits = self.limits
        if self.calls + len(worst) > limits.calls:
            raise OverBudgetError(f"llm.max_calls ({limits.calls:,})")
        spent = self.tokens_in + self.tokens_out + self.tokens_assumed
        if spent + sum(usage.tokens for usage in worst) > limits.tokens:
            raise OverBudgetError(f"llm.max_tokens ({limits.tokens:,})")
        if limits.cost is not None and self.cost + sum(map(self._price, worst)) > limits.cost:
            raise OverBudgetError(f"llm.max_cost ({limits.cost})")

    def _price(self, usage: Usage) -> Decimal:
        return self.limits.prices.cost(usage) if self.limits.prices else usage.cost or Decimal(0)
