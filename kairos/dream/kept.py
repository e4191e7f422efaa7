"""What was found out about a root, kept between dreams: what stays as it is is neither parsed nor judged again.

The file holds what notes say, for its owner's eyes only. A file of another user, or of other code, counts for nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import markdown_it
import msgspec
import yaml

import kairos
from kairos.core.facts import FileFacts
from kairos.core.merge import Made, Merges
from kairos.core.reading import Reading, path_of
from kairos.dream.written import (
    Between,
    Merged,
    Name,
    Read,
    Where,
    Written,
    facts_in,
    merges_in,
    packed,
    unpacked,
    verdicts_in,
    written,
)
from kairos.ml.memory import uncollected
from kairos.ml.replaced import replace_file
from kairos.model import Judgement, Snapshot

_MAGIC = b"kairos kept 5\n"
_DEPENDS_ON = ("core/*.py", "dream/kept.py", "dream/written.py", "model/*.py")


@dataclass(frozen=True, slots=True)
class Kept:
    """The facts of files, by their paths in the root and their sha256, the verdicts on pairs of their entries, and the
    merges that were made of some.

    Of a file that a plan changes, there are those before and those after it. `read` is what was read of the facts.
    """

    facts: Mapping[Name, FileFacts] = field(default_factory=dict)
    verdicts: Mapping[Where, Judgement] = field(default_factory=dict)
    merges: Mapping[Between, Merged] = field(default_factory=dict)
    read: Mapping[Name, Read] = field(default_factory=dict, compare=False, repr=False)

    def facts_of(self, snapshot: Snapshot) -> dict[str, FileFacts]:
        """Return the facts of those files of a snapshot that are as they were, by path."""
        names = ((source.path, source.sha256) for source in snapshot.sources)
        return {name[0]: self.facts[name] for name in names if name in self.facts}

    @property
    def lasting(self) -> Kept:
        """What of it may be written down: nothing of files that hold credentials."""
        return self.without({name for name, one in self.facts.items() if one.credentials})

    def without(self, names: Container[Name]) -> Kept:
        """Return all but the facts of some files, and the verdicts on their entries."""
        facts = {name: one for name, one in self.facts.items() if name not in names}
        left_out = {name[1] for name in self.facts if name not in facts}
        if not left_out:
            return self
        verdicts = {
            where: verdict
            for where, verdict in self.verdicts.items()
            if where.file_a not in left_out and where.file_b not in left_out
        }
        merges = {
            between: merged
            for between, merged in self.merges.items()
            if between.file_kept not in left_out and between.file_dropped not in left_out
        }
        return Kept(facts, verdicts, merges)

    def with_merges(self, merges: Merges) -> Kept:
        """Return the same with the merges that were made of entries of these files."""
        found = {
            Between(*names, *made.files): Merged(made.pair, made.change)
            for names, made in merges.items()
            if all(file in self.facts for file in zip(map(path_of, names), made.files, strict=True))
        }
        return replace(self, merges=found)

    def merges_of(self, reading: Reading) -> Merges:
        """Return the merges of those entries of a reading whose files have the facts that they had.

        Facts that were told anew, as where only the time of a file changed, do not count.
        """
        found: Merges = {}
        for between, (pair, change) in self.merges.items():
            kept, dropped = reading.entries.get(between.kept), reading.entries.get(between.dropped)
            if kept is not None and dropped is not None:
                files = between.file_kept, between.file_dropped
                facts = reading.facts[kept.path], reading.facts[dropped.path]
                if all(
                    self.facts.get((one.source.path, file)) is one
                    for one, file in zip(facts, files, strict=True)
                ):
                    notes = facts[0].note, facts[1].note
                    found[kept.id, dropped.id] = Made(kept, dropped, notes, files, pair, change)
        return found


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What was kept in a file, found whole: at first only which files of the root it is about, by path and sha256."""

    names: frozenset[Name] = frozenset()
    _written: Written | None = None

    def kept(self, judge: str) -> Kept:
        """Return all that it holds. `judge` is all that verdicts and merges depend on beside the files: those of
        another judge do not count."""
        if self._written is None:
            return Kept()
        try:
            with uncollected():
                read = facts_in(self._written)
                kept = Kept({name: one.facts for name, one in read.items()}, read=read)
                if self._written.judge == judge:
                    kept = replace(kept, verdicts=verdicts_in(self._written), merges=merges_in(self._written))
        except Exception:  # noqa: BLE001 - as in `open_kept`
            return Kept()
        return kept


def open_kept(path: Path) -> KeptFile:
    """Return the file at `path`; an empty one, where it is missing, damaged, or was written by other code."""
    try:
        data = _read_ours(path)
        head = _MAGIC + _code()
        payload = memoryview(data)[len(head) + hashlib.sha256().digest_size :]
        if data[: len(data) - len(payload)] != head + hashlib.sha256(payload).digest():
            return KeptFile()
        found = unpacked(payload)
        return KeptFile(frozenset(found.names), found)
    except Exception:  # noqa: BLE001 - whatever somebody wrote there costs time, never a dream
        return KeptFile()


def write_kept(path: Path, kept: Kept, judge: str, known: Mapping[Name, Read] | None = None) -> None:
    """Replace the file at `path`: by nothing of files that hold credentials, nor of those that cannot be written.

    `known` is what was read of the file that is there. Where this fails, the next dream only has more to do.
    """
    rows = {
        name: row
        for name, one in kept.lasting.facts.items()
        if (row := _row(one, (known or {}).get(name))) is not None
    }
    lasting = kept.without(kept.facts.keys() - rows)
    try:
        parts = packed(rows, judge, lasting.verdicts, lasting.merges)
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part)
        replace_file(path, (_MAGIC, _code(), digest.digest(), *parts))
    except (OSError, ValueError, MemoryError):
        return


def _row(facts: FileFacts, known: Read | None) -> msgspec.Raw | None:
    return known.row if known is not None and known.holds(facts) else written(facts)


def _read_ours(path: Path) -> bytes:
    """Return the bytes of a file, unless another user wrote it. Raises OSError.

    They are read and not mapped: a mapped file that somebody cuts short kills whoever looks at it.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to another user")
        return file.read()


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
