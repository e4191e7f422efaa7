"""Original bytes, kept under their sha256: what undo, recovery and the attic read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from kairos.errors import StateError
from kairos.store.disk import DISK, Disk, explained, make_private_directory, opened, write_all
from kairos.store.tree import open_below, sha256

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class Objects:
    """A directory of files `ab/cdef…`, named by the sha256 of what they hold."""

    def __init__(self, directory: Path, disk: Disk = DISK) -> None:
        self._directory = str(directory)
        self._disk = disk

    def put(self, data: bytes) -> str:
        """Keep some bytes durably and return their sha256."""
        digest = sha256(data)
        if self.holds(digest):
            return digest
        with explained("keep a copy of a note in the journal"):
            make_private_directory(self._disk, f"{self._directory}/{digest[:2]}")
            with opened(self._disk, self._directory, os.O_RDONLY | os.O_DIRECTORY) as top:
                self._disk.fsync(top)
                shelf = open_below(self._disk, top, [digest[:2]])
                try:
                    self._write(shelf, digest[2:], data)
                finally:
                    os.close(shelf)
        return digest

    def holds(self, digest: str) -> bool:
        """Whether the bytes with this sha256 are kept, undamaged."""
        try:
            return sha256(self._path(digest).read_bytes()) == digest
        except OSError:
            return False

    def get(self, digest: str) -> bytes:
        """The bytes with this sha256; raises StateError if they are gone or damaged."""
        try:
            data = self._path(digest).read_bytes()
        except OSError as error:
            raise StateError(
                f"The journal has lost the bytes {digest[:12]}… ({error.strerror}).",
                f"Restore {self._directory} from a backup.",
            ) from error
        if sha256(data) != digest:
            raise StateError(
                f"The journal's copy {digest[:12]}… is damaged.", f"Restore {self._directory} from a backup."
            )
        return data

    def _path(self, digest: str) -> Path:
        return Path(self._directory, digest[:2], digest[2:])

    def _write(self, shelf: int, name: str, data: bytes) -> None:
        temporary = f"tmp-{secrets.token_hex(8)}"
        try:
            with opened(self._disk, temporary, _CREATE, dir_fd=shelf) as fd:
                write_all(self._disk, fd, data)
                self._disk.fsync(fd)
            self._disk.rename(temporary, name, dir_fd=shelf)
        except BaseException:
            with suppress(OSError):
                self._disk.unlink(temporary, dir_fd=shelf)
            raise
        self._disk.fsync(shelf)
