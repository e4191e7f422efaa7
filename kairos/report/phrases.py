"""Counts for people, and paths for people and shells. Cheap to import."""

from __future__ import annotations

import os
import shlex

from kairos.report.escape import visible

_OUTCOMES = {"reported": "only reported", "nothing": "nothing to change", "partial": "applied in part"}


def outcome_words(outcome: str) -> str:
    """Return in words how a dream ended."""
    return _OUTCOMES.get(outcome, outcome)


def short_path(path: str, home: str) -> str:
    """Return a path with the home directory abbreviated to `~`."""
    if home and path == (home.rstrip(os.sep) or os.sep):
        return "~"
    return f"~{path[len(home) :]}" if home and path.startswith(home.rstrip(os.sep) + os.sep) else path


def shell_path(path: str, home: str) -> str:
    """Return a path quoted so that a shell reads it back unchanged, with the home directory as `~`."""
    short = short_path(path, home)
    if short == "~" != path:
        return short
    return f"~/{_quoted(short[2:])}" if short.startswith("~/") and path != short else _quoted(short)


def _quoted(path: str) -> str:
    """Quote a path. If it cannot be shown as it is, use `$'…'` with byte escapes, which bash, zsh and ksh read."""
    if visible(path) == path and "\n" not in path and "\t" not in path:
        return shlex.quote(path)
    return "$'" + "".join(map(_quoted_byte, os.fsencode(path))) + "'"


def _quoted_byte(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"
