"""A cheap count of a root: names, sizes and times, never a byte of a note. It is the truth about what changed.

Events only say when to count: they get lost in floods, and a dream's own writes raise them too. Two counts that
are equal mean that nothing happened, whatever the events said.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from kairos_service.mounts import is_remote
from kairos_service.packed import Packed, Packing, Stamp, packed
from kairos_service.scope import Scope, below

MAX_FILES = 250_000
"""A root with more notes is counted up to here: the daemon's memory has an end."""

ENTRY_BYTES = 125
"""The mean size of an entry in 108 public memory directories, for the estimate of how many changed."""

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Census:
    """The notes of a root at one moment. Of the directories in `unread` nothing is known; "" is the root."""

    files: Mapping[str, Stamp]
    unread: frozenset[str] = frozenset()

    def latest_write(self, now: datetime) -> datetime | None:
        """When a note was last written, as its time says; times to come, or before 1970, say nothing."""
        limit = int(now.timestamp() * 1e9)
        times = self.files.mtimes if isinstance(self.files, Packed) else [s[1] for s in self.files.values()]
        newest = max(times, default=None)
        if newest is not None and not 0 <= newest <= limit:  # seldom
            newest = max((time for time in times if 0 <= time <= limit), default=None)
        return None if newest is None else datetime.fromtimestamp(newest / 1e9, UTC)

    def to_json(self) -> str:
        """Return it as a short string for a state file."""
        rows = [(path, *stamp) for path, stamp in _pairs(self.files)]
        value = {"version": _VERSION, "unread": sorted(self.unread), "files": rows}
        packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode())
        return base64.b85encode(packed).decode()

    @classmethod
    def from_json(cls, text: object) -> Self | None:
        """Return what `to_json` gave; None for anything else, a damaged string among it."""
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


def census(root: Path, scope: Scope) -> Census:
    """Count the notes of a root; raises OSError where the root itself cannot be read.

    No link is followed, and what a dream would not read is not counted.
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
        self.files = Packing()
        self.unread: set[str] = set()

    def visit(self, directory: str) -> list[str]:
        """Count the notes of one directory and return the directories below it."""
        deeper: list[str] = []
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
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it went away in between
            return
        inode = status.st_ino if self._inodes_last else 0
        self.files.add(path, Stamp(status.st_size, status.st_mtime_ns, inode))


@dataclass(frozen=True, slots=True)
class Difference:
    """How much changed between two counts. Entries are an estimate: no note was read."""

    changed_files: int = 0
    changed_bytes: int = 0
    estimated_entries: int = 0

    def __bool__(self) -> bool:
        return self.changed_files > 0


def difference(before: Census, after: Census) -> Difference:
    """Return what changed; directories that one of the counts could not read do not matter.

    Of a rewritten file only the sizes are known: it counts as the bytes by which it grew or shrank, and as
    one entry at least. A file with a new name alone counts as one entry without a byte.
    """
    if before == after:
        return Difference()
    blind = before.unread | after.unread
    old = _seen(before, blind)
    new = _seen(after, blind)
    gone = {path: stamp for path, stamp in old.items() if path not in new}
    came = {path: stamp for path, stamp in new.items() if path not in old}
    moved = {stamp for stamp in gone.values() if stamp.inode} & set(came.values())
    amounts = [stamp.size for files in (gone, came) for stamp in files.values() if stamp not in moved]
    amounts += [
        max(1, abs(stamp.size - old[path].size))
        for path, stamp in new.items()
        if path in old and stamp != old[path]
    ]
    return Difference(
        changed_files=len(amounts) + len(moved),
        changed_bytes=sum(amounts),
        estimated_entries=sum(max(1, amount // ENTRY_BYTES) for amount in amounts) + len(moved),
    )


def _seen(count: Census, blind: Collection[str]) -> Mapping[str, Stamp]:
    return {path: stamp for path, stamp in _pairs(count.files) if not _is_below(path, blind)}


def _pairs(files: Mapping[str, Stamp]) -> Iterable[tuple[str, Stamp]]:
    return files.pairs() if isinstance(files, Packed) else files.items()


def _is_below(path: str, directories: Collection[str]) -> bool:
    return any(not directory or path.startswith(f"{directory}/") for directory in directories)


def after_dream(before: Census, after: Census, ours: Collection[str]) -> Census:
    """Return the count to compare with from now on: our own writes are known, everybody else's are not.

    `before` was taken when the dream began, `after` when it had ended, and `ours` are the paths that its
    receipt names. A note that somebody wrote meanwhile stays as it was before, so that it counts as changed.
    """
    files = {path: stamp for path, stamp in _pairs(before.files) if path not in ours}
    files |= {path: after.files[path] for path in ours if path in after.files}
    return Census(packed(files), before.unread)
