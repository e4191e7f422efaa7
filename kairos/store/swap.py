"""Replacing and removing a file beside a live writer, so that what it writes in the same instant stays.

To compare and then to rename leaves a gap between the two. Here the new file and the old one change names at
one instant; then the old one is looked at, and if it holds anything but the bytes that were counted on, the
names change back. A lease of the kernel finds whoever has the old file open for writing, and lets whoever wants
to open it wait until the names are settled. Where a system has no such exchange or no leases, comparing is all
there is.

While names are in the air, the old file is called `.kairos-….old`. Such a file is always complete: bytes in it
that the journal does not know are somebody else's, and `settle` gives them back.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
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
from kairos.store.disk import Disk, opened
from kairos.store.naming import NO_SUCH_RENAME, name_anew

ASIDE = re.compile(r"\.kairos-[0-9a-f]{16}\.old")
"""The name of a file that is in the air: half a hash of the name that it had, half chance."""

_PREFIX = ".kairos-"
_MARK = 8
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_GONE = {errno.ENOENT, errno.ELOOP, errno.ENXIO}
_PATIENCE = 8


class Keeper(Protocol):
    """What knows bytes by their sha256, and keeps more of them."""

    def holds(self, digest: str) -> bool:
        """Whether these bytes are kept."""

    def put(self, data: bytes) -> str:
        """Keep some bytes; returns their sha256."""

    def where(self, digest: str) -> str:
        """The file that a person finds kept bytes in."""


def replace(disk: Disk, temporary: str, name: str, *, parent: int, expected: str, new: str) -> bool:
    """Give a finished file, with the sha256 `new`, the name of one that has `expected`, durably.

    False, with the names as they were: other bytes are there, or somebody is writing them.
    """
    with _watched(disk, name, parent, expected) as watch:
        if watch is None:
            return False
        aside = _aside(name)
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
        return _settled(disk, watch, aside, name, parent=parent, new=new)


def remove(disk: Disk, name: str, *, parent: int, expected: str) -> bool:
    """Remove a file that has the sha256 `expected`, durably; False as for `replace`."""
    with _watched(disk, name, parent, expected) as watch:
        if watch is None:
            return False
        aside = _aside(name)
        try:
            disk.rename(name, aside, dir_fd=parent)
        except FileNotFoundError:
            return False
        try:
            disk.fsync(parent)
            good = watch.holds_still(aside, parent)
        except OSError:
            _put_back(disk, aside, name, parent)
            raise
        if good:
            _discard(disk, aside, parent)
        else:
            _put_back(disk, aside, name, parent)
        return good


def settle(disk: Disk, aside: str, names: Iterable[str], *, parent: int, keeper: Keeper) -> Skip | None:
    """Deal with a file that a crash left in the air; `names` are those beside it.

    What the journal knows goes. Anything else is what somebody wrote in the last instant: it gets its name
    back, unless something newer has that name; then the journal keeps it, and the answer says so.
    """
    with opened(disk, aside, _READ, dir_fd=parent) as fd:
        if _lease(fd) is None:
            return None  # somebody still writes to it: at another time
        if keeper.holds(_sha256(_all_of(fd))):
            disk.unlink(aside, dir_fd=parent)
            return None
    owner = _owner(aside, names)
    data = _content(disk, aside, parent) if owner is None else _returned(disk, aside, owner, parent, keeper)
    if data is None:
        return None
    digest = keeper.put(data)
    disk.unlink(aside, dir_fd=parent)
    return Skip(
        owner or aside,
        "Somebody wrote it in the instant in which Kairos replaced it, and newer bytes have its name.",
        f"What was written then is kept, compressed with gzip, in {keeper.where(digest)}.",
    )


def _owner(aside: str, names: Iterable[str]) -> str | None:
    """The name that a file in the air had, if that is certain."""
    mark = aside.removeprefix(_PREFIX)[:_MARK]
    owners = [name for name in names if _mark(name) == mark and not ASIDE.fullmatch(name)]
    return owners[0] if len(owners) == 1 else None


def _returned(disk: Disk, aside: str, name: str, parent: int, keeper: Keeper) -> bytes | None:
    """Give a file in the air its name again if the journal knows what has it now; the bytes left in the air."""
    present = _content(disk, name, parent)
    if present is None:
        with suppress(FileExistsError):
            name_anew(disk, aside, name, parent=parent)
            return None
    elif keeper.holds(_sha256(present)):
        try:
            disk.exchange(aside, name, dir_fd=parent)
        except OSError as error:
            if error.errno not in NO_SUCH_RENAME:
                raise
            disk.rename(aside, name, dir_fd=parent)  # what has the name is kept
            return None
        if keeper.holds(_sha256(_content(disk, aside, parent) or b"")):
            disk.unlink(aside, dir_fd=parent)
            return None
        disk.exchange(aside, name, dir_fd=parent)  # somebody saved in between: the newest keeps the name
    return _content(disk, aside, parent)


@dataclass(frozen=True, slots=True)
class _Watch:
    """An open file of which the bytes are known, and whether a lease tells about writers."""

    fd: int
    digest: str
    leased: bool

    @property
    def undisturbed(self) -> bool:
        """Whether nobody waits for the lease to end."""
        return not self.leased or fcntl.fcntl(self.fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK

    def holds_still(self, name: str, parent: int) -> bool:
        """Whether `name` is this file, with the same bytes, and nobody is about to write to it."""
        return (
            _is_open_as(self.fd, name, parent)
            and _sha256(_all_of(self.fd)) == self.digest
            and self.undisturbed
        )


@contextmanager
def _watched(disk: Disk, name: str, parent: int, expected: str) -> Iterator[_Watch | None]:
    """Watch a file; None if it has other bytes than `expected`, or somebody has it open for writing."""
    try:
        fd = disk.open(name, _READ, dir_fd=parent)
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
        good = leased is not None and regular and _sha256(_all_of(fd)) == expected
        yield _Watch(fd, expected, bool(leased)) if good else None
    finally:
        os.close(fd)  # ends the lease


def _lease(fd: int) -> bool | None:
    """Ask to be told of writers: True, False where the system cannot, None where there is one already."""
    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)  # ignored by default, unlike SIGIO
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except AttributeError:
        return False
    except OSError as error:
        return None if error.errno in {errno.EAGAIN, errno.EBUSY} else False
    return True


def _settled(disk: Disk, watch: _Watch, aside: str, name: str, *, parent: int, new: str) -> bool:
    """Look at the old file after the exchange: drop it, or change the names back."""
    try:
        disk.fsync(parent)
        good = watch.holds_still(aside, parent)
    except OSError:
        _change_back(disk, aside, name, parent=parent, new=new)
        raise
    if good:
        _discard(disk, aside, parent)
    else:
        _change_back(disk, aside, name, parent=parent, new=new)
    return good


def _change_back(disk: Disk, aside: str, name: str, *, parent: int, new: str) -> None:
    """Exchange until our own file comes out, or what was given the name the turn before: then nobody saved in between,
    and the newest has the name. What cannot be sorted out now stays aside for `settle`."""
    with suppress(OSError), ExitStack() as held:
        before: int | None = None
        for _ in range(_PATIENCE):  # each further turn means that somebody saved in between
            given = _held(disk, aside, parent, held)
            disk.exchange(aside, name, dir_fd=parent)
            with _watched(disk, aside, parent, new) as ours:
                if ours is not None:  # ours, and nobody found it under its name to write to it
                    disk.fsync(parent)
                    disk.unlink(aside, dir_fd=parent)
                    return
            if before is not None and _is_open_as(before, aside, parent):
                return
            before = given


def _held(disk: Disk, name: str, parent: int, held: ExitStack) -> int | None:
    """Open a file, so that none that is made meanwhile gets its number; None if it cannot be opened now."""
    try:
        return held.enter_context(opened(disk, name, _READ, dir_fd=parent))
    except OSError:
        return None


def _is_open_as(fd: int, name: str, parent: int) -> bool:
    """Whether `name` is the file that is open as `fd`."""
    return os.path.samestat(os.fstat(fd), os.stat(name, dir_fd=parent, follow_symlinks=False))


def _rename_over(disk: Disk, watch: _Watch, aside: str, name: str, parent: int) -> bool:
    """Replace without an exchange: compared as late as possible."""
    if not watch.holds_still(name, parent):
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
    """Give a file its name again, unless that is taken; then it stays aside for `settle`."""
    with suppress(OSError):
        name_anew(disk, aside, name, parent=parent)


def _discard(disk: Disk, aside: str, parent: int) -> None:
    """Remove what the journal has or never had another name; what stays goes at the next start."""
    for _ in range(2):  # a fault may pass
        with suppress(OSError):
            disk.unlink(aside, dir_fd=parent)
            return


def _content(disk: Disk, name: str, parent: int) -> bytes | None:
    try:
        with opened(disk, name, _READ, dir_fd=parent) as fd:
            return _all_of(fd) if stat.S_ISREG(os.fstat(fd).st_mode) else None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise


def _all_of(fd: int) -> bytes:
    size = os.fstat(fd).st_size
    parts: list[bytes] = []
    while part := os.pread(fd, max(size, 1 << 16), sum(map(len, parts))):
        parts.append(part)
    return b"".join(parts)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mark(name: str) -> str:
    return _sha256(os.fsencode(name))[:_MARK]


def _aside(name: str) -> str:
    return f"{_PREFIX}{_mark(name)}{secrets.token_hex(4)}.old"
