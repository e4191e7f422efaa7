"""The numbers that lines have once a plan is carried out: what is told of it then is looked up in the notes of then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from kairos.core.change.aftermath import Shift
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.root.figures import Exposure
from kairos.core.root.reading import Reading
from kairos.model import Change, Edit, Skip, Splice

_PLACE = re.compile(r"(.+):(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MovedLines:
    """Lines of a reading after some changes of it."""

    reading: Reading
    changes: Sequence[Change]
    _edits: dict[str, list[Edit]] = field(init=False)
    _after: dict[str, tuple[bytes | None, Shift]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Sort the edits by file."""
        object.__setattr__(self, "_edits", edits_by_path(self.changes))

    def exposures(self, found: Iterable[Exposure]) -> tuple[Exposure, ...]:
        """Return credentials by where they are; one that goes as it was, or nobody would hear of it."""
        return tuple(dict.fromkeys(map(self._exposure, found)))

    def _exposure(self, one: Exposure) -> Exposure:
        line = self._line(one.file, one.line)
        return one if line is None else replace(one, line=line)

    def skip(self, skip: Skip) -> Skip:
        """Return a word on what was left alone with the line where it is; on what goes as it was."""
        place = _PLACE.fullmatch(skip.what)
        line = self._line(place[1], int(place[2])) if place else None
        return replace(skip, what=f"{place[1]}:{line}") if place and line is not None else skip

    def _line(self, path: str, line: int) -> int | None:
        """Return the number that a line has then; None where it goes."""
        edits, source = self._edits.get(path), self.reading.sources.get(path)
        if edits is None or source is None:
            return line
        if path not in self._after:
            shift = Shift.of(edit for edit in edits if isinstance(edit, Splice))
            self._after[path] = render_file(source.data, edits), shift
        after, moved = self._after[path]
        begin = _begin(source.data, line)
        if after is None or begin is None or moved.deletes(begin):
            return None
        return after.count(b"\n", 0, moved(begin)) + 1


def _begin(data: bytes, line: int) -> int | None:
    """Return the byte at which a line begins; None where there are not so many."""
    at = 0
    for _ in range(line - 1):
        at = data.find(b"\n", at) + 1
        if not at:
            return None
    return at
