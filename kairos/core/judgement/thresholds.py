"""The chances from which something is done about a pair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chances, 0…1, from which a merge is done unattended (`merge`) or proposed (`ask`) and a conflict is flagged.

    `merge_in_root` and `flag_in_root` are those for two entries of a root, whose chances also rest on how near the two
    are there. Below `merge_floor` only word-for-word duplicates are merged unattended. docs/calibration.md has the
    measurements behind the defaults.
    """

    merge: float = 0.94
    merge_in_root: float = 0.85
    ask: float = 0.4
    flag: float = 0.22
    flag_in_root: float = 0.5
    merge_floor: float = 0.0
