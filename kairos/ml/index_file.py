"""One file for an index and the keys of its vectors, so that the two can never disagree.

A line that says what it is, a line of JSON (the keys and the payload's sha256), then the payload.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"kairos neighbours 1\n"


class IndexFileError(Exception):
    """The file cannot be used; the message completes "The neighbour index …"."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What the file holds; `keys` are in the order of the payload's vectors."""

    keys: tuple[str, ...]
    payload: bytes


def read_index_file(path: Path) -> IndexFile | None:
    """Return the content of the file at `path`, None where there is none. Raises IndexFileError."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IndexFileError(f"cannot be read ({error.strerror})") from error
    head, _, payload = data.removeprefix(_MAGIC).partition(b"\n")
    try:
        fields = json.loads(head)
        keys, expected = tuple(fields["keys"]), fields["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexFileError("is not readable") from error
    if not data.startswith(_MAGIC) or _checksum(keys, payload) != expected:
        raise IndexFileError("is damaged")
    return IndexFile(keys, payload)


def write_index_file(path: Path, keys: Sequence[str], payload: bytes) -> None:
    """Replace the file at `path` durably: a crash leaves the old or the new one. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = json.dumps({"keys": list(keys), "sha256": _checksum(keys, payload)}).encode()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines((_MAGIC, head, b"\n", payload))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checksum(keys: Sequence[str], payload: bytes) -> str:
    named = json.dumps(list(keys)).encode()
    return hashlib.sha256(named + b"\n" + payload).hexdigest()
