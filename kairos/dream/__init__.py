"""The front door: what the command line, the daemon and other programs call.

`Kairos` is imported lazily, since it pulls in numpy and everything else that a dream needs. The types of an outcome,
and `kairos.dream.rest`, do without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kairos.dream.outcome import Mode, Outcome, PairRow, Status

if TYPE_CHECKING:
    from kairos.dream.front import Kairos

__all__ = ["Kairos", "Mode", "Outcome", "PairRow", "Status"]


def __getattr__(name: str) -> type[Kairos]:
    if name != "Kairos":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kairos.dream.front import Kairos  # noqa: PLC0415 - see above

    return Kairos
