"""The front door: what the command line, the daemon and other programs call."""

from kairos.dream.front import Kairos
from kairos.dream.outcome import Mode, Outcome, PairRow, Status

__all__ = ["Kairos", "Mode", "Outcome", "PairRow", "Status"]
