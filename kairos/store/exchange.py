"""The one system call that Python does not offer: `renameat2` with `RENAME_EXCHANGE`."""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import Any

_RENAME_EXCHANGE = 2


def exchange_names(first: str, second: str, dir_fd: int) -> None:
    """Swap two names in one directory at one instant. Raises OSError, ENOSYS where there is no such call."""
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(dir_fd, os.fsencode(first), dir_fd, os.fsencode(second), _RENAME_EXCHANGE):
        import ctypes  # noqa: PLC0415 - loaded by now

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), first, None, second)


@cache
def _renameat2() -> Any:  # noqa: ANN401 - a function of the C library, or None
    import ctypes  # noqa: PLC0415 - `kairos status` starts without it

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return call
