"""Starts a dream modestly: `python launch.py PARENT NICENESS SECONDS COMMAND…` becomes COMMAND.

Runs before anything else of the child, by its path and without site-packages, so it imports only the standard library.
A wish that the system or the sandbox refuses is none that a dream could fail for: the daemon watches over memory and
time by itself.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

_OOM_SCORE = b"500"
_PR_SET_PDEATHSIG = 1
_IOPRIO_SET = {"x86_64": 251, "i686": 289, "ppc64le": 273, "s390x": 282}
_IOPRIO_SET_ELSEWHERE = 30  # aarch64, riscv64, loongarch64: the table that all newer machines share
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_IDLE = 3 << 13


def main() -> None:
    """Become the command."""
    parent, niceness, seconds, *command = sys.argv[1:]
    be_modest(int(niceness))
    die_with(int(parent))
    # The daemon sees to the time limit; this one is for the day on which it cannot. It outlives exec.
    signal.alarm(int(seconds))
    try:
        os.execv(command[0], command)  # noqa: S606 - the point of this program
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run ({error.strerror}).")


def be_modest(niceness: int) -> None:
    """Give way for processor and disk, be the first to go when memory is short, leave no core dump."""
    with suppress(OSError):
        os.nice(niceness)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold note text
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_bytes(_OOM_SCORE)
        number = _IOPRIO_SET.get(os.uname().machine, _IOPRIO_SET_ELSEWHERE)
        ctypes.CDLL(None).syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)


def die_with(parent: int) -> None:
    """Be asked to end when the parent is gone, where the system knows such a thing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before we could ask
        sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
