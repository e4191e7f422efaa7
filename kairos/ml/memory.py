"""Control over memory: give freed memory back to the system, and pause the garbage collector.

The C library keeps freed memory in pieces too small for later use, and Python's collector costs time looking for more.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LARGE = 512 * 2**20
"""From this resident size (bytes) on, a process gives free memory back."""


def give_back() -> None:
    """Return this process' free memory to the system, where the C library can do so (glibc).

    A small process keeps it: it would soon need it again, and getting it back takes microseconds for every page.
    """
    with suppress(OSError, AttributeError, ValueError, IndexError):
        if int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE >= _LARGE:
            ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Hide everything allocated in the block from the garbage collector, for good.

    Meant for hundreds of thousands of values that live until the dream ends and hardly ever form cycles.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # else the next collection would go through them all
        if was_on:
            gc.enable()
