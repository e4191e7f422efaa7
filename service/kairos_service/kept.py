"""Since when a root is kept from dreaming, so that nothing stays shut for weeks unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairos_service.gates import GateVerdict, first_shut
from kairos_service.wording import span

_TOO_LONG = timedelta(days=7)

_ALL_IS_WELL = frozenset({"enabled", "changed", "hours"})
"""Shut, these say that no dream is wanted; the others, that one is kept out."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The gate that keeps a dream out now, and since when some gate does."""

    gate: str
    since: datetime

    def warning(self, now: datetime) -> str | None:
        """Return a sentence if that has lasted for more than a week."""
        lasted = now - self.since
        if lasted <= _TOO_LONG:
            return None
        return f"No dream for {span(lasted.total_seconds())}: the gate {self.gate!r} is shut."


def kept(before: Kept | None, found: Sequence[GateVerdict], now: datetime) -> Kept | None:
    """Return what keeps a dream out, given what did before; None where nothing does or none is wanted.

    The time counts from the first shut gate on: gates that take turns keep a root out just as well.
    """
    shut = first_shut(found)
    if shut is None or any(verdict.name in _ALL_IS_WELL and not verdict.is_open for verdict in found):
        return None
    return Kept(shut.name, before.since if before and before.since <= now else now)
