"""In which directories, and under which names, roots may appear: where to look out for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path

from kairos.config.globs import is_pattern

MAX_PLACES = 2_000
"""More directories are not watched for new roots; the reconcile finds what appears elsewhere."""

ANY = "*"
_DEEP = "**"


def find_places(
    patterns: Iterable[str], home: Path, known: Iterable[Path] = ()
) -> Mapping[Path, frozenset[str]]:
    """Return the directories where a name, once it appears or goes, may change which roots there are.

    Each with the patterns of such names. Of a path that does not exist this is the deepest directory that
    does. Below `**` there may be any number of directories: only the parents of the `known` roots count.
    """
    found: defaultdict[Path, set[str]] = defaultdict(set)
    for pattern in patterns:
        directory, parts = _split(pattern, home)
        for place, name in _expand(directory, parts):
            if len(found) < MAX_PLACES or place in found:
                found[place].add(name)
    for root in known:
        names = found.get(root.parent, set())
        is_new = not any(fnmatchcase(root.name, name) for name in names)
        if is_new and len(found) < MAX_PLACES and root.parent.is_dir():
            found[root.parent].add(escape(root.name))
    return {place: frozenset(names) for place, names in found.items()}


def _split(pattern: str, home: Path) -> tuple[Path, list[str]]:
    """Return where to start, and the parts of the pattern from there. No part of the home is a pattern."""
    start, rest = (home, pattern[1:]) if pattern.startswith("~") else (Path("/"), pattern)
    parts = [part for part in rest.split("/") if part]
    if not parts:  # the home itself
        return start.parent, [escape(start.name)]
    return start, parts


def _expand(directory: Path, parts: list[str]) -> Iterator[tuple[Path, str]]:
    """Yield (directory, pattern of names in it) level by level, as far as directories exist."""
    part, *rest = parts
    if not directory.is_dir():
        yield _deepest_existing(directory)
    elif part == _DEEP:
        yield directory, ANY
    elif is_pattern(part):
        yield directory, part
        for child in _matching(directory, part) if rest else ():
            yield from _expand(child, rest)
    elif rest and (directory / part).is_dir():
        yield from _expand(directory / part, rest)
    else:
        yield directory, part


def _deepest_existing(missing: Path) -> tuple[Path, str]:
    for parent in missing.parents:
        if parent.is_dir():
            return parent, escape(missing.relative_to(parent).parts[0])
    raise AssertionError(missing)  # "/" is a directory


def _matching(directory: Path, pattern: str) -> list[Path]:
    children: list[Path] = []
    with suppress(OSError):
        children = sorted(child for child in directory.iterdir() if fnmatchcase(child.name, pattern))
    return [child for child in children if child.is_dir()]
