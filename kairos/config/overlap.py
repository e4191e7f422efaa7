"""Roots inside other roots: two dreams would edit the same notes, each under its own lock."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import escape, glob
from itertools import combinations
from pathlib import Path, PurePosixPath

from kairos.config.globs import is_pattern, matches_glob


def nested_lines(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (outer, inner) for all lines of `roots` where one path lies inside the other; patterns are skipped."""
    for one, other in combinations([path for path in paths if not is_pattern(path)], 2):
        for outer, inner in ((one, other), (other, one)):
            if is_inside(inner, outer):
                yield outer, inner


def is_inside(inner: str, outer: str) -> bool:
    """Whether a path lies below another one. Does no I/O."""
    above, below = PurePosixPath(outer), PurePosixPath(inner)
    return above != below and below.is_relative_to(above)


def above(root: str, patterns: Sequence[str]) -> str | None:
    """Return the nearest directory above `root` that matches a pattern. Does no I/O: the disk may not answer."""
    for directory in map(str, Path(root).parents):
        if any(matches_glob(directory, pattern) for pattern in patterns):
            return directory
    return None


def below(root: str, patterns: Iterable[str]) -> str | None:
    """Return the first directory below `root` that matches a pattern. Looks at nothing outside `root`."""
    for pattern in patterns:
        rests = _remainders(_parts(root), _parts(pattern))
        for rest in rests:
            found = os.path.join(escape(root), *rest)  # noqa: PTH118 - a pattern, no path
            paths = (Path(path) for path in sorted(glob(found, recursive=True, include_hidden=True)))  # noqa: PTH207 - Path.glob has no include_hidden
            inner = next((path for path in paths if path != Path(root) and path.is_dir()), None)
            if inner is not None:
                return str(inner)
    return None


def _remainders(path: Sequence[str], pattern: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield each remainder of a pattern whose beginning matches the whole path."""
    if not path:
        if pattern:
            yield pattern
    elif pattern and pattern[0] == "**":
        yield from _remainders(path, pattern[1:])
        yield from _remainders(path[1:], pattern)
    elif pattern and fnmatchcase(path[0], pattern[0]):
        yield from _remainders(path[1:], pattern[1:])


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
