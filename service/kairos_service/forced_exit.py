"""The forced end of a daemon that cannot shut down in order, because something that it waits for does not answer."""

from __future__ import annotations

import logging
import os
import threading

from kairos.errors import ExitCode

_LOG = logging.getLogger(__name__)


def exit_after(seconds: float) -> None:
    """End this process after `seconds`, unless it has exited by then.

    As in a crash, what was not saved is lost; its children are ended with it.
    """

    def end() -> None:
        try:
            _LOG.error("the end did not come in time, most likely since the state directory does not answer")
        finally:
            os._exit(ExitCode.ERROR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
