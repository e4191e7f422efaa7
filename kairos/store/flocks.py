"""The locks under which an agent writes single files of a root: a flock on `<file>.lock`, held as it holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from kairos.errors import LockedError
from kairos.store.disk import Disk, storage_errors
from kairos.store.tree import Tree, rightful_owner

_ENDING = ".lock"
_MODE = 0o666
"""The mode of a new lock file, less what the umask takes away: that of any file that the agent opens for writing."""
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
_PATIENCE_SECONDS = 2.0
"""An agent holds such a lock for as long as it takes to write one small file."""
_PAUSE_SECONDS = 0.02


@contextmanager
def holding_flocks(tree: Tree, names: Iterable[str]) -> Iterator[None]:
    """Hold the locks of files at the top of a root during the block; raises LockedError if the agent does not let go.

    A missing lock file is created, as the agent does before it writes the file; none is ever removed.
    """
    with ExitStack() as held:
        for name in sorted(names):
            with storage_errors(f"lock {tree.name}/{name}"):
                fd = _opened(f"{name}{_ENDING}", tree.fd, tree.disk)
            held.callback(os.close, fd)
            if not _locked_in_time(fd):
                raise LockedError(
                    f"{tree.name}/{name} is being written by its agent, which holds {name}{_ENDING}.",
                    "Wait for it to finish, then run it again.",
                )
        yield


def _opened(name: str, root_fd: int, disk: Disk) -> int:
    try:
        return disk.open(name, _FLAGS, dir_fd=root_fd)
    except FileNotFoundError:
        fd = disk.open(name, _FLAGS | os.O_CREAT, _MODE, dir_fd=root_fd)
    owner = rightful_owner(root_fd)
    if owner is not None:
        disk.chown(fd, *owner)
    return fd


def _locked_in_time(fd: int) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
