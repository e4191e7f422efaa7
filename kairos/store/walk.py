"""Walking over a root: which directories are entered, what is a note, what is told of the rest. No link is followed.

Whoever reads a root and whoever only counts it walk the same way, so that they cannot disagree on what there is.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kairos.model import Role
from kairos.store.disk import Disk
from kairos.store.tree import TEMPORARY, open_below

_ENDINGS = frozenset({".md", ".markdown", ".mdown", ".mkd"})


class Walker(Protocol):
    """Is told what a walk comes by. Paths are relative to the root; "" is the root itself."""

    def leftover(self, path: str) -> None:
        """Meet a file that a crash left in mid-write."""

    def exists(self, path: str) -> None:
        """Meet a name of any kind; what it is follows."""

    def unreadable(self, directory: str, error: OSError) -> None:
        """Stand before a directory that cannot be read."""

    def link(self, path: str, entry: os.DirEntry[str], *, skipped: bool) -> None:
        """Meet a symbolic link; it is `skipped` where there could be notes behind it, else it is like an image."""

    def file(self, path: str, entry: os.DirEntry[str], role: Role | None, fd: int) -> None:
        """Meet what is neither link nor directory; `fd` is the directory that it is in. Without a role it is no note,
        and comes here for its name alone: it ends as Markdown does."""

    def misnamed(self, path: str) -> None:
        """Meet what would be a note if its name ended with .md: `K.MD`, `k.markdown`."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What decides where a walk leads: the role of each path, and what is to be ignored."""

    role_of: Callable[[str], Role | None]
    ignore: Callable[[str], bool]


def walk(disk: Disk, root_fd: int, ground: Ground, walker: Walker) -> None:
    """Walk over an open root; what is ignored exists, but is neither looked at nor entered."""
    pending = [""]
    while pending:
        pending += _visit(disk, root_fd, pending.pop(), ground, walker)


def _visit(disk: Disk, root_fd: int, directory: str, ground: Ground, walker: Walker) -> list[str]:
    """Tell of all that is in one directory and return the directories below it."""
    below: list[str] = []
    try:
        fd = open_below(disk, root_fd, directory.split("/") if directory else ())
    except OSError as error:
        walker.unreadable(directory, error)
        return below
    try:
        with os.scandir(fd) as entries:
            for entry in entries:
                path = f"{directory}/{entry.name}" if directory else entry.name
                if entry.name == ".git":
                    continue
                if entry.name.startswith(".kairos-") and TEMPORARY.fullmatch(entry.name):
                    walker.leftover(path)
                    continue
                walker.exists(path)
                if ground.ignore(path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(path)
                else:
                    _meet(path, entry, fd, ground, walker)
    finally:
        os.close(fd)
    return below


def _meet(path: str, entry: os.DirEntry[str], fd: int, ground: Ground, walker: Walker) -> None:
    stem, ending = posixpath.splitext(path)
    markdown = ending.lower() in _ENDINGS
    if entry.is_symlink():
        walker.link(path, entry, skipped=markdown or _leads_to_directory(entry))
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
