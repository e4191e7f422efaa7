"""A cheap count of a root: names, sizes, times and inodes, never a byte of a note. It decides what changed.

Events only say when to count: they get lost in floods, and a dream's own writes raise them too. If two counts are
equal, nothing happened, whatever the events said.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from kairos_service.looks import heartbeat
from kairos_service.mounts import is_remote
from kairos_service.packed import Packed, Packing, Stamp, packed
from kairos_service.scope import Scope, below

MAX_FILES = 250_000
"""Notes beyond this number are not counted: it bounds the daemon's memory."""

ENTRY_BYTES = 125
"""The mean size of an entry in 108 public memory directories, used to estimate how many entries changed."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Census:
    """The notes of a root at one moment. Nothing is known of the directories in `unread`; "" is the root."""

    files: Packed
    unread: frozenset[str] = frozenset()

    def latest_write(self, now: datetime) -> datetime | None:
        """When a note was last written, by its mtime; times in the future or before 1970 are ignored."""
        limit = int(now.timestamp() * 1e9)
        times = self.files.mtimes
        newest = max(times, default=None)
        if newest is not None and not 0 <= newest <= limit:  # seldom
            newest = max((time for time in times if 0 <= time <= limit), default=None)
        return None if newest is None else datetime.fromtimestamp(newest / 1e9, UTC)

    def without(self, paths: Collection[str]) -> Census:
        """Return a copy of this count that lacks some files, so that they will count as changed."""
        if not paths:
            return self
        files = {path: stamp for path, stamp in self.files.pairs() if path not in paths}
        return Census(packed(files), self.unread)

    def to_json(self) -> str:
        """Serialise it to a compact string for a state file."""
        rows = [(path, *stamp) for path, stamp in self.files.pairs()]
        value = {"version": _VERSION, "unread": sorted(self.unread), "files": rows}
        compressed = zlib.compress(json.dumps(value, separators=(",", ":")).encode())
        return base64.b85encode(compressed).decode()

    @classmethod
    def from_json(cls, text: object) -> Self | None:
        """Parse what `to_json` returned; None for anything else, such as a damaged string."""
        if not isinstance(text, str):
            return None
        try:
            value = json.loads(zlib.decompress(base64.b85decode(text)))
            if value["version"] != _VERSION:
                return None
            files = {str(path): Stamp(*map(int, stamp)) for path, *stamp in value["files"]}
            return cls(packed(files), frozenset(map(str, value["unread"])))
        except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
            return None


EMPTY = Census(packed({}))


def census(root: Path, scope: Scope) -> Census:
    """Count the notes of a root; raises OSError if the root itself cannot be read.

    Links are not followed, and what a dream could not read is not counted, so that a note that becomes readable again
    counts as changed.
    """
    count = _Count(os.path.realpath(root), scope)
    pending = [""]
    while pending:
        directory = pending.pop()
        if len(count.files) >= MAX_FILES:
            count.unread.add(directory)
            continue
        try:
            pending += count.visit(directory)
        except OSError:
            if not directory:
                raise
            count.unread.add(directory)
    return Census(count.files.done(), frozenset(count.unread))


class _Count:
    def __init__(self, root: str, scope: Scope) -> None:
        self._root = root
        self._scope = scope
        self._inodes_last = not is_remote(root)
        self._user = os.geteuid()
        self.files = Packing()
        self.unread: set[str] = set()

    def visit(self, directory: str) -> list[str]:
        """Count the notes of one directory and return its subdirectories."""
        deeper: list[str] = []
        heartbeat()
        with os.scandir(os.path.join(self._root, directory)) as entries:  # noqa: PTH118
            for entry in entries:
                path = below(directory, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if self._scope.has_notes_below(path):
                        deeper.append(path)
                elif entry.is_file(follow_symlinks=False) and self._scope.has_note(path):
                    self._count(path, entry)
        return deeper

    def _count(self, path: str, entry: os.DirEntry[str]) -> None:
        heartbeat()  # a large root takes long although its file system answers
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted since it was listed
            return
        if not self._is_readable(path, status):
            return
        inode = status.st_ino if self._inodes_last else 0
        self.files.add(path, Stamp(status.st_size, status.st_mtime_ns, inode))

    def _is_readable(self, path: str, status: os.stat_result) -> bool:
        """Whether a dream could read a note. For our own files the mode bits nearly always suffice to tell."""
        if status.st_uid == self._user and status.st_mode & stat.S_IRUSR:
            return True
        return os.access(os.path.join(self._root, path), os.R_OK)  # noqa: PTH118


@dataclass(frozen=True, slots=True)
class Difference:
    """How much changed between two counts. The number of entries is an estimate, since no note was read."""

    changed_files: int = 0
    changed_bytes: int = 0
    estimated_entries: int = 0

    def __bool__(self) -> bool:
        return self.changed_files > 0


def difference(before: Census, after: Census) -> Difference:
    """Return how much changed, ignoring directories that either count could not read.

    Of a rewritten file only the sizes are known: it counts as the bytes by which it grew or shrank, and as at least one
    entry. A file that was merely renamed counts as one entry and no bytes.
    """
    if before == after:
        return Difference()
    renamed = _renamed(before, after)
    amounts = (
        _bytes_changed(change) for change in _changes(before, after) if not _is_renamed(change, renamed)
    )
    files = size = entries = 0
    for amount in amounts:
        files, size, entries = files + 1, size + amount, entries + max(1, amount // ENTRY_BYTES)
    return Difference(files + len(renamed), size, entries + len(renamed))


def changed_paths(before: Census, after: Census) -> Iterator[str]:
    """Yield the paths of the files that differ between two counts."""
    return (change.path for change in _changes(before, after))


class _Change(NamedTuple):
    """A file that differs between two counts; `old` or `new` is None if that count has no such file."""

    path: str
    old: Stamp | None
    new: Stamp | None


def _changes(before: Census, after: Census) -> Iterator[_Change]:
    """Yield what differs, copying neither count: after a flood they are large, and the heap would not shrink again."""
    blind = before.unread | after.unread
    left, right = _sorted(before, blind), _sorted(after, blind)
    old, new = next(left, None), next(right, None)
    while old is not None or new is not None:
        if old is not None and (new is None or old[0] < new[0]):
            yield _Change(old[0], old[1], None)
            old = next(left, None)
        elif new is not None and (old is None or new[0] < old[0]):
            yield _Change(new[0], None, new[1])
            new = next(right, None)
        elif old is not None and new is not None:
            if old[1] != new[1]:
                yield _Change(old[0], old[1], new[1])
            old, new = next(left, None), next(right, None)


def _renamed(before: Census, after: Census) -> frozenset[Stamp]:
    """Return the stamps of files that were only renamed."""
    has_gone = any(change.new is None for change in _changes(before, after))
    if not has_gone or not any(change.old is None for change in _changes(before, after)):
        return frozenset()
    gone = {old for _, old, new in _changes(before, after) if new is None and old is not None and old.inode}
    return frozenset(new for _, old, new in _changes(before, after) if old is None and new in gone)


def _is_renamed(change: _Change, renamed: frozenset[Stamp]) -> bool:
    return (change.new is None and change.old in renamed) or (change.old is None and change.new in renamed)


def _bytes_changed(change: _Change) -> int:
    _, old, new = change
    if old is None or new is None:
        return sum(stamp.size for stamp in (old, new) if stamp is not None)
    return max(1, abs(new.size - old.size))


def _sorted(count: Census, blind: Collection[str]) -> Iterator[tuple[str, Stamp]]:
    """Yield the files sorted by path, which is also the order of the paths' bytes."""
    pairs = count.files.pairs()
    if not blind:  # nearly always
        return pairs
    return ((path, stamp) for path, stamp in pairs if not _is_below(path, blind))


def _is_below(path: str, directories: Collection[str]) -> bool:
    return any(not directory or path.startswith(f"{directory}/") for directory in directories)


def after_dream(before: Census, after: Census, ours: Collection[str]) -> Census:
    """Return the next baseline: it includes the dream's own writes and nobody else's.

    `before` was taken when the dream began, `after` when it had ended, and `ours` are the paths that are still as it
    left them. A note that somebody else wrote meanwhile keeps its old stamp, so that it counts as changed.
    """
    files = {path: stamp for path, stamp in before.files.pairs() if path not in ours}
    files |= {path: after.files[path] for path in ours if path in after.files}
    return Census(packed(files), before.unread)
