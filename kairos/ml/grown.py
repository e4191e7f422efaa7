"""Files of the cache that grow: what is new is appended, part by part, each with its length and its sha256.

A part of which only a half was written, or that was damaged since, counts for nothing, nor does what stands behind it.
So nobody waits until an appended part is on the disk: after a crash the file is what it was before.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kairos.ml.replaced import replace_file

Chunk = bytes | memoryview
_LENGTH = 8  # bytes, the highest first
_FRAME = _LENGTH + hashlib.sha256().digest_size


class End(NamedTuple):
    """Which file was read, and as it was when: what is appended to any other would not follow from it."""

    device: int
    inode: int
    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Grown:
    """The parts of a file, and where the next one goes; None where something that is no part stands there."""

    parts: tuple[memoryview, ...]
    end: End | None


def read_grown(path: Path, head: bytes) -> Grown:
    """Return the parts of the file at `path`, which begins with `head`.

    It is read and not mapped: a mapped file that somebody cuts short kills whoever looks at it. Raises OSError, also
    for the file of another user, and ValueError for one that begins with something else.
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
    return Grown(tuple(parts), _end(found) if at == len(data) == found.st_size else None)


def begin_grown(path: Path, head: bytes, part: Sequence[Chunk]) -> None:
    """Replace the file at `path` by one with one part, which is given in chunks. Raises OSError."""
    replace_file(path, (head, _frame(part), *part))


def append_grown(path: Path, end: End, part: Sequence[Chunk]) -> bool:
    """Append a part to the file at `path`, and return whether that was done: only to the very one that was read.

    Raises OSError, also where somebody else is about to do the same.
    """
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _end(os.fstat(file.fileno())) != end:
            return False
        file.seek(end.size)
        file.writelines((_frame(part), *part))
    return True


def size_of(part: Iterable[Chunk]) -> int:
    """Return the bytes of a part that is given in chunks."""
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


def _end(found: os.stat_result) -> End:
    return End(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
