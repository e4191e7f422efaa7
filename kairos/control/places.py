"""The files through which the daemon is reached. All are in the state directory.

A runtime directory would be the usual place for a socket, but `kairosd` under systemd, `kairos` in a terminal
and `kairos` in a cron job see different ones, or none. They always share the state directory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kairos.errors import DaemonError

_LONGEST = 107 if sys.platform == "linux" else 103
"""The longest path of a Unix socket, in bytes."""


def socket_file(state_dir: Path) -> Path:
    """Return the socket on which the daemon of a state directory listens."""
    return state_dir / "kairosd.sock"


def lock_file(state_dir: Path) -> Path:
    """Return the file that a running daemon holds locked."""
    return state_dir / "kairosd.lock"


def touched_directory(state_dir: Path) -> Path:
    """Return the directory where agents leave notices that a root has changed."""
    return state_dir / "touched"


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Yield a socket address for `path`, however long that is; valid only within the context.

    Raises DaemonError if the path is too long and the system offers no way around its limit.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    if sys.platform != "linux":
        raise DaemonError(
            f"{path} is too long for a socket: this system takes {_LONGEST} bytes.",
            "Set state_dir in the configuration to a shorter path.",
        )
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
