"""Entries that are witnesses of earlier dreams, found by the texts recorded at that time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kairos.core.root.past import past_witnesses
from kairos.core.root.reading import Reading

Read = Callable[[Mapping[str, str]], Reading]
FILES = {
    "a.md": "# A\n\n- Tea is free.\n- Coffee costs a coin.\n  - Or two.\n- Coffee costs a coin.\n",
    "b.md": "# B\n\nThe lift is broken.\n",
    "c.md": "# C\n\n- Tea is free.\n",
}


def lines(read: Read, *witnesses: tuple[str, str]) -> list[tuple[str, int]]:
    reading = read(FILES)
    found = past_witnesses(witnesses, reading)
    return [(entry.path, entry.line) for id_, entry in reading.entries.items() if id_ in found]


def test_a_past_witness_is_found_by_its_text_in_its_file(read: Read) -> None:
    assert lines(read, ("a.md", "- Tea is free.")) == [("a.md", 3)]
    assert lines(read, ("b.md", "- Tea is free."), ("gone.md", "- Tea is free.")) == []


def test_a_past_witness_may_have_grown(read: Read) -> None:
    assert lines(read, ("a.md", "- Coffee costs a coin.\n")) == [("a.md", 4), ("a.md", 6)]
    assert lines(read, ("a.md", "- Coffee costs a coin.\n  - Or two.")) == [("a.md", 4), ("a.md", 6)]
    assert lines(read, ("a.md", "- Coffee costs a coin.\n  - Or three.")) == [("a.md", 6)]


def test_every_entry_of_a_surviving_twin_is_a_past_witness(read: Read) -> None:
    assert lines(read, ("a.md", FILES["a.md"])) == [("a.md", 3), ("a.md", 4), ("a.md", 6)]
    assert lines(read, ("b.md", FILES["b.md"]), ("c.md", FILES["c.md"])) == [("b.md", 3), ("c.md", 3)]


def test_past_witnesses_equal_those_of_an_exhaustive_search(read: Read) -> None:
    reading = read(FILES)
    texts = {entry.raw[:end] for entry in reading.entries.values() for end in range(1, len(entry.raw) + 1)}
    texts |= {text[start:] for text in FILES.values() for start in range(len(text))}
    for text in texts:
        for path in FILES:
            expected = {
                entry.id
                for entry in reading.notes[path].entries
                if entry.raw.startswith(text.rstrip()) or f"\n{entry.raw}\n" in f"\n{text}\n"
            }
            assert past_witnesses([(path, text)], reading) == expected
