"""Replace cache files atomically: a crash leaves either the old file or the new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kairos.config.owned import make_private_directory


def replace_file(path: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Replace the file at `path` by one that only its owner can read. Raises OSError, also in another user's cache."""
    with atomic_writer(path) as file:
        file.writelines(chunks)


@contextmanager
def atomic_writer(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that replaces the one at `path` if the block does not raise; otherwise like `replace_file`."""
    make_private_directory(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
