"""The end of the daemon where it cannot come in peace, since something that it waits for does not answer."""

from __future__ import annotations

import logging
import os
import threading

from kairos.errors import ExitCode

_LOG = logging.getLogger(__name__)


def end_by_force(seconds: float) -> None:
    """End this process in so many seconds, unless it has ended by then. What is not written down is lost with it, as in
    a crash, and its children die with it."""

    def end() -> None:
        try:
            _LOG.error("the end did not come in time, most likely since the state directory does not answer")
        finally:
            os._exit(ExitCode.ERROR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
