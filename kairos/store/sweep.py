"""Clearing up what a crash left in a root: the temporary files of writes that were under way."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kairos.model import Skip
from kairos.store import swap
from kairos.store.disk import Disk, storage_errors
from kairos.store.temporary import TEMPORARY
from kairos.store.tree import Tree, open_below

_OUR_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors that say nothing about the directory that was to be opened.

Any other means that it is closed to us, just removed or replaced, or a mount whose server is gone. Whatever a crash
left there stays for another time, and does not keep the rest of the root from being worked on.
"""


@dataclass(frozen=True, slots=True)
class _Listing:
    """The names in one directory: those of directories to enter, and of everything else."""

    directories: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def sweep(tree: Tree, keeper: swap.Keeper, paths: Iterable[str] = ()) -> tuple[Skip, ...]:
    """Clear up the temporary files that a crash left; reports what somebody else had written to them.

    `paths` are those that were being written. Only to be called under the lock of the root. Raises StorageError.
    """
    written = [os.path.split(path) for path in paths]
    found: list[Skip] = []
    pending = [""]
    while pending:  # no recursion, and one directory open at a time: a tree may be of any depth
        here = pending.pop()
        names = tuple(name for above, name in written if above == here)
        with storage_errors(f"look through {tree.name}"):
            below, skips = _sweep_directory(tree.disk, tree.fd, here, names, keeper)
        pending += [f"{here}/{name}" if here else name for name in below]
        found += [replace(skip, what=f"{here}/{skip.what}" if here else skip.what) for skip in skips]
    return tuple(found)


def _sweep_directory(
    disk: Disk, root_fd: int, here: str, written: Sequence[str], keeper: swap.Keeper
) -> tuple[Sequence[str], list[Skip]]:
    """Clear up one directory; returns the names of those below it, and what is to be reported."""
    try:
        fd = open_below(disk, root_fd, here.split("/") if here else ())
    except OSError as error:
        if error.errno in _OUR_OWN:
            raise
        return (), []
    try:
        listing = _list(fd)
        skips = (
            _clear_up(disk, name, {*listing.others, *written}, fd, keeper)
            for name in filter(TEMPORARY.fullmatch, listing.others)
        )
        return listing.directories, [skip for skip in skips if skip is not None]
    finally:
        os.close(fd)


def _list(fd: int) -> _Listing:
    with os.scandir(fd) as entries:
        kinds = [
            (entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if entry.name != ".git"
        ]
    return _Listing(
        tuple(name for name, is_directory in kinds if is_directory),
        tuple(name for name, is_directory in kinds if not is_directory),
    )


def _clear_up(disk: Disk, name: str, known: Iterable[str], parent: int, keeper: swap.Keeper) -> Skip | None:
    with storage_errors(f"clear up {name}"):
        if swap.ASIDE.fullmatch(name):
            return swap.settle(disk, name, known, parent=parent, keeper=keeper)
        disk.unlink(name, dir_fd=parent)
        return None
