"""Signals that come while the daemon starts.

By default a request to reload or to dream would kill it, and Ctrl-C end in a traceback.
"""

from __future__ import annotations

import signal

_REQUESTS = frozenset({signal.SIGHUP, signal.SIGUSR1})


def keep_signals() -> None:
    """Let requests wait until `take_signals`; whoever stops the daemon ends it at once."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def take_signals() -> None:
    """Take what waited, and what comes from now on: each has a handler by now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS)
