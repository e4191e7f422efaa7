"""Extended attributes, including access control lists: kept when a file is replaced, and when it comes back."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress

from kairos.errors import StorageError
from kairos.store.disk import Disk

_COMPUTED = frozenset({"security.ima", "security.evm"})
"""What the kernel computes from the content: it would be wrong for other bytes."""
_SYSTEM_PREFIXES = ("security.", "trusted.")
"""Prefixes of what only the system sets: a new file gets it from its directory."""
_UNSUPPORTED = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def copy_attributes(disk: Disk, source: int, target: int, *, called: str) -> None:
    """Give an open file the extended attributes of another one, and remove those that only its directory gave it.

    Raises StorageError, which calls the file `called`, if one of the user's attributes cannot be kept. Python has
    extended attributes on Linux only.
    """
    if not hasattr(os, "listxattr"):
        return
    try:
        names, given = os.listxattr(source), os.listxattr(target)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return  # the file system has none
        raise
    for name in set(given).difference(names):
        if not name.startswith(_SYSTEM_PREFIXES):
            disk.removexattr(target, name)
    for name in names:
        if name not in _COMPUTED:
            _copy(disk, source, target, name, called)


def attributes_of(file: int) -> Mapping[str, bytes]:
    """The extended attributes of an open file, without those that the kernel computes from its bytes."""
    found: dict[str, bytes] = {}
    if hasattr(os, "listxattr"):
        with suppress(OSError):  # that they cannot be read is no reason to keep the file
            for name in os.listxattr(file):
                if name not in _COMPUTED:
                    found[name] = os.getxattr(file, name)
    return found


def give_attributes(disk: Disk, target: int, attributes: Mapping[str, bytes]) -> None:
    """Give a file that comes back its attributes, as far as the file system takes them: the bytes matter more."""
    for name, value in attributes.items():
        with suppress(OSError):
            disk.setxattr(target, name, value)


def _copy(disk: Disk, source: int, target: int, name: str, called: str) -> None:
    try:
        disk.setxattr(target, name, os.getxattr(source, name))
    except OSError as error:
        if not name.startswith(_SYSTEM_PREFIXES):
            raise StorageError(
                f"Could not keep the attribute {name} of {called}: {error.strerror}.",
                f"Remove it (`setfattr -x {name} FILE`), or name the file under `ignore` in the configuration.",
            ) from error
