"""The compiled models in the cache: marking them as used, and finding those unused for so long that they can go."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

MODELS = "models"
UNUSED_DAYS = 30
"""A compiled model that was unused for this long is removed; if it is needed after all, it is compiled again."""
_DAY_SECONDS = 86_400


def mark_used(folder: Path) -> None:
    """Record that a compiled model is in use: touches its folder, if it is ours, at most once a day."""
    with suppress(OSError):  # if the cache cannot be written, nothing is removed from it either
        known = folder.stat()
        if known.st_uid == os.geteuid() and known.st_mtime < time.time() - _DAY_SECONDS:
            os.utime(folder)


def unused_models(cache_dir: Path, now: datetime) -> tuple[Path, ...]:
    """Return the folders of compiled models, complete or not, that were unused for `UNUSED_DAYS`."""
    before = (now - timedelta(days=UNUSED_DAYS)).timestamp()
    folders = (
        path for path in sorted((cache_dir / MODELS).glob("*")) if path.is_dir() and not path.is_symlink()
    )
    return tuple(folder for folder in folders if folder.stat().st_mtime < before)


def size_of(folders: Iterable[Path]) -> int:
    """Return the size of the files in some folders, in bytes."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
