"""Of two entries that say the same, the one that an agent finds more easily survives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.guard import needed_in_place
from kairos.core.root.reading import Reading
from kairos.core.root.survivor import survivor
from kairos.model import Entry, Relation

Read = Callable[[Mapping[str, str]], Reading]
TEA = "Tea is free in the kitchen of the office."
OLD, NEW = "modified: 2026-01-02\n", "modified: 2026-05-02\n"


def only(reading: Reading, path: str) -> Entry:
    return reading.notes[path].entries[0]


@pytest.mark.parametrize(
    ("found", "other"),
    [
        (f"---\nname: tea\n{OLD}---\n\n{TEA}\n", f"{TEA}\n"),
        (f"---\ndescription: tea\n{OLD}---\n\n{TEA}\n", f"---\n{NEW}---\n\n{TEA}\n"),
        (f"---\nname: tea\ntype: user\n{OLD}---\n\n{TEA}\n", f"---\nname: t\n{NEW}---\n\n{TEA}\n"),
    ],
)
def test_name_and_protection_count_more_than_the_date(read: Read, found: str, other: str) -> None:
    reading = read({"a.md": found, "b.md": other})
    a, b = only(reading, "a.md"), only(reading, "b.md")
    assert survivor(a, b, Relation.SAME, reading) == survivor(b, a, Relation.SAME, reading) == (a, b)


def test_of_two_one_fact_notes_the_one_that_says_more_survives(read: Read) -> None:
    more = TEA.replace(".", ", the canteen and the workshop too.")
    reading = read(
        {"a.md": f"---\nname: a\n{OLD}---\n\n{more}\n", "b.md": f"---\nname: b\n{NEW}---\n\n{TEA}\n"}
    )
    a, b = only(reading, "a.md"), only(reading, "b.md")
    assert survivor(a, b, Relation.SAME, reading) == survivor(b, a, Relation.SAME, reading) == (a, b)


def test_an_index_line_survives_a_longer_log_line(read: Read) -> None:
    index, log = (
        f"# Memory\n\n- {TEA}\n",
        "# 2026-03-02\n\n- In the kitchen of the office the tea is free for us all.\n",
    )
    reading = read({"MEMORY.md": index, "memory/2026-03-02.md": log})
    a, b = only(reading, "MEMORY.md"), only(reading, "memory/2026-03-02.md")
    assert survivor(a, b, Relation.SAME, reading)[0] is a


@pytest.mark.parametrize(("head", "waits"), [("", True), ("---\nname: drinks\n---\n\n", False)])
def test_a_protected_note_gives_way_only_to_a_named_one(read: Read, head: str, *, waits: bool) -> None:
    more = f"{head}{TEA} Milk and sugar stand on the shelf.\n"
    reading = read({"a.md": f"---\nname: tea\ntype: feedback\n---\n\n{TEA}\n", "b.md": more})
    assert bool(needed_in_place(only(reading, "a.md"), only(reading, "b.md"), reading)) is waits


def test_a_note_set_aside_gives_way_whatever_its_front_matter_says(read: Read) -> None:
    more = TEA.replace(".", ", the canteen and the workshop too, every day of the week but Sunday.")
    reading = read({"notes/legacy/a.md": f"---\nname: tea\n{NEW}---\n\n{more}\n", "b.md": f"{TEA}\n"})
    a, b = only(reading, "notes/legacy/a.md"), only(reading, "b.md")
    assert survivor(a, b, Relation.SAME, reading) == survivor(b, a, Relation.SAME, reading) == (b, a)
