from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos.report.diff import unified_diffs


def lines(before: dict[str, bytes | None], after: dict[str, bytes | None]) -> list[str]:
    return [line for line, _ in unified_diffs(before, after)]


def test_a_removed_rule_is_no_header_and_a_missing_line_break_is_marked() -> None:
    assert lines({"a.md": b"one\n---\ntwo"}, {"a.md": b"one\ntwo\n"}) == [
        "--- a/a.md",
        "+++ b/a.md",
        "@@ -1,3 +1,2 @@",
        " one",
        "----",
        "-two",
        r"\ No newline at end of file",
        "+two",
    ]


def test_new_and_removed_files_are_shown_even_if_empty() -> None:
    assert lines({"a.md": b"", "b.md": None}, {"a.md": None, "b.md": b"x\n"}) == [
        "--- a/a.md",
        "+++ /dev/null",
        "--- /dev/null",
        "+++ b/b.md",
        "@@ -0,0 +1 @@",
        "+x",
    ]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_the_diff_holds_all_lines_of_both_sides(old: bytes, new: bytes) -> None:
    shown = lines({"f": old}, {"f": new})[2:]
    for sign, data in (("-", old), ("+", new)):
        wanted = data.decode("utf-8", "surrogateescape").split("\n")
        held = [line[1:] for line in shown if line[0] in f"{sign} "]
        if old != new:
            assert [line for line in wanted if line not in held and line] == []
