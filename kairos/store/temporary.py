"""Temporary files: written in full next to a file of a root, so that a rename can give them its name at once."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress

from kairos.store.attributes import copy_attributes, give_attributes
from kairos.store.disk import CREATE, READ, Disk, opened, write_all

TEMPORARY = re.compile(r"\.kairos-[0-9a-f]{16}\.(tmp|old)")
"""Names of the temporary files of a write that is under way; those ending in `.old` are `swap.ASIDE`."""


def temporary_name() -> str:
    """Return a new name for a temporary file; after a crash `sweep` removes what still has it."""
    return f".kairos-{secrets.token_hex(8)}.tmp"


def write_temporary(
    disk: Disk,
    name: str,
    data: bytes,
    *,
    parent: int,
    like: str | Mapping[str, bytes],
    mode: int,
    owner: tuple[int, int] | None,
    mtime_ns: int | None = None,
) -> None:
    """Durably write a new file in the directory `parent`.

    It gets the extended attributes `like`, or those of the file with that name, and `owner` as far as the system
    allows. Raises OSError, and StorageError if an attribute of that file cannot be kept.
    """
    with opened(disk, name, CREATE, dir_fd=parent) as fd:
        write_all(disk, fd, data)
        now = os.fstat(fd)
        if owner is not None and owner != (now.st_uid, now.st_gid):
            with suppress(OSError):  # only root may give files away
                disk.chown(fd, *owner)
        if isinstance(like, str):
            _copy_attributes(disk, like, parent, fd)
        else:
            give_attributes(disk, fd, like)
        disk.chmod(fd, mode)
        if mtime_ns is not None:
            disk.utime(fd, mtime_ns)
        disk.fsync(fd)


def _copy_attributes(disk: Disk, name: str, parent: int, fd: int) -> None:
    # If the file is gone since it was read, the replacement fails anyway.
    with suppress(FileNotFoundError), opened(disk, name, READ, dir_fd=parent) as replaced:
        copy_attributes(disk, replaced, fd, called=name)
