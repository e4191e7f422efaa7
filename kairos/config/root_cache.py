"""The files of the cache that belong to one root, and those whose root is gone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

INDEXES, RESTS = "indexes", "rests"


def root_file(cache_dir: Path, folder: str, root: str, kind: str) -> Path:
    """Return the file of a root (by its real path) in a folder of the cache."""
    return cache_dir / folder / f"{_name(root)}.{kind}"


def files_of(cache_dir: Path, root: str) -> tuple[Path, ...]:
    """Return all cache files of a root (by its real path)."""
    return tuple(
        file for folder in (INDEXES, RESTS) for file in (cache_dir / folder).glob(f"{_name(root)}.*")
    )


def strays(cache_dir: Path, roots: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of roots that are gone or not among `roots`. They should not stay: they tell what notes said."""
    names = {_name(os.path.realpath(root)) for root in roots if Path(root).is_dir()}
    found = (file for folder in (INDEXES, RESTS) for file in sorted((cache_dir / folder).glob("*")))
    return tuple(file for file in found if file.name.split(".")[0] not in names and file.is_file())


def _name(root: str) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
