"""Which directory the sandbox must open so that a root can be used, even if it is replaced or created later."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from kairos.config.globs import is_pattern

HOMES = ("/home", "/root", "/run/user")
"""The directories that ProtectHome=tmpfs hides."""

TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - the names themselves are meant
"""The directories that PrivateTmp hides."""


def is_within(path: str, places: Iterable[str]) -> bool:
    """Whether `path` is one of `places`, or lies in one."""
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


def fixed_part(pattern: str) -> str:
    """Return the directory of an absolute pattern up to its first part with a wildcard; of a plain path, its parent.

    The parent, because a directory that is replaced, or created later, becomes visible only through it.
    """
    parts = PurePosixPath(pattern).parts
    for number, part in enumerate(parts):
        if is_pattern(part):
            return str(PurePosixPath(*parts[:number]))
    return str(PurePosixPath(pattern).parent)


def is_too_wide(place: str, home: str) -> bool:
    """Whether opening `place` would expose a home directory, or a top-level directory like /var."""
    shallow = len(PurePosixPath(place).parts) <= 2  # "/" and a name
    return shallow or is_within(home, [place]) or place in (*HOMES, *TEMPORARY)


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return `paths`, sorted, without those that lie inside another one of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not is_within(path, kept):
            kept.append(path)
    return tuple(kept)


def passes_link(path: str) -> bool:
    """Whether `path` goes through a symbolic link."""
    return os.path.realpath(path) != os.path.normpath(path)


def can_be_written_down(path: str) -> bool:
    """Whether `path` can be written in a unit file: it is valid UTF-8, without control characters."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return not any(ord(char) < ord(" ") or char == "\x7f" for char in path)
