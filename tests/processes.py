"""Other processes: waiting for those that were started by what is tested, and one that holds a root's lock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

_HOLDER = """
import sys
from pathlib import Path
from kairos.store.lock import RootLock
with RootLock(Path(sys.argv[1]), Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holding_lock(locks: Path, root: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """Hold the lock of a root in another process, as a child of the daemon does; killing it lets go of the lock."""
    return _holding(_HOLDER, str(locks), str(root))


@contextmanager
def _holding(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def running(pid: int) -> bool:
    """Whether a process exists that has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 30) -> bool:
    """Wait until a process has ended; return whether it has."""
    deadline = time.monotonic() + seconds
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not running(pid)


def number_in(path: Path, seconds: float = 60) -> int:
    """Wait until a process has written a number to a file."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text(encoding="ascii")).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(f"nothing wrote {path}")


_FLOCKER = """
import fcntl, sys
with open(sys.argv[1], "a+", encoding="utf-8") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def holding_flock(lock: Path) -> AbstractContextManager[subprocess.Popen[str]]:
    """Hold a flock on a file in another process, as Hermes does; closing its input lets go of it."""
    return _holding(_FLOCKER, str(lock))
