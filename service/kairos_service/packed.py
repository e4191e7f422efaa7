"""The notes of a count, packed into a few large blocks of memory.

As a great many small objects they would fragment the heap of a process that lives for months: it would grow with every
flood of notes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

_LEAST, _MOST = -(2**63), 2**63 - 1
_INODES = 2**64 - 1


class Stamp(NamedTuple):
    """What tells one state of a file from another. The inode is 0 on file systems whose inodes are not stable."""

    size: int
    mtime_ns: int
    inode: int


class Packed(Mapping[str, Stamp]):
    """An immutable mapping of paths to stamps, sorted by the paths' bytes."""

    __slots__ = ("_ends", "_inodes", "_mtimes", "_names", "_sizes")

    def __init__(
        self, names: bytes, ends: array[int], sizes: array[int], mtimes: array[int], inodes: array[int]
    ) -> None:
        self._names, self._ends = names, ends
        self._sizes, self._mtimes, self._inodes = sizes, mtimes, inodes

    @property
    def mtimes(self) -> array[int]:
        """The modification times of all files, in nanoseconds."""
        return self._mtimes

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[str]:
        return (_decoded(self._names[begin:end]) for begin, end in pairwise(self._ends))

    def __getitem__(self, path: str) -> Stamp:
        wanted = _encoded(path)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(self) or self._name(low) != wanted:
            raise KeyError(path)
        return Stamp(self._sizes[low], self._mtimes[low], self._inodes[low])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packed):
            return super().__eq__(other)
        return (
            self._names == other._names
            and self._ends == other._ends
            and self._mtimes == other._mtimes
            and self._sizes == other._sizes
            and self._inodes == other._inodes
        )

    __hash__ = None  # type: ignore[assignment] # as that of every mapping

    def pairs(self) -> Iterator[tuple[str, Stamp]]:
        """Yield each path with its stamp; faster than looking them up one by one."""
        return zip(self, map(Stamp, self._sizes, self._mtimes, self._inodes), strict=True)

    def _name(self, number: int) -> bytes:
        return self._names[self._ends[number] : self._ends[number + 1]]


class Packing:
    """Builds a `Packed` from stamps in any order, each path once."""

    def __init__(self) -> None:
        self._names = bytearray()
        self._ends = array("Q", [0])
        self._sizes, self._mtimes, self._inodes = array("q"), array("q"), array("Q")

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, path: str, stamp: Stamp) -> None:
        """Add a stamp; numbers that do not fit into 64 bits are clamped."""
        self._names += _encoded(path)
        self._ends.append(len(self._names))
        self._sizes.append(min(max(stamp.size, _LEAST), _MOST))
        self._mtimes.append(min(max(stamp.mtime_ns, _LEAST), _MOST))
        self._inodes.append(min(max(stamp.inode, 0), _INODES))

    def done(self) -> Packed:
        """Return the packed mapping."""
        names = [bytes(self._names[begin:end]) for begin, end in pairwise(self._ends)]
        order = sorted(range(len(names)), key=names.__getitem__)
        ends = array("Q", [0])
        for number in order:
            ends.append(ends[-1] + len(names[number]))
        sizes, mtimes, inodes = (
            array(column.typecode, map(column.__getitem__, order))
            for column in (self._sizes, self._mtimes, self._inodes)
        )
        return Packed(b"".join(map(names.__getitem__, order)), ends, sizes, mtimes, inodes)


def packed(stamps: Mapping[str, Stamp]) -> Packed:
    """Pack a mapping of stamps."""
    packing = Packing()
    for path, stamp in stamps.items():
        packing.add(path, stamp)
    return packing.done()


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogatepass")  # undecodable bytes in file names arrive as lone surrogates


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")
