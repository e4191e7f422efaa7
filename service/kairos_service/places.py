"""Finds the directories that match the patterns of the configuration, and those in which new matches may appear.

A pattern is followed directory by directory, each in a separate look, so that one that hangs does not hide the others.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from glob import escape
from itertools import takewhile
from pathlib import Path

from kairos.config.globs import is_pattern
from kairos_service.looks import Looks, NoAnswerError, heartbeat

MAX_PLACES = 2_000
"""The most directories that are watched for new roots; the reconcile finds what appears elsewhere."""

ANY = "*"
_DEEP = "**"

Parts = tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """Directories that match a pattern, where and under which names more may appear, and where to continue."""

    matches: list[Path] = field(default_factory=list)
    places: list[tuple[Path, str]] = field(default_factory=list)
    deeper: list[tuple[Path, Parts]] = field(default_factory=list)

    def take(self, others: _Found) -> None:
        self.matches += others.matches
        self.places += others.places


@dataclass(frozen=True, slots=True)
class _Step:
    """The work of one look: from a directory along the literal parts of a pattern, up to the next wildcard."""

    pattern: str
    directory: Path
    parts: Parts

    @property
    def known(self) -> Parts:
        return tuple(takewhile(lambda part: not is_pattern(part), self.parts))

    @property
    def place(self) -> Path:
        return self.directory.joinpath(*self.known)


class Survey:
    """What the patterns of one configuration match, as of the latest look. For one thread at a time."""

    def __init__(self, home: Path, looks: Looks) -> None:
        self._home = home
        self._looks = looks
        self._found: dict[str, _Found] = {}

    def look(self, patterns: Iterable[str]) -> None:
        """Follow all patterns again. Where a directory does not answer, its earlier matches are kept."""
        before, self._found = self._found, {pattern: _Found() for pattern in patterns}
        steps = [_Step(pattern, *_split(pattern, self._home)) for pattern in self._found]
        while steps:
            submitted = [(step, *self._submit(step)) for step in steps]
            steps = []
            for step, finds, look in submitted:
                try:
                    look.result()
                except NoAnswerError:
                    self._found[step.pattern].matches += _matches_without_answer(
                        step, before.get(step.pattern)
                    )
                self._found[step.pattern].take(finds)
                steps += [_Step(step.pattern, *deeper) for deeper in tuple(finds.deeper)]

    def _submit(self, step: _Step) -> tuple[_Found, Future[None]]:
        finds = _Found()  # filled as the look proceeds, so that what it found before it hung is not lost
        return finds, self._looks.submit(step.place, partial(_follow, step, self._home, finds))

    def matches(self, pattern: str) -> tuple[Path, ...]:
        """Return the directories that match a pattern, sorted."""
        return tuple(sorted(set(self._found[pattern].matches)))

    def places(self, patterns: Iterable[str], known: Iterable[Path] = ()) -> Mapping[Path, frozenset[str]]:
        """Return the directories in which a name that appears or vanishes may change which roots there are.

        Each comes with the patterns of such names. For a path that does not exist, it is the deepest directory that
        does. Below `**` there may be any number of directories, so only the parents of the `known` roots are included.
        """
        found: defaultdict[Path, set[str]] = defaultdict(set)
        for place, name in (pair for pattern in patterns for pair in self._found[pattern].places):
            if len(found) < MAX_PLACES or place in found:
                found[place].add(name)
        for root in known:
            names = found.get(root.parent, set())
            is_new = not any(fnmatchcase(root.name, name) for name in names)
            if is_new and len(found) < MAX_PLACES and self._is_directory(root.parent):
                found[root.parent].add(escape(root.name))
        return {place: frozenset(names) for place, names in found.items()}

    def _is_directory(self, path: Path) -> bool:
        with suppress(NoAnswerError):
            return self._looks.run(path, partial(_is_dir, path))
        return False


def _split(pattern: str, home: Path) -> tuple[Path, Parts]:
    """Return where to start and the parts of the pattern from there. The home directory is taken literally."""
    start, rest = (home, pattern[1:]) if pattern.startswith("~") else (Path("/"), pattern)
    parts = tuple(part for part in rest.split("/") if part)
    if not parts:  # the home itself
        return start.parent, (escape(start.name),)
    return start, parts


def _matches_without_answer(step: _Step, before: _Found | None) -> list[Path]:
    """Return the matches of a step whose look hangs: its own place, or what matched below that before."""
    if step.known == step.parts:
        return [step.place]
    return [match for match in before.matches if match.is_relative_to(step.place)] if before else []


def _follow(step: _Step, home: Path, finds: _Found) -> None:
    directory, parts = step.directory, step.parts
    if not _is_dir(directory):
        if directory == home:
            finds.places.append(_deepest_existing(home))
        return
    for part in step.known:
        child = directory / part
        is_there = _is_dir(child)
        if not is_there or len(parts) == 1:
            finds.places.append((directory, part))
        if not is_there:
            return
        directory, parts = child, parts[1:]
    if not parts:
        finds.matches.append(directory)
    elif parts[0] == _DEEP:
        finds.places.append((directory, ANY))
        for match in _resolve(directory, parts):
            finds.matches.append(match)  # one by one, to keep them if the next one hangs
    else:
        finds.places.append((directory, parts[0]))
        finds.deeper += [(child, parts[1:]) for child in _children(directory, parts[0])]


def _resolve(directory: Path, parts: Parts) -> Iterator[Path]:
    """Yield all matches below a directory as they are found."""
    if not _is_dir(directory):
        return
    if not parts:
        yield directory
    elif parts[0] == _DEEP:
        for below, _, _ in os.walk(directory, followlinks=True):
            heartbeat()
            yield from _resolve(Path(below), parts[1:])
    elif is_pattern(parts[0]):
        for child in _children(directory, parts[0]):
            yield from _resolve(child, parts[1:])
    else:
        yield from _resolve(directory / parts[0], parts[1:])


def _children(directory: Path, pattern: str) -> list[Path]:
    """Return the matching names that may be directories; links are included without following them."""
    with suppress(OSError), os.scandir(directory) as entries:
        return [
            directory / entry.name
            for entry in entries
            if fnmatchcase(entry.name, pattern)
            and (entry.is_dir(follow_symlinks=False) or entry.is_symlink())
        ]
    return []


def _is_dir(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises without permission


def _deepest_existing(missing: Path) -> tuple[Path, str]:
    for parent in missing.parents:
        if _is_dir(parent):
            return parent, escape(missing.relative_to(parent).parts[0])
    raise AssertionError(missing)  # "/" is a directory
