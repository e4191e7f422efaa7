"""The position of an entry can forbid a merge that its words allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.planning.guard import guarded, is_composed, twins_wait
from kairos.core.root.places import documents
from kairos.core.root.purpose import is_judged
from kairos.core.root.reading import Reading
from kairos.core.root.templates import templates
from kairos.core.root.trust import Trust
from kairos.model import PLACE_BOUND, Action, Entry, JudgedPair, Judgement, Relation

Read = Callable[[Mapping[str, str]], Reading]
TEA = "Tea is free in the office kitchen every day."


def outcome(
    reading: Reading,
    a: str,
    b: str,
    relation: Relation = Relation.SAME,
    confidence: float = 1.0,
) -> Action:
    """Return the action to which a merge of the entries that contain `a` and `b` is lowered."""
    found = lowered(reading, a, b, Judgement(relation, Action.MERGE, confidence, ()))
    if found.action is not Action.MERGE:
        assert found.evidence[-1].kind == ("place" if found.action is Action.ASK else PLACE_BOUND)
    return found.action


def lowered(reading: Reading, a: str, b: str, judgement: Judgement) -> Judgement:
    """Return the judgement on the entries that contain `a` and `b`, lowered to what their places allow."""
    pair = JudgedPair(holding(reading, a).id, holding(reading, b).id, judgement)
    return guarded(pair, reading, templates(reading)).judgement


def holding(reading: Reading, text: str) -> Entry:
    path, _, words = text.rpartition("|")
    return next(e for e in reading.entries.values() if words in e.raw and path in e.path)


def test_bullets_of_two_notes_merge(read: Read) -> None:
    files = {"a.md": f"# A\n\n- {TEA}\n- X.\n", "b.md": f"# B\n\n- {TEA}\n- Y.\n"}
    assert outcome(read(files), f"a.md|{TEA}", f"b.md|{TEA}") is Action.MERGE


def test_what_notes_say_about_themselves_is_left_alone(read: Read) -> None:
    head = "**Extracted**: 2026-03-01\n**Source**: review of the tea kitchen"
    files = {"a.md": f"# Cups\n\n{head}\n\n{TEA}\n", "b.md": f"# Pots\n\n{head}\n\nPots are hot.\n"}
    assert outcome(read(files), "a.md|Extracted", "b.md|Extracted") is Action.NONE
    told = {"a.md": f"# Cups\n\nNote: {TEA}\n", "b.md": f"# Pots\n\nNote: {TEA}\n\nPots are hot.\n"}
    assert outcome(read(told), f"a.md|{TEA}", f"b.md|{TEA}") is Action.ASK


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (f"# A\n\n{TEA}\n\nMore.\n", f"# B\n\n{TEA}\n\nOther.\n", Action.ASK),  # paragraphs
        (f"1. {TEA}\n2. Pour.\n", f"1. {TEA}\n2. Drink.\n", Action.ASK),  # steps
        (f"- [x] {TEA}\n- X.\n", f"- [x] {TEA}\n- Y.\n", Action.NONE),  # tasks
        (f"- ~~{TEA}~~\n- X.\n", f"- {TEA}\n- Y.\n", Action.NONE),  # struck out
        (f"---\npinned: true\n---\n- {TEA}\n- X.\n", f"- {TEA}\n- Y.\n", Action.ASK),
    ],
)
def test_the_form_of_an_entry_matters(read: Read, a: str, b: str, expected: Action) -> None:
    assert outcome(read({"a.md": a, "b.md": b}), f"a.md|{TEA}", f"b.md|{TEA}") is expected


@pytest.mark.parametrize(
    ("log", "note", "expected"),
    [
        ("Today we agreed to rotate the on-call weekly.", "On-call rotates weekly, on Mondays.", Action.ASK),
        ("We agreed to rotate the on-call weekly.", "On-call rotates weekly, on Mondays.", Action.MERGE),
    ],
)
def test_a_day_told_by_a_relative_date_is_not_lost(read: Read, log: str, note: str, expected: Action) -> None:
    reading = read({"2026-11-02-notes.md": f"- {log}\n", "notes.md": f"- {note}\n"})
    assert outcome(reading, "11-02-notes.md|", "|On-call", Relation.B_CONTAINS_A, 0.95) is expected


@pytest.mark.parametrize(
    ("log", "relation", "either_way", "expected"),
    [
        ("Ada says again: tea costs nothing.", Relation.B_CONTAINS_A, 0.5, Relation.A_CONTAINS_B),
        ("Ada says again: tea costs nothing.", Relation.SAME, 0.8, Relation.A_CONTAINS_B),
        ("Ada says again: tea costs nothing.", Relation.B_CONTAINS_A, 0.49, None),
        ("Ada says again: tea costs nothing, 2 cups a day.", Relation.B_CONTAINS_A, 0.9, None),
        ("Ada says today: tea costs nothing.", Relation.B_CONTAINS_A, 0.9, None),
    ],
)
def test_a_lasting_note_stays_and_a_log_entry_goes_that_says_no_more(
    read: Read, log: str, relation: Relation, either_way: float, expected: Relation | None
) -> None:
    reading = read({"MEMORY.md": "- Tea is free.\n- X.\n", "memory/2026-11-02.md": f"- {log}\n- Y.\n"})
    merge = Judgement(relation, Action.MERGE, 0.9, (), either_way=either_way)
    found = lowered(reading, "MEMORY.md|Tea", "11-02.md|Ada", merge)
    assert found.action is (Action.MERGE if expected else Action.ASK)
    if expected:
        assert (found.relation, found.confidence) == (expected, either_way)
        assert "lasting note stays" in found.evidence[-1].text


def test_merges_with_team_notes_wait(read: Read) -> None:
    files = {"team/a.md": f"- {TEA}\n- X.\n", "b.md": f"- {TEA}\n- Y.\n"}
    assert outcome(read(files), f"team/a.md|{TEA}", f"b.md|{TEA}") is Action.ASK


def test_short_equal_lines_under_different_headings_stay(read: Read) -> None:
    files = {
        "a.md": "# Web\n\n## Status\n\n- Is live now.\n- X.\n",
        "b.md": "# App\n\n- Is live now.\n- Y.\n",
    }
    assert outcome(read(files), "a.md|Is live", "b.md|Is live") is Action.NONE
    reworded = read({**files, "b.md": "# App\n\n- Went live today.\n- Y.\n"})
    assert outcome(reworded, "a.md|Is live", "b.md|Went live") is Action.ASK


def test_words_repeated_in_four_notes_are_a_template(read: Read) -> None:
    files = {f"{name}.md": f"# {name}\n\n- {TEA}\n- Only {name}.\n" for name in "abcd"}
    assert outcome(read(files), f"a.md|{TEA}", f"b.md|{TEA}") is Action.NONE
    del files["d.md"]
    assert outcome(read(files), f"a.md|{TEA}", f"b.md|{TEA}") is Action.MERGE


def test_a_template_is_not_merged_with_other_words_either(read: Read) -> None:
    files = {f"{name}.md": f"# {name}\n\n- {TEA}\n- Only {name}.\n" for name in "abcd"}
    reading = read({**files, "z.md": "- Tea is free every day in the kitchen of the office.\n- Only z.\n"})
    assert outcome(reading, f"a.md|{TEA}", "z.md|Tea") is Action.NONE


def test_lines_that_lead_to_another_note_are_left_alone(read: Read) -> None:
    line = "- Related: the rules of the kitchen in rules.md\n"
    files = {"a.md": f"# A\n\n{line}- X.\n", "b.md": f"# B\n\n{line}- Y.\n", "rules.md": f"- {TEA}\n"}
    assert outcome(read(files), "a.md|Related", "b.md|Related") is Action.NONE


def test_a_full_sentence_of_a_longer_text_may_be_said_elsewhere_too(read: Read) -> None:
    chapters = "".join(f"## Chapter {n}\n\n- Fact number {n} of the office kitchen.\n\n" for n in range(12))
    said = "Tea is free for everybody in the office kitchen on every day of the week, and so is the milk."
    reading = read({"a.md": f"# Kitchen\n\n{chapters}- {said}\n", "b.md": f"- {said}\n- X.\n"})
    assert outcome(reading, "a.md|everybody", "b.md|everybody") is not Action.NONE


def test_short_lines_of_a_longer_text_merge_with_nothing_outside(read: Read) -> None:
    chapters = "".join(f"## Chapter {n}\n\n- Fact number {n} of the office kitchen.\n\n" for n in range(12))
    reading = read(
        {"a.md": f"# Kitchen\n\n{chapters}- Tea is free here.\n", "b.md": "- Tea is free here.\n- X.\n"}
    )
    assert outcome(reading, "a.md|Tea", "b.md|Tea") is Action.NONE


def test_the_same_words_twice_in_one_file_are_no_template(read: Read) -> None:
    reading = read({"a.md": f"- {TEA}\n" * 9})
    assert templates(reading) == frozenset()


MUCH = f"{TEA} Milk and sugar stand on the shelf, and the cups are washed by whoever used them last."
SUGAR = f"{MUCH} There are 3 lumps of sugar left."
HEAD = "---\nname: {}\ndescription: Tea\ntype: reference\n---\n{}\n"


@pytest.mark.parametrize(
    ("much", "confidence", "expected"),
    [
        (MUCH, 0.83, Action.ASK),
        (MUCH, 0.84, Action.MERGE),
        (SUGAR, 0.91, Action.ASK),
        (SUGAR, 0.96, Action.MERGE),
        (SUGAR, 1.0, Action.MERGE),
    ],
)
def test_a_line_goes_into_one_that_says_much_more_if_that_is_likely_enough(
    read: Read, much: str, confidence: float, expected: Action
) -> None:
    reading = read({"a.md": f"- {TEA}\n- X.\n", "b.md": f"- {much}\n- Y.\n"})
    assert outcome(reading, "a.md|Tea", "b.md|Milk", Relation.B_CONTAINS_A, confidence) is expected


@pytest.mark.parametrize(
    ("much", "confidence", "expected"),
    [
        (MUCH, 0.75, Action.ASK),
        (MUCH, 0.76, Action.MERGE),
        (SUGAR, 0.91, Action.ASK),
        (SUGAR, 0.96, Action.MERGE),
    ],
)
def test_a_one_fact_note_goes_into_one_that_says_much_more_sooner(
    read: Read, much: str, confidence: float, expected: Action
) -> None:
    reading = read({"a.md": HEAD.format("a", TEA), "b.md": HEAD.format("b", much)})
    assert outcome(reading, "a.md|Tea", "b.md|Milk", Relation.B_CONTAINS_A, confidence) is expected


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("MEMORY.md", "b.md", Action.ASK),
        ("a.md", "MEMORY.md", Action.MERGE),
    ],
)
def test_a_line_that_is_always_read_does_not_go_into_a_note_that_says_much_more(
    read: Read, short: str, long: str, expected: Action
) -> None:
    reading = read({short: f"# Kitchen\n\n- {TEA}\n- X.\n", long: f"# Kitchen\n\n- {MUCH}\n- Y.\n"})
    assert outcome(reading, f"{short}|{TEA}", f"{long}|Milk", Relation.B_CONTAINS_A, 0.99) is expected


def test_a_line_goes_into_one_that_is_always_read_though_that_has_further_values(read: Read) -> None:
    reading = read({"a.md": f"# Kitchen\n\n- {TEA}\n- X.\n", "MEMORY.md": f"# Kitchen\n\n- {SUGAR}\n- Y.\n"})
    assert outcome(reading, "a.md|Tea", "MEMORY.md|Milk", Relation.B_CONTAINS_A, 0.84) is Action.MERGE


def test_a_line_with_a_value_of_its_own_does_not_go_into_one_that_is_always_read(read: Read) -> None:
    ours = f"{TEA.removesuffix('.')} from 8:30."
    reading = read({"a.md": f"# Kitchen\n\n- {ours}\n- X.\n", "MEMORY.md": f"# Kitchen\n\n- {SUGAR}\n- Y.\n"})
    assert outcome(reading, "a.md|Tea", "MEMORY.md|Milk", Relation.B_CONTAINS_A, 0.9) is Action.ASK


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("# Acme Ltd", "# Globex Inc"),  # clients
        ("# Berlin", "# Kiel"),  # cities
        ("# Host mimas", "# Host titan"),  # machines
        ("# Staging", "# Production"),  # environments
        ("# Mia", "# Tom"),  # children
        ("# Version 2.1", "# Version 3.0"),
        ("# Project Falcon", "# Project Sparrow"),
        ("# Windows", "# Linux"),
    ],
)
def test_what_says_much_more_about_another_thing_is_no_reason_to_merge(
    read: Read, one: str, other: str
) -> None:
    reading = read({"a.md": f"{one}\n\n- {TEA}\n- X.\n", "b.md": f"{other}\n\n- {MUCH}\n- Y.\n"})
    assert outcome(reading, "a.md|Tea", "b.md|Milk", Relation.B_CONTAINS_A, 0.99) is Action.ASK


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Acme terms", "Globex", Action.ASK),  # clients
        ("Berlin office", "Kiel", Action.ASK),  # cities
        ("mimas", "titan", Action.ASK),  # machines
        ("prod-tea", "staging setup", Action.ASK),  # environments
        ("Mia", "Tom at school", Action.ASK),  # children
        ("Release 2", "Importer 3", Action.ASK),  # versions
        ("Falcon", "Sparrow conventions", Action.ASK),  # projects
        ("Tea 2", "Milk 3", Action.MERGE),
        ("Visitors", "Breaks", Action.MERGE),
        ("Visitors", "Tea", Action.MERGE),
    ],
)
def test_a_one_fact_note_goes_into_one_that_says_much_more_unless_a_name_may_set_them_apart(
    read: Read, one: str, other: str, expected: Action
) -> None:
    files = {"a.md": HEAD.format(one, TEA), "b.md": HEAD.format(other, MUCH)}
    reading = read({**files, "c.md": "- The visitors come in the breaks.\n- X.\n"})
    assert outcome(reading, "a.md|Tea", "b.md|Milk", Relation.B_CONTAINS_A, 0.99) is expected


def test_table_rows_short_lines_and_files_that_are_not_ours_are_not_judged(read: Read) -> None:
    reading = read(
        {
            "a.md": f"- {TEA}\n- ok\n\n| a | b |\n| - | - |\n| {TEA} | x |\n",
            "CLAUDE.md": f"- {TEA}\n- X.\n",
            "kairos-conflicts.md": f"- {TEA}\n- X.\n",
        }
    )
    judged = [(e.path, e.line) for e in reading.entries.values() if is_judged(e, reading.note_of(e))]
    assert judged == [("a.md", 1)]


def test_lines_of_a_note_are_composed_but_sections_of_an_index_are_not(
    read: Read,
) -> None:
    lines = f"- {TEA}\n- Coffee costs a euro in the office kitchen.\n"
    index = f"# Kitchen\n\n{lines}\n# Later\n\n- Biscuits are in the cupboard of the office kitchen.\n"
    reading = read(
        {"a.md": lines, "b.md": "- Cocoa is free on Mondays in winter.\n- X.\n", "MEMORY.md": index}
    )
    tea, coffee = holding(reading, "a.md|Tea"), holding(reading, "a.md|Coffee")
    assert is_composed(tea, coffee, reading, documents(reading))
    assert not is_composed(tea, holding(reading, "b.md|Cocoa"), reading, documents(reading))
    listed = holding(reading, "MEMORY.md|Tea")
    assert is_composed(listed, holding(reading, "MEMORY.md|Coffee"), reading, documents(reading))
    assert not is_composed(listed, holding(reading, "MEMORY.md|Biscuits"), reading, documents(reading))


def test_entries_of_a_long_document_are_composed(read: Read) -> None:
    chapters = "".join(f"## Chapter {n}\n\n- Fact number {n} of the office kitchen.\n\n" for n in range(12))
    reading = read({"a.md": f"# Kitchen\n\n{chapters}", "b.md": f"- {TEA}\n- X.\n"})
    assert is_composed(
        holding(reading, "a.md|Fact number 3 "), holding(reading, f"b.md|{TEA}"), reading, documents(reading)
    )


LINKED = "Tea is free in the [kitchen](kitchen.md)."
UNLINKED = "Tea is free in the kitchen."


@pytest.mark.parametrize(
    ("kept", "dropped", "confidence", "expected"),
    [
        (LINKED, LINKED, 0.95, Action.MERGE),
        (LINKED, UNLINKED, 0.95, Action.ASK),  # it may be about another kitchen
        (LINKED, UNLINKED, 1.0, Action.MERGE),  # nothing is lost
        (UNLINKED, LINKED, 1.0, Action.ASK),
        (LINKED, "Tea is free in the [kitchen](canteen.md).", 1.0, Action.ASK),
        (LINKED, "Tea is free in the [kitchen](https://example.org/).", 1.0, Action.ASK),
        (LINKED, "Tea is free in the [kitchen](./kitchen.md).", 0.95, Action.MERGE),
        (LINKED, "Tea is free in the [[Kitchen|kitchen]].", 0.95, Action.MERGE),
    ],
)
def test_lines_with_different_links_wait(
    read: Read, kept: str, dropped: str, confidence: float, expected: Action
) -> None:
    reading = read({"a.md": f"- {kept}\n- Cups.\n", "b.md": f"- {dropped}\n- Pots.\n"})
    assert outcome(reading, "a.md|Tea", "b.md|Tea", Relation.A_CONTAINS_B, confidence) is expected


def test_equal_links_of_two_directories_lead_to_two_notes(read: Read) -> None:
    files = {"x/a.md": f"- {LINKED}\n- Cups.\n", "x/y/b.md": f"- {LINKED}\n- Pots.\n"}
    assert outcome(read(files), "a.md|Tea", "b.md|Tea") is Action.ASK


def test_twins_in_two_directories_wait(read: Read) -> None:
    reading = read(dict.fromkeys(("a.md", "b.md", "web/a.md"), f"- {TEA}\n"))
    assert twins_wait("a.md", "b.md", reading, Trust()) == ""
    assert "two directories" in twins_wait("a.md", "web/a.md", reading, Trust())
