"""Line numbers after a plan is applied: a report about the result refers to the notes as they are then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kairos.core.change.aftermath import Shift
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.root.figures import Exposure
from kairos.core.root.reading import Reading
from kairos.model import Change, Edit, Skip, Splice

_PLACE = re.compile(r"(.+):(\d+)", re.DOTALL)


@dataclass(frozen=True)
class MovedLines:
    """The lines of a reading after some changes."""

    reading: Reading
    changes: Sequence[Change]
    _after: dict[str, tuple[bytes | None, Shift]] = field(default_factory=dict, init=False)

    @cached_property
    def _edits(self) -> dict[str, list[Edit]]:
        return edits_by_path(self.changes)

    def exposures(self, found: Iterable[Exposure]) -> tuple[Exposure, ...]:
        """Return credentials with their new lines. One that goes keeps its old line, or nobody would hear of it."""
        return tuple(dict.fromkeys(map(self._exposure, found)))

    def _exposure(self, one: Exposure) -> Exposure:
        line = self._line(one.file, one.line)
        return one if line is None else replace(one, line=line)

    def skip(self, skip: Skip) -> Skip:
        """Return a skip with its new line, or as it is if that line goes."""
        place = _PLACE.fullmatch(skip.what)
        line = self._line(place[1], int(place[2])) if place else None
        return replace(skip, what=f"{place[1]}:{line}") if place and line is not None else skip

    def _line(self, path: str, line: int) -> int | None:
        """Return the new number of a line; None if it goes."""
        edits, source = self._edits.get(path), self.reading.sources.get(path)
        if edits is None or source is None:
            return line
        if path not in self._after:
            shift = Shift.of((edit for edit in edits if isinstance(edit, Splice)), source.data)
            self._after[path] = render_file(source.data, edits), shift
        after, moved = self._after[path]
        begin = _begin(source.data, line)
        if after is None or begin is None or moved.deletes(begin):
            return None
        return after.count(b"\n", 0, moved(begin)) + 1


def _begin(data: bytes, line: int) -> int | None:
    """Return the position at which a line begins; None if there are fewer lines."""
    at = 0
    for _ in range(line - 1):
        at = data.find(b"\n", at) + 1
        if not at:
            return None
    return at
