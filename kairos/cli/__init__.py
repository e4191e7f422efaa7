"""The command line: one module for each command."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

# What a start makes stays: to look for garbage in it takes longer than `kairos status` itself.
gc.set_threshold(100_000, *gc.get_threshold()[1:])
# What is computed beside in other threads needs Python often, and for moments: it shall not wait 5 ms each time.
sys.setswitchinterval(0.0005)
# Numpy asks for pages of two megabytes. Where memory is in pieces, as on a machine that has been up for a day, the
# system first moves others together, each time, and that takes longer than all small pages do.
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")


def main() -> None:
    """Run `kairos` with the arguments of this process, and leave with its exit code."""
    from kairos.cli.app import main as run

    run()


def program() -> None:
    """Be the program `kairos`: as `main`, but the process ends at once.

    What a dream over a large root made would be taken apart value by value else, for nothing. All that there is to do
    at an end was done where it belongs.
    """
    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError, ValueError):  # who reads is gone, or the stream was closed
                stream.flush()
        os._exit(end.code)
