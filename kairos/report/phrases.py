"""Counts and paths as people, and shells, read them. Loads nothing."""

from __future__ import annotations

import os
import shlex


def count(number: int, singular: str, plural: str = "") -> str:
    """Return "1 note" or "2 notes"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def short_path(path: str, home: str) -> str:
    """Return a path with the home directory as `~`."""
    return f"~{path[len(home) :]}" if home and path.startswith(home.rstrip(os.sep) + os.sep) else path


def shell_path(path: str, home: str) -> str:
    """Return a path as a shell reads it back."""
    short = short_path(path, home)
    return f"~/{shlex.quote(short[2:])}" if short.startswith("~/") and path != short else shlex.quote(path)
