"""Notices that agents leave for the daemon: this root may have changed.

Each notice is a file that holds the path of a root. Writing one needs neither Python nor a running daemon; see
`examples/hooks`.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from kairos.control.places import touched_directory

_MOST_FILES = 1000
_LONGEST_FILE = 8 * 1024
_UNFINISHED_SECONDS = 60


def take_notices(state_dir: Path) -> tuple[str, ...]:
    """Return the roots that agents left notices about, each once, and remove the files.

    Files that are still being written are left for the next time, for up to a minute.
    """
    found: dict[str, None] = {}
    with suppress(FileNotFoundError), os.scandir(touched_directory(state_dir)) as files:
        for _, file in zip(range(_MOST_FILES), files, strict=False):
            root = _take(file.path)
            if root is not None:
                found[os.path.normpath(root)] = None
    return tuple(found)


def _take(path: str) -> str | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # a link, or gone
        return None
    try:
        about = os.fstat(fd)
        text = os.read(fd, _LONGEST_FILE) if stat.S_ISREG(about.st_mode) else b""
    finally:
        os.close(fd)
    is_whole = text.endswith(b"\n")
    if is_whole or time.time() - about.st_mtime > _UNFINISHED_SECONDS:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - names need not be text
    root = os.fsdecode(text.removesuffix(b"\n"))
    return root if is_whole and root.startswith("/") and "\0" not in root else None
