"""Reading a root: every note that may be looked at, and a sentence for everything that was left alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kairos.model import Role, Skip, Snapshot, Source
from kairos.store.disk import DISK, Disk
from kairos.store.tree import IRREGULAR, TEMPORARY, open_below, open_root, read_regular

MAX_BYTES = 16 * 1024 * 1024


def ignore_nothing(_path: str) -> bool:
    """The default of `read_snapshot`: every directory is walked."""
    return False


def read_snapshot(
    root: Path,
    *,
    layout: str,
    role_of: Callable[[str], Role | None],
    max_bytes: int = MAX_BYTES,
    ignore: Callable[[str], bool] = ignore_nothing,
    disk: Disk = DISK,
) -> Snapshot:
    """Read the Markdown files of a root to which `role_of` gives a role.

    No link is followed. What `ignore` names is neither read nor walked. All that exists but was not read
    stands in `other_paths`, directories too; what should have been read has a Skip. Raises
    NoSuchRootError.
    """
    root_fd = open_root(disk, root)
    walk = _Walk(disk, root_fd, role_of, max_bytes, ignore)
    try:
        pending = [""]
        while pending:
            pending += walk.visit(pending.pop())
    finally:
        os.close(root_fd)
    return Snapshot(
        root=os.path.realpath(root),
        layout=layout,
        sources=tuple(sorted(walk.sources, key=lambda source: source.path)),
        skipped=tuple(sorted(walk.skipped, key=lambda skip: skip.what)),
        other_paths=frozenset(walk.others),
    )


@dataclass(slots=True)
class _Walk:
    """The state of one walk over a root."""

    disk: Disk
    root_fd: int
    role_of: Callable[[str], Role | None]
    max_bytes: int
    ignore: Callable[[str], bool]
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    def visit(self, directory: str) -> list[str]:
        """Read the files of one directory and return the directories below it."""
        below: list[str] = []
        try:
            fd = open_below(self.disk, self.root_fd, directory.split("/") if directory else ())
        except OSError as error:
            self._skip(
                directory, f"The directory cannot be read: {error.strerror}.", "Check its permissions."
            )
            return below
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    path = f"{directory}/{entry.name}" if directory else entry.name
                    if entry.name == ".git" or TEMPORARY.fullmatch(entry.name):
                        continue
                    self.others.add(path)
                    if self.ignore(path):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        below.append(path)
                    else:
                        self._consider(path, entry, fd)
        finally:
            os.close(fd)
        return below

    def _consider(self, path: str, entry: os.DirEntry[str], fd: int) -> None:
        """Read one file, or say why not; images, scripts and the like need no explanation."""
        markdown = path.lower().endswith(".md")
        if entry.is_symlink():
            if markdown or _leads_to_directory(entry):
                self._skip(
                    path, "It is a symbolic link, and links are not followed.", "Put the file itself here."
                )
            return
        role = self.role_of(path) if markdown else None
        if role is None:
            return
        try:
            found = read_regular(self.disk, entry.name, dir_fd=fd, limit=self.max_bytes)
        except OSError as error:
            self._skip(path, *_unreadable(error))
            return
        if found.sha256 == IRREGULAR or found.mtime_ns is None or found.mode is None:
            self._skip(path, "It is a pipe, socket or device, not a file.", "Remove it, or rename it.")
            return
        problem = self._problem(found.data)
        if problem is not None:
            self._skip(path, *problem)
            return
        owner = found.owner[0] if found.owner else None
        self.sources.append(Source(path, found.data, found.sha256, found.mtime_ns, found.mode, role, owner))
        self.others.discard(path)

    def _problem(self, data: bytes) -> tuple[str, str] | None:
        """Reason and advice where the bytes of a file are not the text of a note."""
        if len(data) > self.max_bytes:
            return (
                f"It is larger than {self.max_bytes:,} bytes.",
                "Split it, or raise the limit in the config.",
            )
        if b"\0" in data:
            return "It holds NUL bytes: no text, or a file that a crash left broken.", "Restore or remove it."
        try:
            data.decode()
        except UnicodeDecodeError as error:
            return f"It is not valid UTF-8 (byte {error.start}).", "Save it as UTF-8."
        return None

    def _skip(self, path: str, reason: str, advice: str) -> None:
        self.skipped.append(Skip(path or ".", reason, advice))


def _leads_to_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _unreadable(error: OSError) -> tuple[str, str]:
    if error.errno in {errno.ENOENT, errno.ELOOP}:
        return "It went away while the directory was read.", "Nothing to do; the next dream looks again."
    if error.errno == errno.ENXIO:
        return "It is a pipe, socket or device, not a file.", "Remove it, or rename it."
    return f"It cannot be read: {error.strerror}.", "Check its permissions."
