"""The one system call that Python does not offer: `renameat2`, with `RENAME_EXCHANGE` and `RENAME_NOREPLACE`."""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import Any

_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2


def exchange_names(first: str, second: str, dir_fd: int) -> None:
    """Atomically swap two names in one directory. Raises OSError; ENOSYS if there is no such call."""
    _rename(first, second, dir_fd, _RENAME_EXCHANGE)


def rename_to_free_name(source: str, target: str, dir_fd: int) -> None:
    """Rename within one directory, without replacing.

    Raises FileExistsError if `target` exists; OSError as `exchange_names` does.
    """
    _rename(source, target, dir_fd, _RENAME_NOREPLACE)


def _rename(source: str, target: str, dir_fd: int, flag: int) -> None:
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(dir_fd, os.fsencode(source), dir_fd, os.fsencode(target), flag):
        import ctypes  # noqa: PLC0415 - loaded by now

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)


@cache
def _renameat2() -> Any:  # noqa: ANN401 - a function of the C library, or None
    import ctypes  # noqa: PLC0415 - `kairos status` starts without it

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return call
