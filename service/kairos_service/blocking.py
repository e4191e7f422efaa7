"""Tracks since when a root has been kept from dreaming, so that no gate stays shut for weeks unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from kairos_service.gates import GateVerdict, first_shut
from kairos_service.wording import span

_TOO_LONG = timedelta(days=7)

_NO_DREAM_WANTED = frozenset({"enabled", "changed", "hours"})
"""Gates that, when shut, mean that no dream is wanted. Any other shut gate holds a wanted dream back."""


@dataclass(frozen=True, slots=True)
class GateBlock:
    """The gate that holds a wanted dream back now, and since when some gate has done so."""

    gate: str
    since: datetime

    @classmethod
    def after(cls, before: Self | None, gate: str, now: datetime) -> Self:
        """Return the block by `gate`, given the one `before`.

        `since` is kept when another gate takes over: gates that take turns hold a root back just as well.
        """
        return cls(gate, before.since if before and before.since <= now else now)

    def warning(self, now: datetime) -> str | None:
        """Return a sentence if that has lasted more than a week."""
        lasted = now - self.since
        if lasted <= _TOO_LONG:
            return None
        return f"No dream for {span(lasted.total_seconds())}: the gate {self.gate!r} is shut."


def blocking_gate(found: Sequence[GateVerdict]) -> GateVerdict | None:
    """Return the first shut gate of a root for which a dream is wanted; None if none is shut or none is wanted."""
    if any(verdict.name in _NO_DREAM_WANTED and not verdict.is_open for verdict in found):
        return None
    return first_shut(found)
