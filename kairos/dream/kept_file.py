"""The file in which a root's `Kept` is stored between dreams: each dream appends what is new, or rewrites the file.

It holds text of the notes, so only its owner can read it. A file of another user, or written by another version of the
code, is ignored; if the file ends in a torn part, the parts before it count.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

import markdown_it
import msgspec
import yaml

import kairos
from kairos.dream.kept import AppendPoint, Kept, Known
from kairos.dream.kept_codec import (
    FileVersion,
    StoredPart,
    encoded_facts,
    facts_in,
    names_in,
    packed,
    unpacked,
)
from kairos.dream.kept_verdict_codec import guards_in, judged_in, merges_in, packed_judged, verdicts_in
from kairos.ml.append_file import FileState, append_part, create_file, read_parts, size_of
from kairos.ml.background import in_background
from kairos.ml.memory import gc_paused

_MAGIC = b"kairos kept 9\n"
_DEPENDS_ON = ("core/**/*.py", "dream/kept*.py", "model/*.py")
_MAX_GROWTH = 0.5
"""The file is rewritten once its later parts would exceed this fraction of the first part."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A kept file of which only `names` is decoded: the files of the root that it knows, by path and sha256."""

    names: frozenset[FileVersion] = frozenset()
    _parts: tuple[StoredPart, ...] = ()
    _sizes: tuple[int, ...] = ()
    _end: FileState | None = None

    def kept(self, judge: str) -> Known:
        """Decode everything in the file; empty if anything is damaged.

        `judge` is the fingerprint of what verdicts and merges depend on besides the notes: those with another
        fingerprint are left out.
        """
        ours = [one for one in self._parts if one.judge == judge]
        try:
            with gc_paused():
                facts = facts_in(self._parts)
                judged = [judged_in(one.judged) for one in ours]
                verdicts = verdicts_in(judged)
                guards = dict(chain.from_iterable(map(guards_in, judged)))
                merges = dict(chain.from_iterable(map(merges_in, judged)))
        except Exception:  # noqa: BLE001 - as in `open_kept`
            return Known()
        append_point = None
        if self._end is not None and ours and len(ours) == len(self._parts):
            first, *since = self._sizes
            append_point = AppendPoint(self._end, first, sum(since))
        return Known(facts, verdicts, guards, merges, append_point=append_point)


def opening(path: Path) -> Callable[[], KeptFile]:
    """Start opening the file at `path` in another thread; returns a function that waits for it and returns it.

    That function can be called only once, so that nothing else keeps the large result in memory.
    """
    open_it = partial(open_kept, path)
    opened = in_background(open_it)
    return (lambda: opened.pop().result()) if opened else open_it


def open_kept(path: Path) -> KeptFile:
    """Open the file at `path`; an empty one if it is missing, damaged, or written by another version of the code."""
    try:
        found = read_parts(path, _MAGIC + _code_digest())
        parts = tuple(map(unpacked, found.parts))
        return KeptFile(names_in(parts), parts, tuple(map(len, found.parts)), found.end)
    except Exception:  # noqa: BLE001 - a bad file costs time, but never fails a dream
        return KeptFile()


def write_kept(path: Path, kept: Kept, judge: str, known: Known | None = None) -> None:
    """Write `kept` to the file at `path`, leaving out files that hold credentials and those that cannot be encoded.

    `known` is what was read from that file: only what is new is appended, unless the file has grown too much. Failures
    are ignored: the next dream merely has more to do.
    """
    lasting = kept.persistable
    try:
        if (
            known is None
            or known.append_point is None
            or not _append(path, lasting, judge, known, known.append_point)
        ):
            create_file(path, _MAGIC + _code_digest(), _encoded_whole(lasting, judge))
    except (OSError, ValueError, MemoryError):
        return


def _append(path: Path, kept: Kept, judge: str, known: Known, append_point: AppendPoint) -> bool:
    """Append what is new, if anything; returns False if the file has to be rewritten instead.

    That is so if it would grow too much, and if a note is gone or must no longer be kept: its text has to disappear.
    """
    new, gone = _additions(kept, known), known.facts.keys() - kept.facts.keys()
    if not {path for path, _ in gone} <= {path for path, _ in kept.facts}:
        return False
    rows = _encoded_rows(new)
    new = new.without(new.facts.keys() - rows)
    if not (rows or new.verdicts or new.guards or new.merges or gone):
        return True
    part = packed(judge, sorted(gone), rows, packed_judged(new.verdicts, new.guards, new.merges))
    return append_point.since + size_of(part) <= append_point.first * _MAX_GROWTH and append_part(
        path, append_point.end, part
    )


def _additions(kept: Kept, known: Known) -> Kept:
    """Return what is new. Verdicts and merges that this dream did not need are still true, and stay in the file."""
    facts = {
        name: one for name, one in kept.facts.items() if known.facts.get(name) is not one or one.tells_more
    }
    verdicts = kept.reached
    if verdicts is None:
        verdicts = {
            where: one for where, one in kept.verdicts.items() if known.verdicts.get(where) is not one
        }
    guards = {between: one for between, one in kept.guards.items() if known.guards.get(between) != one}
    merges = {between: one for between, one in kept.merges.items() if known.merges.get(between) != one}
    return Kept(facts, verdicts, guards, merges)


def _encoded_whole(kept: Kept, judge: str) -> tuple[memoryview, ...]:
    rows = _encoded_rows(kept)
    writable = kept.without(kept.facts.keys() - rows)
    return packed(judge, (), rows, packed_judged(writable.verdicts, writable.guards, writable.merges))


def _encoded_rows(kept: Kept) -> dict[FileVersion, msgspec.Raw]:
    """Return the encoded facts of every file whose facts can be encoded."""
    return {name: row for name, one in kept.facts.items() if (row := encoded_facts(one)) is not None}


@cache
def _code_digest() -> bytes:
    """Return a digest of the code, and of the versions of the libraries, that the facts depend on."""
    room = Path(kairos.__file__).parent
    versions = (
        kairos.__version__,
        markdown_it.__version__,
        msgspec.__version__,
        yaml.__version__,
        sys.version,
    )
    digest = hashlib.sha256("\0".join(versions).encode())
    for file in sorted(file for pattern in _DEPENDS_ON for file in room.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.digest()
