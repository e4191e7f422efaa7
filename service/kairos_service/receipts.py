"""What changed in a root through Kairos itself, or was read by a dream: no change, whoever began it.

What was done, by a dream, an undo, a decision, stands in the state. A dream of the daemon's own says which files it
wrote, but not what somebody wrote into them since.
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
from kairos.store.known import GONE, KnownFile, known_files
from kairos.store.overview import open_overview
from kairos_service.census import Census, after_dream, changed_paths
from kairos_service.logs import note
from kairos_service.looks import still_here
from kairos_service.packed import Stamp

_LOG = logging.getLogger(__name__)
_MOST = 1_000
"""Where more changed, a dream is wanted anyhow, and nobody looks at each."""


def without_ours(state_dir: Path, root: Path, before: Census, count: Census) -> Census:
    """Return the count to compare with from now on: `before`, but for the files that are as Kairos knows them.

    These alone are read: their bytes have to be those that a dream read or a receipt names. Anything else that cannot
    be read counts as changed.
    """
    paths = list(islice(changed_paths(before, count), _MOST + 1))
    ours = as_known(state_dir, root, paths, count) if len(paths) <= _MOST else ()
    return after_dream(before, count, ours) if ours else before


def as_known(state_dir: Path, root: Path, paths: Collection[str], count: Census) -> Collection[str]:
    """Return those of the paths where a file is, or is not, as Kairos knows it; none where the state cannot be read."""
    if not paths or not (state_dir / NAME).exists():
        return ()
    try:
        with open_overview(state_dir) as state:
            known = known_files(state, str(root), paths)
    except (KairosError, OSError) as error:
        _LOG.warning("the state cannot be read", extra=note(error=error))
        return ()
    return [path for path, file in known.items() if _is_as_known(root / path, count.files.get(path), file)]


def _is_as_known(path: Path, stamp: Stamp | None, known: KnownFile) -> bool:
    if stamp is None or known.sha256 == GONE:
        return stamp is None and known.sha256 == GONE
    if known.mtime_ns not in {None, stamp.mtime_ns}:
        return False
    still_here()
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
            status = os.fstat(file.fileno())
            is_what_was_counted = (status.st_size, status.st_mtime_ns) == (stamp.size, stamp.mtime_ns)
            return is_what_was_counted and hashlib.file_digest(file, "sha256").hexdigest() == known.sha256
    except OSError:
        return False
