"""Which lines of an index move to a sub-index: even with thousands of notes, the rest fits into the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.index.budget import Movable, lines_to_move, size, with_lines
from kairos.core.root.pointers import all_pointers
from kairos.core.root.reading import Reading
from kairos.model import IndexSize

Read = Callable[[Mapping[str, str]], Reading]
BUDGET = IndexSize(200, 25_000)


@pytest.mark.parametrize("count", [300, 13_000, 60_000])
def test_new_lines_move_however_many_they_are(read: Read, count: int) -> None:
    note = read({"a.md": "- Tea is free.\n"}).notes["a.md"]
    lines = [Movable(note._replace(path=f"n{number}.md"), f"- [n](n{number}.md)") for number in range(count)]
    now = with_lines(IndexSize(2, 20), (line.text for line in lines))
    chosen = lines_to_move(now, BUDGET, lines, ())
    assert chosen is not None
    assert count - 200 < len(chosen) < count
    left = {line.text for line in lines} - {line.text for line in chosen}
    assert with_lines(IndexSize(2, 20), left).lines <= BUDGET.lines


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", [True, False])
def test_the_remaining_lines_of_an_index_fit_its_budget(read: Read, newline: str, end: bool) -> None:
    names = [f"n{number:03}.md" for number in range(300)]
    index = newline.join([f"- [n]({name}) — a hook" for name in names]) + newline * end
    reading = read({"MEMORY.md": index, **dict.fromkeys(names, "- Tea is free.\n")})
    found = reading.derived(all_pointers)["MEMORY.md"]
    lines = [
        Movable(reading.notes[one.target or ""], one.entry.raw, (one, one.target or "")) for one in found
    ]
    budget = IndexSize(200, 3000)
    chosen = lines_to_move(size(index.encode()), budget, lines, ())
    assert chosen is not None
    gone = {line.text for line in chosen}
    left = newline.join(line for line in index.split(newline) if line not in gone)
    room = IndexSize(budget.lines - 3, budget.bytes - 124)  # what the pointer to the sub-index takes
    assert size(left.encode()).lines <= room.lines
    assert size(left.encode()).bytes <= room.bytes
