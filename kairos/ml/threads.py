"""How many threads a model may use."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCAL = threading.local()


def usable_cores() -> int:
    """Return how many cores the work started by this thread may use."""
    return max(1, _all_cores() - getattr(_LOCAL, "left", 0))


@contextmanager
def reserve_core() -> Iterator[None]:
    """Leave one core to the other threads: `usable_cores` is one lower in this thread, but never below one."""
    _LOCAL.left = 1
    try:
        yield
    finally:
        _LOCAL.left = 0


def _all_cores() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    usable = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(usable(0)) if usable else os.cpu_count() or 1
