"""Passes the text of a configuration to a command through a file descriptor.

The daemon's dreams use the configuration that the daemon uses, whatever the file contains by now: it may hold one that
the daemon refused, or one that is only half written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from kairos.errors import UsageError

CONFIG_FD = "KAIROS_CONFIG_FD"
"""The environment variable that holds the number of the file descriptor."""


@contextmanager
def config_descriptor(text: str) -> Iterator[int]:
    """Yield the descriptor of an unnamed file that holds a text; in memory if the system supports that."""
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


def read_handed_config(env: MutableMapping[str, str]) -> str | None:
    """Return the text that was handed to this command; None if there is none.

    Removes the variable from the environment, because programs that we start do not inherit the descriptor. Raises
    UsageError if the descriptor cannot be read, rather than fall back to the file, which may say something else.
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
