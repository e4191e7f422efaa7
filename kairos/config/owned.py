"""Ownership of the cache: `sudo kairos` must not leave root's files in the cache of the user whose HOME it keeps."""

from __future__ import annotations

import os
from pathlib import Path


def is_owned_by_us(directory: Path) -> bool:
    """Whether a directory belongs to us; if it does not exist, its nearest existing parent. Raises OSError."""
    there = next(one for one in (directory, *directory.parents) if one.exists())
    return there.stat().st_uid == os.geteuid()


def make_private_directory(directory: Path) -> None:
    """Create a private cache directory if it does not exist. Raises OSError, also if it would be another user's."""
    if not is_owned_by_us(directory):
        raise PermissionError(None, f"{directory} belongs to another user")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
