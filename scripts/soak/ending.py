"""Ends a soak cleanly, whether it ends by itself, by its deadline or by a signal: nothing of it is left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

INSIDE = "KAIROS_SOAK_NAMESPACE"
"""Set in the environment of a soak that runs in its own namespaces."""

_STATE_MB = 64
_STATE_MB_OF_A_ROOT = 1.5
"""Megabytes of state per root: two hundred roots filled 48 MB in a quarter of an hour of floods and dreams."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_LIBC = ctypes.CDLL(None)


class Interrupted(BaseException):
    """The soak was told to end, or its time was up."""


@contextmanager
def interruptible(seconds: float) -> Iterator[None]:
    """Raise Interrupted at the first signal or after `seconds`; later signals are ignored."""
    began = time.monotonic()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for one in _SIGNALS:
            signal.signal(one, lambda *_: None)  # the soak is already ending, and must clean up undisturbed
        name = "its deadline" if number == signal.SIGALRM else signal.Signals(number).name
        raise Interrupted(
            f"ended by {name} after {time.monotonic() - began:.0f} s; the rest tells of that time"
        )

    before = [signal.signal(one, interrupt) for one in _SIGNALS]
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(one, handler)


@contextmanager
def mounted_state(home: Path, roots: int) -> Iterator[None]:
    """Mount a small tmpfs for the state, if the soak may: small enough for a fault to fill, too large for dreams to."""
    state = home / ".local/state/kairos"
    state.mkdir(parents=True, mode=0o700)
    if INSIDE not in os.environ:
        yield
        return
    try:
        options = f"size={_STATE_MB + int(_STATE_MB_OF_A_ROOT * roots)}m,mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "soak", str(state)], check=True)  # noqa: S607
        yield
    finally:  # lazily: a dream that has just been killed may still have a file open
        subprocess.run(["umount", "--lazy", str(state)], check=False)  # noqa: S607


def die_with_parent() -> None:
    """Have the kernel kill this process when the soak dies: nothing else can if the soak itself was SIGKILLed."""
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
