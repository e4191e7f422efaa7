"""What is freed, and when: the C library keeps it, in pieces too small for what comes; Python looks for more of it."""

from __future__ import annotations

import ctypes
import gc
import mmap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LARGE = 512 * 2**20
"""Bytes of a process from which on it gives back what it does not need."""


def give_back() -> None:
    """Return what is free of this process' memory to the system, where the C library can (glibc).

    A small process keeps it: page by page it would soon ask for it again, and each takes microseconds.
    """
    with suppress(OSError, AttributeError, ValueError, IndexError):
        if int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE >= _LARGE:
            ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from ever looking at what is made meanwhile: hundreds of thousands of values that stay
    for the rest of a dream, of which hardly any go in circles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # else the next collection makes up for all
        if was_on:
            gc.enable()
