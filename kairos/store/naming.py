"""Giving a file a free name, on file systems of every kind."""

from __future__ import annotations

import errno
import os

from kairos.store.disk import Disk

NO_SUCH_RENAME = frozenset({errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP})
"""Errors of a file system that cannot exchange names, or cannot rename without replacing."""

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


def rename_if_free(disk: Disk, temporary: str, name: str, *, parent: int) -> None:
    """Durably give a finished file a free name. Raises FileExistsError, with nothing changed, if it is taken.

    This is done by a hard link if the file system has them; FAT and some others do not, but can rename without
    replacing. Where neither works, checking the name right before the rename is all that is left.
    """
    try:
        disk.link(temporary, name, dir_fd=parent)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        disk.fsync(parent)
        disk.unlink(temporary, dir_fd=parent)
        return
    try:
        disk.rename_to_free_name(temporary, name, dir_fd=parent)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_SUCH_RENAME:
            raise
        if _is_taken(name, parent):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from None
        disk.rename(temporary, name, dir_fd=parent)
    disk.fsync(parent)


def _is_taken(name: str, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
