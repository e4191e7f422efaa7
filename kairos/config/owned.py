"""Whose the cache is: `sudo kairos` leaves nothing of root's in the cache of the user whose HOME it keeps."""

from __future__ import annotations

import os
from pathlib import Path


def is_ours(directory: Path) -> bool:
    """Whether a directory, or where it would be made, belongs to us. Raises OSError."""
    there = next(one for one in (directory, *directory.parents) if one.exists())
    return there.stat().st_uid == os.geteuid()


def make_ours(directory: Path) -> None:
    """Make a directory of the cache, for our eyes only, if it is not there. Raises OSError, also for another user's."""
    if not is_ours(directory):
        raise PermissionError(None, f"{directory} belongs to another user")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
