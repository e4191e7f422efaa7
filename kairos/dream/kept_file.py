"""The file of what is kept of a root between dreams. Each dream appends what is new; now and then one writes it anew.

It holds what notes say, for its owner's eyes only. A file of another user, or of other code, counts for nothing; of one
that ends in a torn part, the parts before it count.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

import markdown_it
import msgspec
import yaml

import kairos
from kairos.dream.kept import Grounds, Kept
from kairos.dream.written import (
    Name,
    Written,
    facts_in,
    names_in,
    packed,
    unpacked,
    written,
)
from kairos.dream.written_judged import judged_in, merges_in, packed_judged, verdicts_in
from kairos.ml.grown import End, append_grown, begin_grown, read_grown, size_of
from kairos.ml.memory import uncollected

_MAGIC = b"kairos kept 7\n"
_DEPENDS_ON = ("core/**/*.py", "dream/kept*.py", "dream/written*.py", "model/*.py")
_GROWTH = 0.5
"""How much of the first part those behind it may add up to, before all is written anew."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What was kept in a file: at first only which files of the root it is about, by path and sha256."""

    names: frozenset[Name] = frozenset()
    _written: tuple[Written, ...] = ()
    _sizes: tuple[int, ...] = ()
    _end: End | None = None

    def kept(self, judge: str) -> Kept:
        """Return all that it holds. `judge` is all that verdicts and merges depend on beside the files: those of
        another judge do not count."""
        ours = [one for one in self._written if one.judge == judge]
        try:
            with uncollected():
                facts = facts_in(self._written)
                judged = [judged_in(one.judged) for one in ours]
                verdicts = dict(chain.from_iterable(map(verdicts_in, judged)))
                merges = dict(chain.from_iterable(map(merges_in, judged)))
        except Exception:  # noqa: BLE001 - as in `open_kept`
            return Kept()
        grounds = None
        if self._end is not None and ours and len(ours) == len(self._written):
            first, *since = self._sizes
            grounds = Grounds(self._end, first, sum(since))
        return Kept(facts, verdicts, merges, grounds)


def opening(path: Path) -> Callable[[], KeptFile]:
    """Have the file at `path` opened beside what is done meanwhile; return what waits for it, and gives it once: it
    is large."""
    beside = ThreadPoolExecutor(1)
    try:
        opened = [beside.submit(open_kept, path)]
    except RuntimeError:  # no thread is to be had
        return partial(open_kept, path)
    finally:
        beside.shutdown(wait=False)
    return lambda: opened.pop().result()


def open_kept(path: Path) -> KeptFile:
    """Return the file at `path`; an empty one, where it is missing, damaged, or was written by other code."""
    try:
        found = read_grown(path, _MAGIC + _code())
        those = tuple(map(unpacked, found.parts))
        return KeptFile(names_in(those), those, tuple(map(len, found.parts)), found.end)
    except Exception:  # noqa: BLE001 - whatever somebody wrote there costs time, never a dream
        return KeptFile()


def write_kept(path: Path, kept: Kept, judge: str, known: Kept | None = None) -> None:
    """Keep in the file at `path` what lasts of `kept`: nothing of files that hold credentials, nor of those that cannot
    be written.

    `known` is what was read of the file that is there: what is new is appended, unless that has become too much. Where
    this fails, the next dream only has more to do.
    """
    lasting = kept.lasting
    try:
        if known is None or known.grounds is None or not _append(path, lasting, judge, known, known.grounds):
            begin_grown(path, _MAGIC + _code(), _whole(lasting, judge))
    except (OSError, ValueError, MemoryError):
        return


def _append(path: Path, kept: Kept, judge: str, known: Kept, grounds: Grounds) -> bool:
    """Append what is new, if there is anything; return whether the file has all now, and nothing of notes that are no
    more, or that must not be kept any more."""
    new, gone = _since(kept, known), known.facts.keys() - kept.facts.keys()
    if not {path for path, _ in gone} <= {path for path, _ in kept.facts}:
        return False
    rows = _rows(new)
    new = new.without(new.facts.keys() - rows)
    if not (rows or new.verdicts or new.merges or gone):
        return True
    part = packed(judge, sorted(gone), rows, packed_judged(new.verdicts, new.merges))
    return grounds.since + size_of(part) <= grounds.first * _GROWTH and append_grown(path, grounds.end, part)


def _since(kept: Kept, known: Kept) -> Kept:
    """Return what is new. Verdicts and merges that nobody asked for again are no less true, and stay in the file."""
    facts = {
        name: one for name, one in kept.facts.items() if known.facts.get(name) is not one or one.tells_more
    }
    verdicts = {where: one for where, one in kept.verdicts.items() if known.verdicts.get(where) is not one}
    merges = {between: one for between, one in kept.merges.items() if known.merges.get(between) != one}
    return Kept(facts, verdicts, merges)


def _whole(kept: Kept, judge: str) -> tuple[memoryview, ...]:
    rows = _rows(kept)
    writable = kept.without(kept.facts.keys() - rows)
    return packed(judge, (), rows, packed_judged(writable.verdicts, writable.merges))


def _rows(kept: Kept) -> dict[Name, msgspec.Raw]:
    """Return the facts that can be written, as they are written."""
    return {name: row for name, one in kept.facts.items() if (row := written(one)) is not None}


@cache
def _code() -> bytes:
    """Return what changes with the code that finds the facts out."""
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
