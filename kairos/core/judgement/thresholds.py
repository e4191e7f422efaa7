"""The chances from which something is done about a pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chances, 0…1, from which a merge is done unattended (`merge`) or proposed (`ask`) and a conflict is flagged.

    `merge_nearest` is the chance that an unattended merge needs if the two have no nearer entries in their root. Below
    `merge_floor` only word-for-word duplicates are merged unattended. docs/calibration.md has the measurements behind
    the defaults.
    """

    merge: float = 0.92
    merge_nearest: float = 0.76
    ask: float = 0.4
    flag: float = 0.22
    merge_floor: float = 0.0
