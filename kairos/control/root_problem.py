"""What is wrong with the directory of a root, in the words of the daemon and of `kairos status`."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

GONE = "It no longer exists."
"""The problem of a root whose directory used to be there."""

NEVER_THERE = "It does not exist."
"""The problem of a root whose directory nobody has ever seen."""


def root_problem(real: Path) -> str | None:
    """Return what is wrong with the directory of a root, given by its real path; None if nothing is."""
    try:
        return access_problem(real, real.stat())
    except OSError as error:
        return absence_problem(error, was_there=False)


def absence_problem(error: OSError, *, was_there: bool) -> str:
    """Return the problem of a root that cannot be found."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return GONE if was_there else NEVER_THERE
    if error.errno == errno.ELOOP:
        return "It is a symbolic link that points to itself."
    return f"It cannot be accessed: {error.strerror}."


def access_problem(real: Path, status: os.stat_result) -> str | None:
    """Return why an existing root cannot be looked after, if it cannot."""
    if not stat.S_ISDIR(status.st_mode):
        return "It is not a directory."
    if not os.access(real, os.R_OK | os.X_OK):
        return "It cannot be read by your user."
    if status.st_uid != os.geteuid() and not os.access(real, os.W_OK):
        return "It belongs to another user, and your user may not write there."
    return None
