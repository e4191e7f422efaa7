"""Starts a dream at low priority: `python launch.py PARENT NICENESS SECONDS COMMAND…` becomes COMMAND.

It runs before anything else in the child, by its path and without site-packages, so it imports only the standard
library. If the system or the sandbox refuses one of its settings, the dream goes on without: the daemon supervises
memory and time itself.
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
_IOPRIO_SET_ELSEWHERE = 30  # the generic table that newer architectures share: aarch64, riscv64, loongarch64
_IOPRIO_WHO_PROCESS = 1
_IOPRIO_IDLE = 3 << 13


def main() -> None:
    """Become the command."""
    parent, niceness, seconds, *command = sys.argv[1:]
    be_modest(int(niceness))
    die_with(int(parent))
    # A backstop: normally the daemon enforces the time limit. The alarm survives exec.
    signal.alarm(int(seconds))
    try:
        os.execv(command[0], command)  # noqa: S606 - the point of this program
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run ({error.strerror}).")


def be_modest(niceness: int) -> None:
    """Lower the CPU and I/O priority, be an early victim when memory is short, and leave no core dump."""
    with suppress(OSError):
        os.nice(niceness)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would contain note text
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_bytes(_OOM_SCORE)
        number = _IOPRIO_SET.get(os.uname().machine, _IOPRIO_SET_ELSEWHERE)
        ctypes.CDLL(None).syscall(number, _IOPRIO_WHO_PROCESS, 0, _IOPRIO_IDLE)


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent dies (Linux only); exit if it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the request took effect
        sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
