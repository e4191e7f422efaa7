"""The sha256 of large files, computed once and remembered until they change."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from kairos.ml.atomic_write import replace_file

NAME = "checksums.json"
"""Name of the file that remembers the checksums of models."""
_MIN_AGE = 2_000_000_000
"""Age in ns from which on a file's checksum is remembered: a file just written may change again without a new mtime."""


def checksum(file: Path) -> str:
    """Return the sha256 of a file. Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class FileChecksums:
    """Checksums keyed by a file's real path, size, mtime and inode, remembered in the file at `path`.

    A checksum that cannot be remembered is just computed again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known = _read(path) if path is not None else {}
        self._changed = False

    def of(self, file: Path) -> str:
        """Return the sha256 of a file. Raises OSError."""
        now = file.stat()
        place, state = os.path.realpath(file), [now.st_size, now.st_mtime_ns, now.st_ino]
        known = self._known.get(place)
        if known is not None and known[:-1] == state:
            return str(known[-1])
        found = checksum(file)
        if time.time_ns() - now.st_mtime_ns > _MIN_AGE:
            self._known[place] = [*state, found]
            self._changed = True
        return found

    def remember(self) -> None:
        """Write new checksums to the file, if possible."""
        if self._path is None or not self._changed:
            return
        self._changed = False
        with suppress(OSError):
            replace_file(self._path, [json.dumps(self._known).encode()])


def _read(path: Path) -> dict[str, list[object]]:
    """Return the file's well-formed rows; an unreadable file has none."""
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {place: row for place, row in known.items() if isinstance(row, list) and len(row) == 4}
