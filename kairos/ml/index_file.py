"""One file for an index and the keys of its vectors, so that the two can never disagree.

A line that says what it is, a line of JSON (the keys, which model the vectors are of, the sizes of the parts, the
sha256 of all), then the parts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kairos.ml.replaced import replacing

_KIND = b"kairos neighbours "
_MAGIC = _KIND + b"5\n"

Piece = bytes | memoryview
Part = Piece | Callable[[Callable[[Piece], object]], object]
"""Bytes, or what gives them to what it is called with, piece by piece: those of all vectors are never held twice."""


class IndexFileError(Exception):
    """The file cannot be used; the message completes "The neighbour index …"."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What the file holds; the order of `keys` is what the parts refer to, `model` is the fingerprint of a model.

    Each part has its own memory, so that it goes when nobody uses it any more, whatever becomes of the others.
    """

    model: str
    keys: tuple[str, ...]
    parts: tuple[bytes, ...]


def read_index_file(path: Path) -> IndexFile | None:
    """Return the content of the file at `path`; None where there is none, or one of another version of Kairos.

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
    try:
        fields = json.loads(file.readline())
        keys, sizes, expected = tuple(fields["keys"]), list(map(int, fields["sizes"])), fields["sha256"]
        model = str(fields["model"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexFileError("is not readable") from error
    left = os.fstat(file.fileno()).st_size - file.tell()
    if magic != _MAGIC or min(sizes, default=0) < 0 or sum(sizes) != left:
        raise IndexFileError("is damaged")
    parts = tuple(map(file.read, sizes))
    if _checksum(model, keys, sizes, parts) != expected:
        raise IndexFileError("is damaged")
    return IndexFile(model, keys, parts)


def write_index_file(path: Path, keys: Sequence[str], parts: Sequence[Part], model: str = "") -> None:
    """Replace the file at `path` durably: a crash leaves the old or the new one. Raises OSError."""
    sizes = list(map(_size, parts))
    fields = {"keys": list(keys), "model": model, "sizes": sizes}
    fields["sha256"] = _checksum(model, keys, sizes, parts)
    with replacing(path) as file:
        file.writelines((_MAGIC, json.dumps(fields).encode(), b"\n"))
        for part in parts:
            _give(part, file.write)


def _checksum(model: str, keys: Sequence[str], sizes: Sequence[int], parts: Sequence[Part]) -> str:
    digest = hashlib.sha256(json.dumps([model, list(keys), list(sizes)]).encode())
    for part in parts:
        _give(part, digest.update)
    return digest.hexdigest()


def _size(part: Part) -> int:
    sizes: list[int] = []
    _give(part, lambda piece: sizes.append(len(piece)))
    return sum(sizes)


def _give(part: Part, to: Callable[[Piece], object]) -> None:
    if callable(part):
        part(to)
    else:
        to(part)
