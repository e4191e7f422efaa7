"""Handling of signals that arrive while the daemon starts.

By default, a request to reload (SIGHUP) or to dream (SIGUSR1) would kill it, and Ctrl-C would end in a traceback.
"""

from __future__ import annotations

import signal

_REQUESTS = frozenset({signal.SIGHUP, signal.SIGUSR1})


def block_signals() -> None:
    """Block requests until `unblock_signals`; SIGTERM and SIGINT end the process at once."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def unblock_signals() -> None:
    """Unblock requests, including pending ones; their handlers must be installed by now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS)
