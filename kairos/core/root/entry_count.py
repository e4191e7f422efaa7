"""How many entries a root has, for the limits on what may be removed at once."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.core.root.owned import is_own
from kairos.core.root.pointers import Pointer, all_pointers
from kairos.core.root.reading import Reading
from kairos.model import Role


def count_of_entries(reading: Reading) -> int:
    """Return the number of entries in a reading, without the pointers and the files that Kairos writes.

    Nothing that Kairos adds raises it: otherwise one dream would allow the next to remove what it left to a person.
    """
    return reading.derived(_count)


def _count(reading: Reading) -> int:
    own = {path for path, source in reading.sources.items() if is_own(source)}
    there = sum(len(note.entries) for path, note in reading.notes.items() if path not in own)
    return there - sum(
        sum(1 for pointer in _merely_leading(path, found, reading) if _is_entry(pointer, reading))
        for path, found in reading.derived(all_pointers).items()
        if path not in own
    )


def _merely_leading(path: str, found: tuple[Pointer, ...], reading: Reading) -> Iterator[Pointer]:
    """Yield the pointers of a file that no dream can turn into content.

    If a pointer leads nowhere, or is the second one of an index to its note, its words may outlive its link.
    """
    seen: set[str | None] = set()
    for pointer in found:
        is_second = pointer.is_single and pointer.target in seen
        if all(pointer.targets) and not is_second:
            yield pointer
        if pointer.is_single and reading.sources[path].role is Role.INDEX:
            seen.add(pointer.target)


def _is_entry(pointer: Pointer, reading: Reading) -> bool:
    """Whether a pointer is a whole entry, not one of several lines of a paragraph."""
    entry = reading.entries.get(pointer.entry.id)
    return entry is not None and entry.span == pointer.entry.span
