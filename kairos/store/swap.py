"""Replacing and removing files alongside a live writer, without losing what it writes in the same instant.

Comparing a file and then renaming over it leaves a gap between the two. So the new and the old file exchange names
atomically. Only then is the old file inspected, and if it holds anything but the expected bytes, the names are
exchanged back. A kernel lease is refused if anybody has the old file open for writing, and makes whoever opens it for
writing wait until the names are settled. On a system without such an exchange or without leases, comparing is all
that is left.

While names are being exchanged, the old file is set aside under a name `.kairos-….old`. A file with such a name is
always complete: bytes in it that the journal does not know are somebody else's, and `settle` gives them back.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import signal
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from kairos.model import Skip
from kairos.store.digests import sha256
from kairos.store.disk import READ, Disk, opened, read_all
from kairos.store.naming import NO_SUCH_RENAME, rename_if_free

ASIDE = re.compile(r"\.kairos-[0-9a-f]{16}\.old")
"""The name of a file that is set aside: half of it a hash of the name it had, half random."""

_PREFIX = ".kairos-"
_HASH_DIGITS = 8
"""Hex digits of the hash in the name of a file set aside."""

_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO}
_MAX_EXCHANGES = 8
"""How many times names are exchanged back before the rest is left to `settle`."""


class Keeper(Protocol):
    """Content-addressed storage; `Objects` implements it."""

    def holds(self, digest: str) -> bool:
        """Whether the bytes with this sha256 are kept."""

    def put(self, data: bytes) -> str:
        """Store some bytes and return their sha256."""

    def where(self, digest: str) -> str:
        """Path of the file from which a person can get the bytes."""


def replace(disk: Disk, temporary: str, name: str, *, parent: int, expected: str, new: str) -> bool:
    """Durably replace the file `name`, which has the sha256 `expected`, by the finished file `temporary`.

    `new` is the sha256 of `temporary`; both names are in the directory `parent`. Returns False, with the names as
    they were, if the file has other bytes or somebody is writing to it.
    """
    with _watched(disk, name, parent, expected) as watch:
        if watch is None:
            return False
        aside = _aside_name(name)
        disk.rename(temporary, aside, dir_fd=parent)
        try:
            disk.exchange(aside, name, dir_fd=parent)
        except FileNotFoundError:  # deleted or renamed in this instant
            _discard(disk, aside, parent)
            return False
        except OSError as error:
            if error.errno not in NO_SUCH_RENAME:
                _discard(disk, aside, parent)
                raise
            return _rename_over(disk, watch, aside, name, parent)
        return _finish_exchange(disk, watch, aside, name, parent=parent, new=new)


def remove(disk: Disk, name: str, *, parent: int, expected: str) -> bool:
    """Durably remove the file `name`, which has the sha256 `expected`; returns False as `replace` does."""
    with _watched(disk, name, parent, expected) as watch:
        if watch is None:
            return False
        aside = _aside_name(name)
        try:
            disk.rename(name, aside, dir_fd=parent)
        except FileNotFoundError:
            return False
        try:
            disk.fsync(parent)
            unchanged = watch.is_unchanged(aside, parent)
        except OSError:
            _put_back(disk, aside, name, parent)
            raise
        if unchanged:
            _discard(disk, aside, parent)
        else:
            _put_back(disk, aside, name, parent)
        return unchanged


def settle(disk: Disk, aside: str, names: Iterable[str], *, parent: int, keeper: Keeper) -> Skip | None:
    """Deal with a file that a crash left set aside; `names` are those that it may have had.

    If the journal knows its bytes, it is removed. Anything else is what somebody wrote in the last instant: it gets
    its name back, unless newer bytes have that name or it is unclear which name it had. Then the journal keeps it,
    and the Skip returned says where. A file that somebody still has open for writing is left for another time.
    """
    with opened(disk, aside, READ, dir_fd=parent) as fd:
        if _lease(fd) is None:
            return None  # somebody still has it open for writing: left for another time
        if keeper.holds(sha256(_bytes_of(fd))):
            disk.unlink(aside, dir_fd=parent)
            return None
    name = _former_name(aside, names)
    data = (
        _content(disk, aside, parent) if name is None else _give_name_back(disk, aside, name, parent, keeper)
    )
    if data is None:
        return None
    digest = keeper.put(data)
    disk.unlink(aside, dir_fd=parent)
    return Skip(
        name or aside,
        "Somebody wrote to it at the moment when Kairos replaced it, and it has since been written again.",
        f"What was written then is kept, compressed with gzip, in {keeper.where(digest)}.",
    )


def _former_name(aside: str, names: Iterable[str]) -> str | None:
    """The name that a file set aside had; None if that is not certain."""
    name_hash = aside.removeprefix(_PREFIX)[:_HASH_DIGITS]
    found = [name for name in names if _name_hash(name) == name_hash and not ASIDE.fullmatch(name)]
    return found[0] if len(found) == 1 else None


def _give_name_back(disk: Disk, aside: str, name: str, parent: int, keeper: Keeper) -> bytes | None:
    """Give a file set aside its name back, if that is free or belongs to bytes that the journal knows.

    Returns the bytes that are still set aside; None if there are none.
    """
    present = _content(disk, name, parent)
    if present is None:
        with suppress(FileExistsError):
            rename_if_free(disk, aside, name, parent=parent)
            return None
    elif keeper.holds(sha256(present)):
        try:
            disk.exchange(aside, name, dir_fd=parent)
        except OSError as error:
            if error.errno not in NO_SUCH_RENAME:
                raise
            disk.rename(aside, name, dir_fd=parent)  # the journal has the bytes that this replaces
            return None
        if keeper.holds(sha256(_content(disk, aside, parent) or b"")):
            disk.unlink(aside, dir_fd=parent)
            return None
        disk.exchange(aside, name, dir_fd=parent)  # somebody saved in between: the newest keeps the name
    return _content(disk, aside, parent)


@dataclass(frozen=True, slots=True)
class _Watch:
    """An open file whose bytes are verified; `leased` if a lease tells about writers."""

    fd: int
    digest: str
    leased: bool

    @property
    def undisturbed(self) -> bool:
        """Whether nobody is waiting for the lease to end; always true without a lease."""
        return not self.leased or fcntl.fcntl(self.fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK

    def is_unchanged(self, name: str, parent: int) -> bool:
        """Whether `name` is still this file, with the same bytes, and nobody is about to write to it."""
        return (
            _is_open_as(self.fd, name, parent)
            and sha256(_bytes_of(self.fd)) == self.digest
            and self.undisturbed
        )


@contextmanager
def _watched(disk: Disk, name: str, parent: int, expected: str) -> Iterator[_Watch | None]:
    """Watch a file; yields None if it does not have the bytes `expected`, or somebody has it open for writing."""
    try:
        fd = disk.open(name, READ, dir_fd=parent)
    except OSError as error:
        if error.errno not in _GONE:
            raise
        fd = None
    if fd is None:
        yield None
        return
    try:
        leased = _lease(fd)
        regular = stat.S_ISREG(os.fstat(fd).st_mode)
        good = leased is not None and regular and sha256(_bytes_of(fd)) == expected
        yield _Watch(fd, expected, bool(leased)) if good else None
    finally:
        os.close(fd)  # also ends the lease


def _lease(fd: int) -> bool | None:
    """Ask the kernel for a lease, which tells about writers.

    True if it is granted, False if the system cannot, None if somebody has the file open for writing.
    """
    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)  # ignored by default; SIGIO would end us
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except AttributeError:
        return False
    except OSError as error:
        return None if error.errno in {errno.EAGAIN, errno.EBUSY} else False
    return True


def _finish_exchange(disk: Disk, watch: _Watch, aside: str, name: str, *, parent: int, new: str) -> bool:
    """Inspect the old file after the exchange: discard it, or exchange the names back."""
    try:
        disk.fsync(parent)
        unchanged = watch.is_unchanged(aside, parent)
    except OSError:
        _exchange_back(disk, aside, name, parent=parent, new=new)
        raise
    if unchanged:
        _discard(disk, aside, parent)
    else:
        _exchange_back(disk, aside, name, parent=parent, new=new)
    return unchanged


def _exchange_back(disk: Disk, aside: str, name: str, *, parent: int, new: str) -> None:
    """Exchange the names back, so that the newest bytes have the name.

    This is repeated until our own file comes out, or the file that was given the name one turn earlier: either means
    that nobody saved in between. Whatever cannot be sorted out now stays aside for `settle`.
    """
    with suppress(OSError), ExitStack() as held:
        before: int | None = None
        for _ in range(_MAX_EXCHANGES):  # each further turn means that somebody saved in between
            given = _pin_inode(disk, aside, parent, held)
            disk.exchange(aside, name, dir_fd=parent)
            with _watched(disk, aside, parent, new) as ours:
                if ours is not None:  # our own file, and nobody is writing to it
                    disk.fsync(parent)
                    disk.unlink(aside, dir_fd=parent)
                    return
            if before is not None and _is_open_as(before, aside, parent):
                return
            before = given


def _pin_inode(disk: Disk, name: str, parent: int, held: ExitStack) -> int | None:
    """Open a file, so that no new file can get its inode number meanwhile; None if it cannot be opened now."""
    try:
        return held.enter_context(opened(disk, name, READ, dir_fd=parent))
    except OSError:
        return None


def _is_open_as(fd: int, name: str, parent: int) -> bool:
    """Whether `name` is the file that is open as `fd`."""
    return os.path.samestat(os.fstat(fd), os.stat(name, dir_fd=parent, follow_symlinks=False))


def _rename_over(disk: Disk, watch: _Watch, aside: str, name: str, parent: int) -> bool:
    """Replace without an exchange, after comparing as late as possible."""
    if not watch.is_unchanged(name, parent):
        _discard(disk, aside, parent)
        return False
    try:
        disk.rename(aside, name, dir_fd=parent)
    except OSError:
        _discard(disk, aside, parent)
        raise
    disk.fsync(parent)
    return True


def _put_back(disk: Disk, aside: str, name: str, parent: int) -> None:
    """Give a file set aside its name back; if that is taken, the file stays aside for `settle`."""
    with suppress(OSError):
        rename_if_free(disk, aside, name, parent=parent)


def _discard(disk: Disk, aside: str, parent: int) -> None:
    """Remove a file set aside whose bytes the journal has, or which never had another name.

    If that fails, the next recovery removes it.
    """
    for _ in range(2):  # the fault may be temporary
        with suppress(OSError):
            disk.unlink(aside, dir_fd=parent)
            return


def _content(disk: Disk, name: str, parent: int) -> bytes | None:
    try:
        with opened(disk, name, READ, dir_fd=parent) as fd:
            return _bytes_of(fd) if stat.S_ISREG(os.fstat(fd).st_mode) else None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise


def _bytes_of(fd: int) -> bytes:
    return read_all(fd, os.fstat(fd).st_size)


def _name_hash(name: str) -> str:
    return sha256(os.fsencode(name))[:_HASH_DIGITS]


def _aside_name(name: str) -> str:
    return f"{_PREFIX}{_name_hash(name)}{secrets.token_hex(4)}.old"
