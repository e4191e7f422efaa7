"""Which lines of an index move to sub-indexes so that agents load all of the rest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kairos.core.markdown.front_matter import body_of
from kairos.core.markdown.inline import without_comments
from kairos.core.root.pointers import Pointer
from kairos.model import IndexSize, Note

_UNSAFE = re.compile(r"[^a-z0-9-]+")
_SUBINDEX_LINE = IndexSize(lines=1, bytes=120)  # an upper bound for the pointer to a sub-index


@dataclass(frozen=True, slots=True)
class Movable:
    """A line that may move to a sub-index: an existing pointer with its target, or the new line for a note."""

    note: Note
    text: str
    pointer: tuple[Pointer, str] | None = None


def age(note: Note) -> tuple[date, str]:
    """Return the sort key of a note, oldest first: its day, then its path."""
    return (note.dated.day if note.dated else date.min, note.path)


def subindex_path(note_type: str) -> str:
    """Return the path of the sub-index for notes of a type."""
    return f"MEMORY-{_UNSAFE.sub('-', note_type.casefold()).strip('-') or 'notes'}.md"


def size(data: bytes) -> IndexSize:
    """Return the size of an index as agents count it: without front matter and comments."""
    text = body_of(data).decode("utf-8", "surrogateescape")
    body = without_comments(text).encode("utf-8", "surrogateescape")
    return IndexSize(len(body.splitlines()), len(body))


def line_size(text: str) -> IndexSize:
    """Return the most that a line takes, with the longer of the two line breaks."""
    return IndexSize(text.count("\n") + 1, len(text.encode("utf-8", "replace")) + 2)


def fits(size: IndexSize, budget: IndexSize) -> bool:
    """Whether all of an index is loaded."""
    return size.lines <= budget.lines and size.bytes <= budget.bytes


def with_lines(size: IndexSize, texts: Iterable[str]) -> IndexSize:
    """Return the size of an index after some lines are added."""
    sizes = [size, *map(line_size, texts)]
    return IndexSize(sum(one.lines for one in sizes), sum(one.bytes for one in sizes))


def lines_to_move(
    size: IndexSize, budget: IndexSize, movable: Iterable[Movable], pointed: Collection[str]
) -> Sequence[Movable] | None:
    """Return the lines that have to move, oldest first; None if even moving all of them is not enough.

    `size` is that of the index with all its lines, `pointed` are the paths that it leads to. A sub-index that is not
    among them takes one more line, and the first such line up to two blank ones above it.
    """
    chosen: list[Movable] = []
    known, is_first_new = set(pointed), True
    lines, length = size.lines, size.bytes + 1  # the last line may lack its line break
    for line in sorted(movable, key=lambda line: age(line.note)):
        if fits(IndexSize(lines, length), budget):
            break
        chosen.append(line)
        lines -= line_size(line.text).lines
        # An existing line may have the shorter line break.
        length -= line_size(line.text).bytes - (line.pointer is not None)
        path = subindex_path(line.note.type)
        if path not in known:
            if is_first_new:
                lines, length, is_first_new = lines + 2, length + 4, False
            known.add(path)
            lines += _SUBINDEX_LINE.lines
            length += _SUBINDEX_LINE.bytes
    return chosen if fits(IndexSize(lines, length), budget) else None
