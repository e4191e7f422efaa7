"""Append-only cache files: a header, then parts, each framed by its length and its sha256.

An incomplete or damaged part is ignored, and so is everything after it. Appending therefore needs no fsync: after a
crash the file reads as it did before.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kairos.ml.atomic_write import replace_file

Chunk = bytes | memoryview
_LENGTH = 8  # bytes, big-endian
_FRAME = _LENGTH + hashlib.sha256().digest_size


class FileState(NamedTuple):
    """Identity and state of the file that was read: a part may be appended only while these are the same."""

    device: int
    inode: int
    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class AppendFile:
    """The parts of a file, and its `end`, where the next one goes; None if the file ends with anything but a part."""

    parts: tuple[memoryview, ...]
    end: FileState | None


def read_parts(path: Path, head: bytes) -> AppendFile:
    """Return the parts of the file at `path`, which begins with `head`.

    The file is read, not mapped: truncating a mapped file kills the processes that access it. Raises OSError, also for
    a file of another user, and ValueError for one that begins with something else.
    """
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to another user")
        data = memoryview(file.read())
    if data[: len(head)] != head:
        raise ValueError(f"{path} is another kind of file")
    parts, at = [], len(head)
    while (part := _part_at(data, at)) is not None:
        parts.append(part)
        at += _FRAME + len(part)
    return AppendFile(tuple(parts), _end(found) if at == len(data) == found.st_size else None)


def create_file(path: Path, head: bytes, part: Sequence[Chunk]) -> None:
    """Replace the file at `path` by one with a single part, given in chunks. Raises OSError."""
    replace_file(path, (head, _frame(part), *part))


def append_part(path: Path, end: FileState, part: Sequence[Chunk]) -> bool:
    """Append a part, given in chunks, to the file at `path` if it still is the one read; return whether it was.

    Raises OSError, also if another process is appending.
    """
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _end(os.fstat(file.fileno())) != end:
            return False
        file.seek(end.size)
        file.writelines((_frame(part), *part))
    return True


def size_of(part: Iterable[Chunk]) -> int:
    """Return the size in bytes of a part given in chunks."""
    return sum(map(len, part))


def _part_at(data: memoryview, at: int) -> memoryview | None:
    length = int.from_bytes(data[at : at + _LENGTH], "big")
    part = data[at + _FRAME : at + _FRAME + length]
    return part if data[at : at + _FRAME] == _frame((part,)) else None


def _frame(part: Iterable[Chunk]) -> bytes:
    length, digest = 0, hashlib.sha256()
    for chunk in part:
        length += len(chunk)
        digest.update(chunk)
    return length.to_bytes(_LENGTH, "big") + digest.digest()


def _end(found: os.stat_result) -> FileState:
    return FileState(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
