"""The root as a plan would leave it, read again, and which of its entries was which before."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from kairos.core.change.effects import rendered
from kairos.core.markdown.render import edits_by_path
from kairos.core.markdown.sections import with_delimiters
from kairos.core.root.facts import FileFacts
from kairos.core.root.reading import Reading
from kairos.model import Change, Edit, Note, Role, Source, Span, Splice

RoleOf = Callable[[str], Role | None]
"""The role that a path has in its root; None if it is no note."""


@dataclass(frozen=True)
class Aftermath:
    """A root after some changes.

    `reading` is the result, `before` the root that the changes were made for, and `edits` their edits by path.
    """

    reading: Reading
    before: Reading
    edits: Mapping[str, Sequence[Edit]]

    @cached_property
    def origins(self) -> Mapping[str, str]:
        """The ids of entries before the changes, by their ids afterwards."""
        found = dict(zip(self.reading.entries, self.reading.entries, strict=True))
        old = self.before.notes
        for path, note in self.reading.notes.items():
            if old.get(path) is not note:
                for entry in note.entries:
                    del found[entry.id]
                source = self.before.sources.get(path)
                found.update(_origins(note, old.get(path), self.edits.get(path, ()), source))
        return found


def aftermath(
    changes: Sequence[Change],
    reading: Reading,
    role_of: RoleOf,
    at: int,
    known: Mapping[str, FileFacts] | None = None,
) -> Aftermath:
    """Read the root as the changes leave it; `at` is the time of writing (ns).

    Unchanged files are not parsed again, nor are those that an earlier aftermath read with the same bytes (`known`).
    """
    sources = tuple(_sources(changes, reading, role_of, at))
    changed = {source.path for source in sources if source is not reading.sources.get(source.path)}
    facts = {path: facts for path, facts in (known or {}).items() if path in changed}
    after = Reading.of(replace(reading.snapshot, sources=sources), {**reading.facts, **facts}, reading)
    return Aftermath(after, reading, edits_by_path(changes))


def _sources(changes: Sequence[Change], reading: Reading, role_of: RoleOf, at: int) -> Iterator[Source]:
    for path, data in sorted(rendered(changes, reading).items()):
        old = reading.sources.get(path)
        if data is None:
            continue
        if old is not None and old.data == data:
            yield old
            continue
        role = old.role if old else role_of(path)
        if role is not None:
            sha256 = hashlib.sha256(data).hexdigest()
            mtime_ns = max(at, old.mtime_ns) if old else at
            mode, owner = (old.mode, old.owner) if old else (0o644, None)
            yield Source(path, data, sha256, mtime_ns, mode, role, owner)


def _origins(
    note: Note, old: Note | None, edits: Iterable[Edit], source: Source | None
) -> Iterator[tuple[str, str]]:
    """Yield (id afterwards, id before) for the entries of one note whose first byte still begins an entry.

    `source` is the file before.
    """
    if old is None or source is None:
        return
    moved = Shift.of((edit for edit in edits if isinstance(edit, Splice)), source.data)
    begins = {entry.span.start: entry.id for entry in note.entries}
    for entry in old.entries:
        start = moved(entry.span.start)
        if start in begins and not moved.deletes(entry.span.start):
            yield begins[start], entry.id


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the bytes of a file are after some splices."""

    splices: tuple[Splice, ...]
    ends: tuple[int, ...]
    deltas: tuple[int, ...]

    @classmethod
    def of(cls, splices: Iterable[Splice], data: bytes) -> Shift:
        """Return the shift made by splices of `data` that do not overlap."""
        ordered = tuple(sorted(with_delimiters(data, splices), key=lambda splice: splice.span))
        grown = (len(splice.text) - (splice.span.end - splice.span.start) for splice in ordered)
        return cls(ordered, tuple(splice.span.end for splice in ordered), (0, *accumulate(grown)))

    def __call__(self, position: int) -> int:
        """Return the new position of the byte at `position`; an insertion at that position comes before it."""
        return position + self.deltas[bisect_right(self.ends, position)]

    def touching(self, span: Span) -> tuple[Splice, ...]:
        """Return the splices that change bytes of a span, or insert between them."""
        first = bisect_right(self.ends, span.start)
        return self.splices[first : bisect_left(self.splices, span.end, first, key=_start)]

    def deletes(self, position: int) -> bool:
        """Whether the byte at a position is deleted without a replacement."""
        following = bisect_right(self.ends, position)
        if following == len(self.splices):
            return False
        splice = self.splices[following]
        return splice.span.start <= position and not splice.text


def _start(splice: Splice) -> int:
    return splice.span.start
