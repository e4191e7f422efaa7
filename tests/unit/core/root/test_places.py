"""What the position of an entry says: whether its words speak for themselves, or mean another thing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.guard import is_composed
from kairos.core.root.places import (
    are_about_different_things,
    are_lines_of_a_list,
    documents,
    is_comparable,
    is_logged,
)
from kairos.core.root.purpose import is_document, points_elsewhere
from kairos.core.root.reading import Reading
from kairos.model import Entry

Read = Callable[[Mapping[str, str]], Reading]
ONE = "The greenhouse is watered at six in the morning."
OTHER = "Watering of the greenhouse: every morning at six o'clock."


def holding(reading: Reading, text: str) -> Entry:
    path, _, words = text.rpartition("|")
    return next(e for e in reading.entries.values() if words in e.raw and path in e.path)


def free_and_apart(reading: Reading, a: str, b: str) -> tuple[bool, bool]:
    """Return whether two entries are free, and whether they are apart (see `is_comparable` and
    `are_about_different_things`)."""
    one, other = holding(reading, a), holding(reading, b)
    return is_comparable(one, other, reading, documents(reading)), are_about_different_things(
        one, other, reading
    )


FACT = f"---\nname: a\ndescription: Watering\ntype: project\n---\n\n{ONE}\n"
PROSE = f"# Garden\n\nThis is how we tend to it.\n\n- {OTHER}\n- Weeds are pulled on Sundays by everybody.\n"
BARE = f"# Garden\n\n- {OTHER}\n- Weeds are pulled on Sundays by everybody.\n"
LOG = f"# 2026-03-02\n\n- {OTHER}\n- It rained for most of the day.\n"


@pytest.mark.parametrize(
    ("a", "b", "free"),
    [
        (("a.md", FACT), ("b.md", FACT.replace(ONE, OTHER)), True),
        (("a.md", FACT), ("b.md", PROSE), True),
        (("a.md", PROSE.replace(OTHER, ONE)), ("b.md", PROSE), False),
        (("a.md", BARE.replace(OTHER, ONE)), ("b.md", BARE), True),
        (("MEMORY.md", BARE.replace(OTHER, ONE)), ("b.md", PROSE), True),
        (("MEMORY.md", BARE.replace(OTHER, ONE)), ("memory/2026-03-02.md", LOG), True),
    ],
)
def test_two_entries_are_free_if_at_least_one_speaks_for_itself(
    read: Read, a: tuple[str, str], b: tuple[str, str], free: bool
) -> None:
    assert free_and_apart(read(dict((a, b))), f"{a[0]}|{ONE}", f"{b[0]}|{OTHER}") == (free, False)


@pytest.mark.parametrize("link", ["[[b]]", "[[notes/b|more]]", "[more](b.md#when)", "[more](./b.md)"])
def test_an_entry_that_links_to_the_others_note_is_apart(read: Read, link: str) -> None:
    files = {"a.md": FACT.replace(ONE, f"{ONE} See {link}."), "b.md": FACT.replace(ONE, OTHER)}
    assert free_and_apart(read(files), f"a.md|{ONE}", f"b.md|{OTHER}") == (True, True)
    files["a.md"] = files["a.md"].replace("b]]", "c]]").replace("b|", "c|").replace("b.md", "c.md")
    assert free_and_apart(read(files), f"a.md|{ONE}", f"b.md|{OTHER}") == (True, False)


def test_log_entries_of_two_days_are_apart(read: Read) -> None:
    earlier = LOG.replace("03-02", "03-01").replace(OTHER, ONE)
    reading = read({"memory/2026-03-01.md": earlier, "memory/2026-03-02.md": LOG})
    assert free_and_apart(reading, f"03-01.md|{ONE}", f"03-02.md|{OTHER}") == (True, True)


def test_log_entries_of_one_day_are_not_apart(read: Read) -> None:
    reading = read({"memory/2026-03-02.md": f"{LOG}- {ONE}\n"})
    assert free_and_apart(reading, ONE, OTHER) == (True, False)


def test_dated_sections_of_an_index_are_a_log(read: Read) -> None:
    done = f"## Done 2026-03-01\n\n- {ONE}\n\n## Done 2026-03-02\n\n- {OTHER}\n"
    index = f"# Memory\n\n{done}\n## Rules\n\n- Be brief, always.\n"
    reading = read({"MEMORY.md": index})
    assert free_and_apart(reading, ONE, OTHER)[1]
    rule = holding(reading, "Be brief")
    assert not is_logged(rule, reading.note_of(rule))


def test_terse_lines_of_one_file_in_different_sections_are_apart(read: Read) -> None:
    index = "# Memory\n\n## Header\n\n- Location: src/header.py\n\n## Files\n\n- Header: src/header.py\n"
    assert free_and_apart(read({"MEMORY.md": index}), "Location:", "Header:")[1]


@pytest.mark.parametrize("head", ["## Evidence\n\n", "**Evidence**:\n"])
def test_terse_lines_in_sections_of_one_name_are_apart(read: Read, head: str) -> None:
    record = f"# Skill {{}}: {{}}\n\nWhat was learnt.\n\n{head}- Table of decisions, line {{}}\n- {{}}\n"
    more = "Seen in the same table once more, line 90, and in the minutes of the meeting."
    as_well = "The minutes of the meeting have it as well, next to line 95 of that table."
    one = record.format(3, "Filter paths", 81, more)
    other = record.format(4, "Cancel twins", 84, as_well).replace("What was learnt.", "Learnt in May.")
    reading = read({"a.md": one, "b.md": other})
    assert free_and_apart(reading, "line 81", "line 84")[1]
    assert not free_and_apart(reading, "line 90", "line 95")[1]  # long enough to be understood by itself
    same = read({"a.md": one, "b.md": record.format(3, "Filter paths", 84, "")})
    assert not free_and_apart(same, "line 81", "line 84")[1]  # two records of the same subject


def test_terse_lines_of_a_log_below_different_paragraphs_are_apart(read: Read) -> None:
    cycles = "**1. Router** done\n- Tests: 8→12\n\n**2. Store** done\n- A cache.\n- Tests: 12→15\n"
    reading = read({"memory/2026-03-02.md": f"# Cycles\n\n{cycles}"})
    assert free_and_apart(reading, "8→12", "12→15") == (False, True)
    assert free_and_apart(reading, "A cache", "12→15") == (True, False)


@pytest.mark.parametrize(
    "line", ["Related: watering, weeds.", "[[watering]] — when and how", "[When](watering.md)"]
)
def test_a_line_that_leads_elsewhere_is_composed(read: Read, line: str) -> None:
    reading = read({"a.md": f"# A\n\n- {line}\n- {ONE}\n", "b.md": BARE})
    pointer = next(e for e in reading.entries.values() if e.line == 3 and e.path == "a.md")
    assert points_elsewhere(pointer)
    assert not points_elsewhere(holding(reading, ONE))
    assert is_composed(pointer, holding(reading, OTHER), reading, frozenset())


def test_lines_below_a_heading_for_related_notes_lead_elsewhere(read: Read) -> None:
    reading = read({"a.md": "# A\n\n- A fact of its own.\n\n## Related\n\n- watering: how it is done\n"})
    assert points_elsewhere(holding(reading, "watering"))


def test_a_log_with_nested_sections_is_a_document_but_an_index_is_not(read: Read) -> None:
    report = f"# Day\n\n## Session\n\n### Findings\n\n- {ONE}\n- Another one of these.\n"
    reading = read({"memory/2026-03-02.md": report, "MEMORY.md": report, "a.md": BARE})
    assert documents(reading) == {"memory/2026-03-02.md"}
    assert not is_document(reading.notes["a.md"])


BETWEEN = "- Weeds are pulled on Sundays by everybody.\n"
LISTED = f"# Garden\n\n- {ONE}\n{BETWEEN}- {OTHER}\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.md", LISTED, True),
        ("MEMORY.md", LISTED, True),
        ("a.md", f"---\nname: a\n---\n\n{LISTED}", True),
        ("a.md", LISTED.replace(BETWEEN, ""), False),  # whoever wrote the second one saw the first
        ("a.md", LISTED.replace(BETWEEN, f"{BETWEEN}\n## Glass\n\n"), False),
        ("a.md", LISTED.replace(BETWEEN, "\nIn summer:\n\n"), False),
        ("a.md", LISTED.replace("- ", "1. "), False),
        ("a.md", LISTED.replace("- ", "- [ ] "), False),
        ("a.md", LISTED.replace("- The greenhouse is", "- [[b]] is"), False),
        ("a.md", f"{LISTED}\n## A\n\n### B\n\n#### C\n\n- It is hot.\n", False),  # to be read as a whole
        ("memory/2026-03-02.md", LISTED, False),
    ],
)
def test_lines_of_a_list_may_repeat_each_other(read: Read, path: str, text: str, expected: bool) -> None:
    reading = read({path: text})
    one, other = holding(reading, "at six in the"), holding(reading, "at six o'clock")
    assert are_lines_of_a_list(one, other, reading, documents(reading)) is expected


def test_terse_lines_of_a_list_do_not_repeat_each_other(read: Read) -> None:
    reading = read({"a.md": f"# Garden\n\n- Water: 6 am\n{BETWEEN}- Watered at six\n"})
    one, other = holding(reading, "Water: 6"), holding(reading, "at six")
    assert not are_lines_of_a_list(one, other, reading, documents(reading))


def test_a_list_of_labelled_lines_describes_one_thing(read: Read) -> None:
    labelled = "- Impact: the tomatoes dry out within a day\n- Seen: twice in one summer\n"
    for lines, expected in ((labelled, False), (BETWEEN, True)):
        reading = read({"a.md": f"# Garden\n\n- {ONE}\n{lines}- Fix: {OTHER}\n"})
        one, other = holding(reading, ONE), holding(reading, OTHER)
        assert are_lines_of_a_list(one, other, reading, documents(reading)) is expected


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("2026-05-12: the pump made a noise.", "2026-09-08: the pump was silent.", True),
        ("Visit 12 May 2026, pump room: noise.", "Visit 8 September 2026, pump room: silence.", True),
        ("2026-05-12: the pump made a noise.", "12 May 2026: the pump was silent.", False),
        ("12 May: the pump made a noise.", "12 May 2026: the pump was silent.", False),
        ("The pump moves on 12 May 2026, early.", "The pump moves on 8 September 2026, early.", False),
        ("2026-05-12: the pump made a noise.", "The pump has been silent since 2026-09-08.", False),
    ],
)
def test_texts_that_begin_with_two_days_are_apart(read: Read, first: str, second: str, apart: bool) -> None:
    head = "---\nname: pump\ndescription: The pump\ntype: project\n---\n\n"
    reading = read({"a.md": f"{head}{first}\n", "b.md": f"{head}{second}\n"})
    assert free_and_apart(reading, f"a.md|{first}", f"b.md|{second}") == (True, apart)


@pytest.mark.parametrize(
    ("line", "apart"), [("Length: 4 m", True), ("Length of all beds together: 4 m", False)]
)
def test_terse_labelled_lines_tell_of_their_sections(read: Read, line: str, apart: bool) -> None:
    notes = {
        f"{bed}.md": f"# Beds\n\n## The {bed} bed\n\nIt is {bed}.\n\n- {line.replace('4', size)}\n- Sun\n"
        for bed, size in (("old", "4"), ("new", "5"))
    }
    reading = read(notes)
    assert free_and_apart(reading, "old.md|4 m", "new.md|5 m")[1] is apart


@pytest.mark.parametrize(("label", "apart"), [("Crops", True), ("Crops this year", False)])
def test_a_field_of_records_belongs_to_its_record(read: Read, label: str, apart: bool) -> None:
    crops = "tomatoes on trellises, basil and two rows of early carrots"
    beds = {"north": f"{label}: {crops}", "south": "Crops: melons in a cold frame", "west": "Crops: none yet"}
    records = "".join(f"## The {bed} bed\n\n- Owner: Ines\n- {line}\n\n" for bed, line in beds.items())
    reading = read({"beds.md": f"# Beds\n\n{records}", "MEMORY.md": f"- North bed: {crops}, since May.\n"})
    assert free_and_apart(reading, f"beds.md|{crops}", "MEMORY.md|North bed") == (True, apart)
