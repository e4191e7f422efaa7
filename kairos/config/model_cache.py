"""The compiled models in the cache: which of them are used, and which nobody used for so long that they can go."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

MODELS = "models"
UNUSED_DAYS = 30
"""A compiled model that nothing used for so long goes; one that is wanted after all is compiled again."""
_DAY_SECONDS = 86_400


def mark_used(folder: Path) -> None:
    """Note that a compiled model is used: once a day its folder gets the time, if it is ours."""
    with suppress(OSError):  # of a cache that cannot be written, nothing can be taken out either
        known = folder.stat()
        if known.st_uid == os.geteuid() and known.st_mtime < time.time() - _DAY_SECONDS:
            os.utime(folder)


def unused_models(cache_dir: Path, now: datetime) -> tuple[Path, ...]:
    """Return the folders of compiled models, whole or half, that nothing used for `UNUSED_DAYS`."""
    before = (now - timedelta(days=UNUSED_DAYS)).timestamp()
    folders = (
        path for path in sorted((cache_dir / MODELS).glob("*")) if path.is_dir() and not path.is_symlink()
    )
    return tuple(folder for folder in folders if folder.stat().st_mtime < before)


def size_of(folders: Iterable[Path]) -> int:
    """Return how many bytes are in some folders."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
