"""Reading a root: every note that may be looked at, and a Skip for everything that was left alone."""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kairos.model import Role, Skip, Snapshot, Source
from kairos.store.digests import IRREGULAR
from kairos.store.disk import DISK, Disk
from kairos.store.tree import open_root, read_regular
from kairos.store.walk import Ground, walk

MAX_BYTES = 16 * 1024 * 1024
_UNREADABLE = "cannot be read"

ProblemOf = Callable[[str, bytes], tuple[str, str] | None]
"""Reason and advice if a file of valid UTF-8 cannot be read by the conventions of its root, from its path and bytes."""


def ignore_nothing(_path: str) -> bool:
    """The default of `read_snapshot`: nothing is ignored."""
    return False


def no_problem(_path: str, _data: bytes) -> None:
    """The default of `read_snapshot`: every text can be read."""


def read_snapshot(
    root: Path,
    *,
    layout: str,
    role_of: Callable[[str], Role | None],
    problem_of: ProblemOf = no_problem,
    max_bytes: int = MAX_BYTES,
    ignore: Callable[[str], bool] = ignore_nothing,
    disk: Disk = DISK,
) -> Snapshot:
    """Read the Markdown files of a root to which `role_of` gives a role.

    No link is followed. What `ignore` names is neither read nor walked. Whatever exists but was not read is in
    `other_paths`, directories included, and in `unseen` if anything may be below it; whatever should have been read has
    a Skip, and so has a text for which `problem_of` has a reason. Raises NoSuchRootError.
    """
    real = os.path.realpath(root)
    root_fd = open_root(disk, real)
    reader = _Reader(disk, max_bytes, problem_of)
    try:
        walk(disk, root_fd, Ground(role_of, ignore), reader)
    finally:
        os.close(root_fd)
    return Snapshot(
        root=real,
        layout=layout,
        sources=tuple(sorted(reader.sources, key=lambda source: source.path)),
        skipped=tuple(sorted(reader.skipped, key=lambda skip: skip.what)),
        other_paths=frozenset(reader.others),
        unseen=frozenset(reader.unseen),
    )


def is_transient(skip: Skip) -> bool:
    """Whether what kept a file from being read can go away without leaving a trace in it, as a disk error can."""
    return _UNREADABLE in skip.reason and os.strerror(errno.EACCES) not in skip.reason


@dataclass(slots=True)
class _Reader:
    """Reads the notes that a walk finds."""

    disk: Disk
    max_bytes: int
    problem_of: ProblemOf
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)

    def leftover(self, path: str) -> None:
        """Leave it to recovery."""

    def exists(self, path: str) -> None:
        """Remember the path: pointers to it are not broken."""
        self.others.add(path)

    def ignored(self, path: str) -> None:
        """Remember that anything may be below it."""
        self.unseen.add(path)

    def unreadable(self, directory: str, error: OSError) -> None:
        """Report why nothing below was read."""
        self.unseen.add(directory)
        self._skip(directory, f"The directory {_UNREADABLE}: {error.strerror}.", "Check its permissions.")

    def link(self, path: str, _entry: os.DirEntry[str], *, skipped: bool) -> None:
        """Report why it was not followed; links behind which there are no notes need no explanation."""
        self.unseen.add(path)
        if skipped:
            self._skip(
                path, "It is a symbolic link, and links are not followed.", "Put the file itself here."
            )

    def misnamed(self, path: str) -> None:
        """Report that it was not read."""
        stem, ending = posixpath.splitext(path)
        name = posixpath.basename(f"{stem}.md")
        self._skip(path, f"Only what ends in .md is read, not {ending}.", f"If it is a note, name it {name}.")

    def file(self, path: str, entry: os.DirEntry[str], role: Role | None, fd: int) -> None:
        """Read a note, or report why not."""
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
        problem = self._problem(path, found.data)
        if problem is not None:
            self._skip(path, *problem)
            return
        owner = found.owner[0] if found.owner else None
        self.sources.append(Source(path, found.data, found.sha256, found.mtime_ns, found.mode, role, owner))
        self.others.discard(path)

    def _problem(self, path: str, data: bytes) -> tuple[str, str] | None:
        """Reason and advice if the bytes of a file are not the text of a note; else None."""
        if len(data) > self.max_bytes:
            return (
                f"It is larger than {self.max_bytes:,} bytes.",
                "Split it, or raise max_file_bytes in the configuration.",
            )
        if b"\0" in data:
            return (
                "It contains NUL bytes: it is not text, or a crash left it broken.",
                "Restore or remove it.",
            )
        try:
            data.decode()
        except UnicodeDecodeError as error:
            return f"It is not valid UTF-8 (byte {error.start}).", "Save it as UTF-8."
        return self.problem_of(path, data)

    def _skip(self, path: str, reason: str, advice: str) -> None:
        self.skipped.append(Skip(path or ".", reason, advice))


def _unreadable(error: OSError) -> tuple[str, str]:
    if error.errno in {errno.ENOENT, errno.ELOOP}:
        return (
            "It disappeared while the directory was being read.",
            "Nothing to do; the next dream looks again.",
        )
    if error.errno == errno.ENXIO:
        return "It is a pipe, socket or device, not a file.", "Remove it, or rename it."
    return f"It {_UNREADABLE}: {error.strerror}.", "Check its permissions."
