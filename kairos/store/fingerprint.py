"""A fingerprint of everything that determines what reading a root would give, taken without reading it.

For a note it has size, times, inode, mode and owner; for everything else, only that it exists. Equal fingerprints
mean equal snapshots, except for files written so shortly beforehand that a second write could have left the same
times: see `Fingerprint.fresh`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kairos.errors import NoSuchRootError
from kairos.model import Role, Snapshot, Source
from kairos.store.disk import DISK, Disk
from kairos.store.files import ignore_nothing, is_transient
from kairos.store.tree import open_root
from kairos.store.walk import Ground, walk

COARSEST_NS = 2_000_000_000
"""The coarsest resolution of a file system's timestamps: FAT's."""

_LEFTOVER = "leftover"
_Stamp = tuple[int, ...]  # size, mtime_ns, ctime_ns, inode, mode with type, owner


@dataclass(slots=True)
class Fingerprint:
    """What a walk found: a stamp for each of the `notes`, a word for each of the `others`.

    `exact` is False if something could not be inspected.
    """

    root: str
    notes: dict[str, _Stamp] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)  # those of the others that a snapshot has a Skip for
    blank: set[str] = field(default_factory=set)  # Markdown files without a role
    exact: bool = True

    def leftover(self, path: str) -> None:
        """Record that there is something to recover."""
        self.others[path] = _LEFTOVER

    def exists(self, path: str) -> None:
        """Record a name."""
        self.others[path] = ""

    def ignored(self, path: str) -> None:
        """That it exists is all that counts."""

    def unreadable(self, directory: str, error: OSError) -> None:
        """Record that nothing below is known."""
        path = directory or "."
        self.others[path] = f"unreadable: {error.errno}"
        self.skipped.add(path)

    def link(self, path: str, entry: os.DirEntry[str], *, skipped: bool) -> None:
        """Record a link, and what it leads to if there could be notes behind it."""
        self.others[path] = f"link {_target(entry)}" if skipped else "link, no note"
        if skipped:
            self.skipped.add(path)

    def file(self, path: str, entry: os.DirEntry[str], role: Role | None, _fd: int) -> None:
        """Record the stamp of a file that is, or by its name could be, a note."""
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            self.exact = False
            return
        self.notes[path] = (
            found.st_size,
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_ino,
            found.st_mode,
            found.st_uid,
        )
        if role is None:
            self.blank.add(path)

    def misnamed(self, path: str) -> None:
        """Record a file that is reported, but not read."""
        self.others[path] = "misnamed"
        self.skipped.add(path)

    @property
    def digest(self) -> str:
        """A hash that only equal fingerprints have in common."""
        lines = [f"{path}\0{word}" for path, word in self.others.items() if path not in self.notes]
        lines += [f"{path}\0{stamp}" for path, stamp in self.notes.items()]
        text = "\0\0".join([self.root, str(os.geteuid()), *sorted(lines)])
        return hashlib.sha256(os.fsencode(text)).hexdigest()

    def fresh(self, began_ns: int) -> frozenset[str]:
        """The notes that were written, or could have been, after `began_ns` or shortly before.

        Equal times alone prove nothing about them.
        """
        limit = began_ns - COARSEST_NS
        return frozenset(path for path, stamp in self.notes.items() if max(stamp[1], stamp[2]) >= limit)

    def matches(self, snapshot: Snapshot) -> bool:
        """Whether this covers exactly what a snapshot read, as far as times tell: see `fresh` for the rest."""
        sources = snapshot.by_path()
        skipped = {skip.what for skip in snapshot.skipped}
        unread = {path for path in self.notes if path not in sources and path not in self.blank}
        names = {path for path in self.others if path != "." or path in snapshot.other_paths}
        return (
            self.exact
            and not any(map(is_transient, snapshot.skipped))
            and _LEFTOVER not in self.others.values()
            and skipped == unread | self.skipped
            and names == snapshot.other_paths | sources.keys()
            and all(map(self._is_as_read, snapshot.sources))
        )

    def _is_as_read(self, source: Source) -> bool:
        stamp = self.notes.get(source.path)
        read = (len(source.data), source.mtime_ns, source.mode)
        return stamp is not None and read == (stamp[0], stamp[1], stat.S_IMODE(stamp[4]))


def take_fingerprint(
    root: Path,
    role_of: Callable[[str], Role | None],
    *,
    ignore: Callable[[str], bool] = ignore_nothing,
    disk: Disk = DISK,
) -> Fingerprint | None:
    """Take the fingerprint of what `read_snapshot` would read; None if there is no such root."""
    found = Fingerprint(os.path.realpath(root))
    try:
        root_fd = open_root(disk, found.root)
    except NoSuchRootError:
        return None
    try:
        walk(disk, root_fd, Ground(role_of, ignore), found)
    finally:
        os.close(root_fd)
    return found


def _target(entry: os.DirEntry[str]) -> str:
    try:
        found = entry.stat()
    except OSError as error:
        return f"leads nowhere: {error.errno}"
    return f"{found.st_ino} {found.st_mode} {found.st_size} {found.st_mtime_ns}"
