"""The text of a configuration, handed to a command by the program that started it.

The dreams of the daemon follow the configuration that it follows, whatever stands in the file by now: that may be one
that it refused, or half of one that somebody writes just now.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from kairos.errors import UsageError

CONFIG_FD = "KAIROS_CONFIG_FD"
"""The environment variable that holds the number of the descriptor."""


@contextmanager
def handed(text: str) -> Iterator[int]:
    """Yield a descriptor that holds a text: of a file without a name, in memory where the system has such."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("kairos-config")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    try:
        with open(fd, "wb", closefd=False) as out:
            out.write(text.encode())
        yield fd
    finally:
        os.close(fd)


def take_handed(env: MutableMapping[str, str]) -> str | None:
    """Return the text that was handed to this command; None where none was.

    It is taken out of the environment, since the programs that we start have no such descriptor. Raises UsageError
    where there is none to read: the file could say something else than what was meant.
    """
    number = env.pop(CONFIG_FD, None)
    if number is None:
        return None
    try:
        fd = int(number)
        text = os.pread(fd, os.fstat(fd).st_size, 0).decode()
        os.close(fd)
    except (OSError, OverflowError, ValueError):
        raise UsageError(
            f"{CONFIG_FD} names no configuration that was handed over.",
            "Unset it: kairosd alone sets it, for its dreams.",
        ) from None
    return text
