"""Tells which differences in a root are Kairos' own: files that it wrote, or that a dream has read, are no change.

The state records what every dream, undo or decision did, whoever started it. The daemon's own dreams also report which
files they wrote, but not whether somebody has written to those since.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from kairos.errors import KairosError
from kairos.store.database import NAME
from kairos.store.digests import ABSENT
from kairos.store.known import KnownFile, known_files
from kairos.store.overview import open_overview
from kairos_service.census import Census, after_dream, changed_paths
from kairos_service.logs import fields
from kairos_service.looks import heartbeat
from kairos_service.packed import Stamp

_LOG = logging.getLogger(__name__)
_MOST = 1_000
"""If more files than this changed, a dream is wanted anyway, and they are not examined one by one."""


def baseline_without_own_writes(state_dir: Path, root: Path, before: Census, count: Census) -> Census:
    """Return the next baseline: `before`, updated for the files that are as Kairos knows them.

    Only files that differ and that Kairos knows are read: their bytes must be those that a dream read or a transaction
    left. A file that cannot be read counts as changed.
    """
    paths = list(islice(changed_paths(before, count), _MOST + 1))
    ours = matching_known_state(state_dir, root, paths, count) if len(paths) <= _MOST else ()
    return after_dream(before, count, ours) if ours else before


def matching_known_state(
    state_dir: Path, root: Path, paths: Collection[str], count: Census
) -> Collection[str]:
    """Return the paths whose file is, or is gone, as Kairos knows it; none if the state cannot be read."""
    if not paths or not (state_dir / NAME).exists():
        return ()
    try:
        with open_overview(state_dir) as state:
            known = known_files(state, str(root), paths)
    except (KairosError, OSError) as error:
        _LOG.warning("the state cannot be read", extra=fields(error=error))
        return ()
    return [
        path for path, file in known.items() if _matches_known_state(root / path, count.files.get(path), file)
    ]


def _matches_known_state(path: Path, stamp: Stamp | None, known: KnownFile) -> bool:
    if stamp is None or known.sha256 == ABSENT:
        return stamp is None and known.sha256 == ABSENT
    if known.mtime_ns not in {None, stamp.mtime_ns}:
        return False
    heartbeat()
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
            status = os.fstat(file.fileno())
            is_what_was_counted = (status.st_size, status.st_mtime_ns) == (stamp.size, stamp.mtime_ns)
            return is_what_was_counted and hashlib.file_digest(file, "sha256").hexdigest() == known.sha256
    except OSError:
        return False
