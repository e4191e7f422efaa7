"""How a soak ends, whatever ends it: by itself, by its deadline, or by a signal; nothing of it stays behind."""

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
"""Set in the environment of a soak that has namespaces of its own."""

_STATE_MB = 64
_STATE_MB_OF_A_ROOT = 1.5
"""Two hundred roots filled 48 MB in a quarter of an hour of floods and dreams."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_LIBC = ctypes.CDLL(None)


class Interrupted(BaseException):
    """The soak was told to end, or its time was up."""


@contextmanager
def interruptible(seconds: float) -> Iterator[None]:
    """Raise Interrupted at the first signal, and after so many seconds; what comes later changes nothing any more."""
    began = time.monotonic()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for one in _SIGNALS:
            signal.signal(one, lambda *_: None)  # it ends already, and must clean up undisturbed
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
    """Give the state a small disk of its own, where the soak may mount one: it can be filled, but not by the dreams."""
    state = home / ".local/state/kairos"
    state.mkdir(parents=True, mode=0o700)
    if INSIDE not in os.environ:
        yield
        return
    try:
        options = f"size={_STATE_MB + int(_STATE_MB_OF_A_ROOT * roots)}m,mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "soak", str(state)], check=True)  # noqa: S607
        yield
    finally:  # lazily: a dream that was killed a moment ago may still have a file open
        subprocess.run(["umount", "--lazy", str(state)], check=False)  # noqa: S607


def die_with_parent() -> None:
    """Have the kernel kill this process when the soak dies: nothing else can where the soak was killed outright."""
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
