"""From which chances on something is done about a pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chances, 0…1, from which a merge is done unattended, a merge is proposed, a conflict is flagged.

    `beside` is the chance that a merge needs where the two have no nearer entries in their root. Below `least` nothing
    is merged unattended but what is equal word for word. docs/calibration.md has the figures behind the defaults.
    """

    merge: float = 0.92
    beside: float = 0.76
    ask: float = 0.4
    flag: float = 0.22
    least: float = 0.0
