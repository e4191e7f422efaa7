"""What asking a language model came to: figures for the report and the state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consultation:
    """How a language model was used in one dream.

    Tokens are what the server said; `tokens_assumed` is the most that calls can have used whose answer never came.
    `cost` is in the currency of the configured prices, None without any. `settled` counts pairs that are decided
    now, `in_doubt` pairs that are not, `remembered` those of both that were answered in earlier dreams.
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
