"""Byte-identical files: which of them are copies of one note, and which copy stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import PurePosixPath

from kairos.core.root.survivor import is_set_aside
from kairos.core.root.templates import BOILERPLATE
from kairos.core.text.iso_day import iso_day
from kairos.model import Role, Source

_ROLES = frozenset({Role.NOTE, Role.DAILY})


def twins(
    sources: Sequence[Source], *, preferred: Callable[[str], int] = lambda _: 0
) -> tuple[tuple[str, str], ...]:
    """Return pairs (kept path, dropped path) of byte-identical notes.

    The kept path is one that is not set aside ("legacy/"), then the one that `preferred` ranks highest, the shallowest,
    the shortest. Files with different dates in their names are not twins: the same words say different things there.
    Neither are copies in too many directories: those come from a template.
    """

    def order(path: str) -> tuple[bool, int, int, int, str]:
        return is_set_aside(path), -preferred(path), path.count("/"), len(path), path

    return tuple(sorted(chain.from_iterable(_pairs(paths, order) for paths in _groups(sources))))


def _groups(sources: Sequence[Source]) -> Iterator[list[str]]:
    """Yield groups of paths whose files hold the same bytes and may be copies of one note."""
    same: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.role in _ROLES:
            same[source.sha256].append(source)
    groups: dict[tuple[str, Role, date | None], list[str]] = defaultdict(list)
    for source in (source for found in same.values() if len(found) > 1 for source in found):
        if source.data.strip():
            day = iso_day(PurePosixPath(source.path).name)
            groups[source.sha256, source.role, day].append(source.path)
    yield from groups.values()


def _pairs(
    paths: Sequence[str], order: Callable[[str], tuple[bool, int, int, int, str]]
) -> Iterator[tuple[str, str]]:
    """Pair the files of each directory with the best one in it, and those of all directories with the best of all."""
    directories: dict[PurePosixPath, list[str]] = defaultdict(list)
    for path in sorted(paths, key=order):
        directories[PurePosixPath(path).parent].append(path)
    first, *others = (kept for kept, *_ in directories.values())
    yield from ((kept, path) for kept, *dropped in directories.values() for path in dropped)
    if len(others) < BOILERPLATE:
        yield from ((first, path) for path in others)
