"""Walking a root: which directories are entered, what is a note, what is reported about the rest. No link is followed.

Reading a root and merely counting it use the same walk, so they cannot disagree on what is there.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kairos.model import Role
from kairos.store.disk import Disk
from kairos.store.temporary import TEMPORARY
from kairos.store.tree import open_below

_ENDINGS = frozenset({".md", ".markdown", ".mdown", ".mkd"})


class Walker(Protocol):
    """Receives what a walk finds. Paths are relative to the root; "" is the root itself."""

    def leftover(self, path: str) -> None:
        """A temporary file that a crash left behind."""

    def exists(self, path: str) -> None:
        """A name of any kind; a further call may say what it is."""

    def ignored(self, path: str) -> None:
        """A name that was reported as existing, and is neither inspected nor, if it is a directory, entered."""

    def unreadable(self, directory: str, error: OSError) -> None:
        """A directory that cannot be read."""

    def link(self, path: str, entry: os.DirEntry[str], *, skipped: bool) -> None:
        """A symbolic link: `skipped` if notes to edit may be behind it, else of no more interest than an image."""

    def file(self, path: str, entry: os.DirEntry[str], role: Role | None, fd: int) -> None:
        """A file with a Markdown ending that is neither link nor directory; `fd` is the directory it is in.

        `role` None means that it is no note, and is reported for its name alone.
        """

    def misnamed(self, path: str) -> None:
        """What would be a note if its name ended in .md: `K.MD`, `k.markdown`."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What determines where a walk goes: the role of each path, and what to ignore."""

    role_of: Callable[[str], Role | None]
    ignore: Callable[[str], bool]


def walk(disk: Disk, root_fd: int, ground: Ground, walker: Walker) -> None:
    """Walk an open root. What is ignored is reported as existing, but neither inspected nor entered."""
    pending = [""]
    while pending:
        pending += _visit(disk, root_fd, pending.pop(), ground, walker)


def _visit(disk: Disk, root_fd: int, directory: str, ground: Ground, walker: Walker) -> list[str]:
    """Report everything in one directory and return the directories below it.

    Raises OSError if the root itself cannot be listed.
    """
    below: list[str] = []
    try:
        fd = open_below(disk, root_fd, directory.split("/") if directory else ())
    except OSError as error:
        walker.unreadable(directory, error)
        return below
    try:
        for entry in _listed(fd, directory, walker):
            path = f"{directory}/{entry.name}" if directory else entry.name
            if entry.name == ".git":
                continue
            if entry.name.startswith(".kairos-") and TEMPORARY.fullmatch(entry.name):
                walker.leftover(path)
                continue
            walker.exists(path)
            if ground.ignore(path):
                walker.ignored(path)
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(path)
            else:
                _meet(path, entry, fd, ground, walker)
    finally:
        os.close(fd)
    return below


def _listed(fd: int, directory: str, walker: Walker) -> list[os.DirEntry[str]]:
    """Return what is in an open directory; nothing if it cannot be listed, as some in /proc or under FUSE cannot."""
    try:
        with os.scandir(fd) as entries:
            return list(entries)
    except OSError as error:
        if not directory:
            raise  # nothing at all is known of this root
        walker.unreadable(directory, error)
        return []


def _meet(path: str, entry: os.DirEntry[str], fd: int, ground: Ground, walker: Walker) -> None:
    stem, ending = posixpath.splitext(path)
    markdown = ending.lower() in _ENDINGS
    if entry.is_symlink():
        behind = ground.role_of(f"{stem}.md" if markdown else f"{path}/note.md")
        may_edit = behind not in {None, Role.READ_ONLY}
        walker.link(path, entry, skipped=may_edit and (markdown or _leads_to_directory(entry)))
    elif markdown:
        role = ground.role_of(path)
        if role is None and ending != ".md" and ground.role_of(f"{stem}.md") is not None:
            walker.misnamed(path)
        else:
            walker.file(path, entry, role, fd)


def _leads_to_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
