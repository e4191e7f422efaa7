"""Counts and paths as people, and shells, read them. Loads next to nothing."""

from __future__ import annotations

import os
import shlex

from kairos.report.escape import visible


def count(number: int, singular: str, plural: str = "") -> str:
    """Return "1 note" or "2 notes"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def short_path(path: str, home: str) -> str:
    """Return a path with the home directory as `~`."""
    if home and path == (home.rstrip(os.sep) or os.sep):
        return "~"
    return f"~{path[len(home) :]}" if home and path.startswith(home.rstrip(os.sep) + os.sep) else path


def shell_path(path: str, home: str) -> str:
    """Return a path as a shell reads it back."""
    short = short_path(path, home)
    if short == "~" != path:
        return short
    return f"~/{_quoted(short[2:])}" if short.startswith("~/") and path != short else _quoted(short)


def _quoted(path: str) -> str:
    """Quote a path; what cannot be shown as it is stands there by its bytes, as bash, zsh and ksh read them."""
    if visible(path) == path and "\n" not in path and "\t" not in path:
        return shlex.quote(path)
    return "$'" + "".join(map(_quoted_byte, os.fsencode(path))) + "'"


def _quoted_byte(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"
