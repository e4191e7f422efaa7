"""Original bytes, kept under their sha256: what undo, recovery and the attic read."""

from __future__ import annotations

import fcntl
import gzip
import os
import re
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kairos.errors import LockedError, StateError
from kairos.store.digests import sha256
from kairos.store.disk import CREATE, DISK, Disk, opened, storage_errors, write_all
from kairos.store.private import private_below, private_directory

_GZIP_SUFFIX = ".gz"
_OBJECT_NAME = re.compile(r"[0-9a-f]{62}(\.gz)?")
_TEMPORARY_PREFIX = "tmp-"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the directory, with its size on disk.

    `digest` is that of what it holds; None for a half-written file that a crash left.
    """

    digest: str | None
    path: str
    size: int
    mtime_ns: int


class Objects:
    """A directory of files `ab/cdef….gz`, named by the sha256 of their uncompressed content."""

    def __init__(self, directory: Path, disk: Disk = DISK) -> None:
        self._directory = str(directory)
        self._disk = disk

    def put(self, data: bytes) -> str:
        """Store some bytes durably and return their sha256."""
        digest = sha256(data)
        if self.holds(digest):
            return digest
        with (
            storage_errors("keep a copy of a note in the journal"),
            self._opened() as top,
            private_below(top, Path(self._directory, digest[:2]), self._disk) as shelf,
        ):
            self._disk.fsync(top)
            self._write(shelf, f"{digest[2:]}{_GZIP_SUFFIX}", gzip.compress(data, mtime=0))
        return digest

    def holds(self, digest: str) -> bool:
        """Whether the bytes with this sha256 are stored, undamaged."""
        try:
            data = self._read(digest)
        except OSError:
            return False
        return data is not None and sha256(data) == digest

    def get(self, digest: str) -> bytes:
        """The bytes with this sha256; raises StateError if they are missing or damaged."""
        try:
            data = self._read(digest)
        except OSError as error:
            raise StateError(
                f"The journal has lost the original {digest[:12]}… ({error.strerror or error}).",
                f"Restore {self._directory} from a backup.",
            ) from error
        if data is None or sha256(data) != digest:
            raise StateError(
                f"The journal's copy {digest[:12]}… is damaged.", f"Restore {self._directory} from a backup."
            )
        return data

    def where(self, digest: str) -> str:
        """Path of the file with these bytes; one that ends in `.gz` is read by gunzip."""
        path = f"{self._directory}/{digest[:2]}/{digest[2:]}"
        return path if Path(path).exists() else f"{path}{_GZIP_SUFFIX}"

    def all(self) -> Iterator[Kept]:
        """Every file of the directory, in no particular order; files that are not ours are left out."""
        for shelf in _scan(self._directory):
            for file in _scan(shelf.path) if shelf.is_dir(follow_symlinks=False) else ():
                whole = bool(_OBJECT_NAME.fullmatch(file.name))
                if whole or file.name.startswith(_TEMPORARY_PREFIX):
                    status = file.stat(follow_symlinks=False)
                    digest = shelf.name + file.name.removesuffix(_GZIP_SUFFIX) if whole else None
                    yield Kept(digest, file.path, status.st_size, status.st_mtime_ns)

    def remove(self, kept: Kept) -> None:
        """Delete a file; only while holding `exclusive`."""
        path = Path(kept.path)
        with (
            storage_errors(f"remove {kept.path}"),
            self._opened() as top,
            private_below(top, path.parent, self._disk) as shelf,
        ):
            self._disk.unlink(path.name, dir_fd=shelf)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """In the block nothing that was stored is removed, whether or not the journal names it yet."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """In the block nobody stores anything. Raises LockedError while somebody holds `shared`."""
        try:
            with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield
        except BlockingIOError as error:
            raise LockedError(
                "A dream or an undo is writing to the journal.", "Wait for it to finish, then run it again."
            ) from error

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with storage_errors(f"lock {self._directory}"), self._opened() as top:
            fd = self._disk.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, dir_fd=top)
        try:
            fcntl.flock(fd, how)
            yield
        finally:
            os.close(fd)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the directory, after checking the state directory that it is in."""
        path = Path(self._directory)
        with (
            private_directory(path.parent, self._disk) as above,
            private_below(above, path, self._disk) as top,
        ):
            yield top

    def _read(self, digest: str) -> bytes | None:
        """The bytes of a file; None if they are damaged. Raises OSError if there is no such file."""
        path = Path(self._directory, digest[:2], digest[2:])
        try:
            packed = path.with_name(f"{path.name}{_GZIP_SUFFIX}").read_bytes()
        except FileNotFoundError:
            return path.read_bytes()  # an earlier Kairos stored them uncompressed
        try:
            return gzip.decompress(packed)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return None

    def _write(self, shelf: int, name: str, data: bytes) -> None:
        temporary = f"{_TEMPORARY_PREFIX}{secrets.token_hex(8)}"
        try:
            with opened(self._disk, temporary, CREATE, dir_fd=shelf) as fd:
                write_all(self._disk, fd, data)
                self._disk.fsync(fd)
            self._disk.rename(temporary, name, dir_fd=shelf)
        except BaseException:
            with suppress(OSError):
                self._disk.unlink(temporary, dir_fd=shelf)
            raise
        self._disk.fsync(shelf)


def _scan(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
