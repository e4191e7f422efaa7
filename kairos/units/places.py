"""Which directory must be open so that a root, and what comes and goes beside it, can be seen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from kairos.config.globs import is_pattern

HOMES = ("/home", "/root", "/run/user")
"""What ProtectHome=tmpfs empties."""

TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - the names themselves are meant
"""What PrivateTmp empties."""


def is_within(path: str, places: Iterable[str]) -> bool:
    """Whether `path` is one of `places`, or lies in one."""
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


def fixed_part(pattern: str) -> str:
    """Return the part of an absolute pattern before its first `*`, `?` or `[`; a plain path's is its parent,
    because a directory that is replaced, or comes later, shows only there."""
    parts = PurePosixPath(pattern).parts
    for number, part in enumerate(parts):
        if is_pattern(part):
            return str(PurePosixPath(*parts[:number]))
    return str(PurePosixPath(pattern).parent)


def is_too_wide(place: str, home: str) -> bool:
    """Whether opening `place` would give away a home, or a whole branch of the machine like /var."""
    shallow = len(PurePosixPath(place).parts) <= 2  # "/" and a name
    return shallow or is_within(home, [place]) or place in (*HOMES, *TEMPORARY)


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return `paths` sorted, without those that lie in another one of them."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not is_within(path, kept):
            kept.append(path)
    return tuple(kept)


def passes_link(path: str) -> bool:
    """Whether a symbolic link stands on the way to `path`."""
    return os.path.realpath(path) != os.path.normpath(path)


def can_be_written_down(path: str) -> bool:
    """Whether a unit file has a way to spell `path`: UTF-8, and no control characters."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return not any(ord(char) < ord(" ") or char == "\x7f" for char in path)
