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
