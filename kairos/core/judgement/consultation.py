"""How a language model was used in a dream: figures for the report and the state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consultation:
    """How a language model was used in one dream.

    Token counts are as reported by the server; `tokens_assumed` is an upper bound for calls whose answer never came.
    `cost` is in the currency of the configured prices, None without prices. `settled` counts the pairs that are now
    decided, `in_doubt` those that are not, and `remembered` how many of both were answered in earlier dreams.
    """

    provider: str
    model: str
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_assumed: int = 0
    cost: float | None = None
    settled: int = 0
    in_doubt: int = 0
    remembered: int = 0
