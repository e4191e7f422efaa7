"""The format of the index file: one file for an index and the keys of its vectors, so that the two cannot disagree.

A magic line, a line of JSON (the keys, the model of the vectors, the sizes of the parts), the parts, and the sha256 of
the JSON and the parts. The checksum comes last, so that the file is written in one pass and each part produced once.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kairos.ml.atomic_write import atomic_writer

_KIND = b"kairos neighbours "
_MAGIC = _KIND + b"6\n"

Piece = bytes | memoryview


class StreamedPart(NamedTuple):
    """A part of `size` bytes that is streamed: `give` passes it piece by piece to the function it is called with, so
    that the bytes of all vectors are never held twice."""

    size: int
    give: Callable[[Callable[[Piece], object]], object]


Part = Piece | StreamedPart

_SUM = hashlib.sha256().digest_size


class IndexFileError(Exception):
    """The file cannot be used; the message completes "The neighbour index …"."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """The content of the file. Parts refer to `keys` by position; `model` is the fingerprint of the vectors' model.

    Each part has its own memory, so that it is freed as soon as it is no longer used, whatever happens to the others.
    """

    model: str
    keys: tuple[str, ...]
    parts: tuple[bytes, ...]


def read_index_file(path: Path) -> IndexFile | None:
    """Return the content of the file at `path`; None if there is none, or it has another version of the format.

    Raises IndexFileError.
    """
    try:
        with path.open("rb") as file:
            return _content(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IndexFileError(f"cannot be read ({error.strerror})") from error


def _content(file: BinaryIO) -> IndexFile | None:
    magic = file.readline(len(_MAGIC))
    if magic.startswith(_KIND) and magic != _MAGIC:
        return None
    line = file.readline()
    try:
        fields = json.loads(line)
        keys, sizes, model = tuple(fields["keys"]), list(map(int, fields["sizes"])), str(fields["model"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexFileError("is not readable") from error
    left = os.fstat(file.fileno()).st_size - file.tell()
    if magic != _MAGIC or min(sizes, default=0) < 0 or sum(sizes) + _SUM != left:
        raise IndexFileError("is damaged")
    digest = hashlib.sha256(line)
    parts = tuple(map(file.read, sizes))
    for part in parts:
        digest.update(part)
    if file.read(_SUM) != digest.digest():
        raise IndexFileError("is damaged")
    return IndexFile(model, keys, parts)


def write_index_file(path: Path, keys: Sequence[str], parts: Sequence[Part], model: str = "") -> None:
    """Replace the file at `path` durably: a crash leaves either the old or the new one. Raises OSError."""
    sizes = [part.size if isinstance(part, StreamedPart) else len(part) for part in parts]
    line = json.dumps({"keys": list(keys), "model": model, "sizes": sizes}).encode() + b"\n"
    with atomic_writer(path) as file:
        digest = hashlib.sha256()

        def add(piece: Piece) -> None:
            digest.update(piece)
            file.write(piece)

        file.write(_MAGIC)
        add(line)
        for part in parts:
            if isinstance(part, StreamedPart):
                part.give(add)
            else:
                add(part)
        file.write(digest.digest())
