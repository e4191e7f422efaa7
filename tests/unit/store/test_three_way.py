"""Merging an undo with later edits when the last line has no line break."""

from __future__ import annotations

import pytest

from kairos.store.three_way import Clash, merge

BEFORE = b"# Doc\n\n- tea\n- coffee\n- tea\n- last"
AFTER = b"# Doc\n\n- tea\n- coffee\n- last"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("this", "wanted"),
    [
        (AFTER + b"\n- more\n", BEFORE + b"\n- more\n"),
        (AFTER + b"\n- more", BEFORE + b"\n- more"),
        (AFTER + b"\n", BEFORE + b"\n"),
        (b"first\n" + AFTER + b"\n- more", b"first\n" + BEFORE + b"\n- more"),
        (AFTER + b"\n- more\n- last", BEFORE + b"\n- more\n- last\n"),  # the two cannot be told apart
    ],
)
def test_text_added_below_a_last_line_without_line_break_is_no_edit_of_it(
    this: bytes, wanted: bytes, end: bytes
) -> None:
    before, after, this, wanted = (text.replace(b"\n", end) for text in (BEFORE, AFTER, this, wanted))
    assert merge("a.md", base=after, other=before, this=this) == wanted


@pytest.mark.parametrize("this", [AFTER + b" of all\n", AFTER + b" - more"])
def test_an_edit_of_that_line_blocks_an_adjacent_undo(this: bytes) -> None:
    with pytest.raises(Clash, match=r"a\.md, line 5"):
        merge("a.md", base=AFTER, other=BEFORE, this=this)


def test_an_undo_that_leaves_nothing_leaves_an_empty_note() -> None:
    assert merge("a.md", base=b"- made\n- old", other=b"- old", this=b"- made") == b""


def test_an_edit_that_is_undone_is_not_dropped_with_a_line_removed_since() -> None:
    with pytest.raises(Clash, match=r"a\.md, line 2"):
        merge("a.md", base=b"one\ntwo\nthree\n", other=b"one\nTWO\nthree\n", this=b"one\nthree\n")


def test_a_removed_file_that_is_back_with_all_its_lines_stays_as_it_is() -> None:
    assert merge("a.md", base=None, other=b"one\ntwo\n", this=b"one\n1.5\ntwo\n") == b"one\n1.5\ntwo\n"
    with pytest.raises(Clash, match=r"a\.md exists again"):
        merge("a.md", base=None, other=b"one\ntwo\n", this=b"one\n")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("before", "after", "this", "wanted"),
    [
        ("a kafka", "a", "a zod", "a kafka zod"),  # a line was removed at the end
        ("a", "a kafka", "a kafka zod", "a zod"),  # added
        ("kafka a", "a kafka", "a kafka zod", "kafka a zod"),  # moved
        ("a old", "a new", "a new zod", "a old zod"),  # reworded
        ("a", "a b c", "a b zod c", "a zod"),
        ("a", "a b c", "a zod b c more", "a zod more"),
        ("a r d", "a b d c", "a b zod d c more", "a r zod d more"),
        ("a", "a _ b _ c", "a _ b _ c zod", "a zod"),  # with blank lines
    ],
)
def test_lines_inserted_beside_those_of_an_undo_are_kept(
    before: str, after: str, this: str, wanted: str, end: bytes
) -> None:
    base, other, now, merged = (
        b"".join((b"" if word == "_" else word.encode()) + end for word in text.split())
        for text in (after, before, this, wanted)
    )
    assert merge("a.md", base=base, other=other, this=now) == merged


@pytest.mark.parametrize(
    ("before", "after", "this", "wanted"),
    [
        (b"a\nkafka", b"a\n", b"a\nzod\n", b"a\nkafka\nzod\n"),
        (b"a\nkafka\n", b"a\n", b"a\nzod", b"a\nkafka\nzod"),
        (b"a\nkafka", b"a", b"a\nzod", b"a\nkafka\nzod"),
        (b"a", b"a\nkafka", b"a\nkafka\nzod", b"a\nzod"),
    ],
)
def test_lines_are_never_joined(before: bytes, after: bytes, this: bytes, wanted: bytes) -> None:
    assert merge("a.md", base=after, other=before, this=this) == wanted


@pytest.mark.parametrize("this", [b"a\nkafka 4\nzod\n", b"a\nzod\n"])
def test_an_edit_of_the_very_line_still_clashes(this: bytes) -> None:
    with pytest.raises(Clash):
        merge("a.md", base=b"a\nkafka\n", other=b"a\nKafka\n", this=this)


def test_a_line_that_was_brought_back_by_hand_is_not_restored_a_second_time() -> None:
    with pytest.raises(Clash):
        merge("a.md", base=b"a\n", other=b"a\nkafka\n", this=b"a\nkafka\nzod\n")


@pytest.mark.parametrize(
    ("before", "after", "this", "wanted"),
    [
        ("A|B|C", "A|C", "A|C|new", "A|B|C|new"),
        # The last entry went: line by line, that would be no mere insertion.
        ("A|B", "A", "A|new", "A|B|new"),
        ("A|B", "B", "B|new", "A|B|new"),
        ("A", "", "new", "A|new"),
        ("A|B|C|D", "B|C", "B|X|C", "A|B|X|C|D"),
        ("A|B|C|D", "A|C", "A|X|Y", "A|B|D|X|Y"),  # C was removed since
        ("A|B|today", "A|dated", "X|dated", "B|today|X"),
    ],
)
def test_entries_between_lines_of_a_section_sign_are_merged_as_wholes(
    before: str, after: str, this: str, wanted: str
) -> None:
    base, other, now = (text.replace("|", "\n§\n").encode() for text in (after, before, this))
    merged = merge("MEMORY.md", base=base, other=other, this=now, sectioned=True)
    assert merged == wanted.replace("|", "\n§\n").encode()


@pytest.mark.parametrize(
    ("before", "after", "this"),
    [("A|today", "A|dated", "A|edited"), ("A|B", "A", "X|B")],
)
def test_an_undo_of_what_was_reworded_or_is_back_clashes(before: str, after: str, this: str) -> None:
    base, other, now = (text.replace("|", "\n§\n").encode() for text in (after, before, this))
    with pytest.raises(Clash):
        merge("MEMORY.md", base=base, other=other, this=now, sectioned=True)


def test_a_clash_between_entries_names_the_line_at_which_the_entry_begins() -> None:
    base, other, this = (f"A.\n§\nB\nlong {end}\n§\nC.".encode() for end in ("dated", "today", "edited"))
    with pytest.raises(Clash, match=r"MEMORY\.md, line 3\Z"):
        merge("MEMORY.md", base=base, other=other, this=this, sectioned=True)
