"""Patterns for paths: their validation, and matching by lists in the style of `.gitignore`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

_MAGIC = frozenset("*?[")

_PIECES = r"(?s:\*\*/|/\*\*\Z|\*|\?|\[[!^]?+[^/][^\]/]*\]|\\.|.)"


def is_pattern(path: str) -> bool:
    """Whether a path contains wildcards."""
    return not _MAGIC.isdisjoint(path)


def matches_glob(path: str, pattern: str) -> bool:
    """Whether the path of a directory matches a pattern, by the rules of `glob`. Does no I/O."""
    return _matches_parts(
        [part for part in path.split("/") if part], [part for part in pattern.split("/") if part]
    )


def _matches_parts(path: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_matches_parts(path[skipped:], pattern[1:]) for skipped in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _matches_parts(path[1:], pattern[1:])


def glob_fault(pattern: str) -> str | None:
    """Return what was expected of `pattern`, or None if it is well-formed."""
    bare = pattern.removeprefix("!")
    if not bare.strip("/ "):
        return "expected a pattern that names something"
    if "\0" in bare:
        return "expected a pattern without a NUL character"
    if "[" in re.findall(_PIECES, bare):
        return "expected a closing ] after ["
    if any("**" in part and part != "**" for part in bare.split("/")):
        return "expected ** to stand alone between slashes"
    try:
        _compiled(bare)
    except re.error:
        return "expected an ascending range in []"
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile one pattern: with a slash before its end it is relative to the root, else it matches at any depth."""
    only_directories = pattern.endswith("/")
    body = pattern.rstrip("/")
    anchored = "/" in body
    body = body.removeprefix("/")
    inner = "".join(_regex_of(token) for token in re.findall(_PIECES, body))
    below = "/.*" if only_directories else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + inner + below, re.DOTALL)


def _regex_of(token: str) -> str:
    match token:
        case "**/":
            return "(?:.*/)?"
        case "/**":
            return "/.+"
        case "*" | "**":
            return "[^/]*"
        case "?":
            return "[^/]"
    if len(token) > 1 and token.startswith("["):
        body = token[1:-1]
        negated = body[0] in "!^"
        members = re.sub(r"[\\\[&~|]|(?<=-)-", r"\\\g<0>", body[1:] if negated else body)
        return f"(?!/)[{'^' if negated else ''}{members}]"
    return re.escape(token.removeprefix("\\") if len(token) > 1 else token)


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether `path` (POSIX, relative to the root) is ignored. The last pattern that matches decides.

    `!` brings a file back, even below an ignored directory.
    """
    for pattern in reversed(patterns):
        if _compiled(pattern.removeprefix("!")).fullmatch(path):
            return not pattern.startswith("!")
    return False
