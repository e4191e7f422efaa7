"""The front door: what the command line, the daemon and other programs call.

`Kairos` brings what dreams need, numpy among it; it is loaded when it is first asked for. What an outcome is made of,
and `kairos.dream.rest`, need none of that.
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
