"""The command line: one module for each command."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress

# Objects made at start-up live until the end: looking for garbage among them takes longer than `kairos status`.
gc.set_threshold(100_000, *gc.get_threshold()[1:])
# Background threads need the interpreter often, but only for moments: by default each would wait 5 ms for it.
sys.setswitchinterval(0.0005)
# NumPy asks for pages of 2 MB. When memory is fragmented, as on a machine that has been up for a day, the kernel
# compacts it first, for each page, and that takes longer than using small pages.
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
# After each product of matrices, threads of OpenBLAS keep a core busy while they wait for the next: for 2**26 cycles by
# default, here for 2**18. Products are few and far between, and the models need that core.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")


def main() -> None:
    """Run `kairos` with the arguments of this process, and exit with its exit code."""
    from kairos.cli.app import main as run

    run()


def program() -> None:
    """Run the program `kairos`: like `main`, but end the process at once, without the interpreter's shutdown.

    Shutdown would free everything that a dream over a large root allocated, value by value, for nothing: all clean-up
    has been done where it belongs.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Until `main` listens to signals, Ctrl-C would end in the traceback of an import.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError, ValueError):  # the reader is gone, or the stream was closed
                stream.flush()
        os._exit(end.code)
