from __future__ import annotations

from itertools import zip_longest

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


NO_NEWLINE = r"\ No newline at end of file"


def sides(diff: list[str]) -> tuple[bytes, bytes]:
    """Return the old and the new text of a diff whose one hunk spans the whole file."""
    old, new = "", ""
    for line, following in zip_longest(diff[1:], diff[2:]):
        if line == NO_NEWLINE:
            continue
        text = line[1:] if following == NO_NEWLINE else f"{line[1:]}\n"
        old += text if line[0] in "- " else ""
        new += text if line[0] in "+ " else ""
    return old.encode("utf-8", "surrogateescape"), new.encode("utf-8", "surrogateescape")


TEXTS = st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\xff", b"-", b"+", b" ", b"@@"]), max_size=6).map(
    b"".join
)
"""Short enough that all lines are within one hunk: three lines around each change are shown."""


@given(TEXTS, TEXTS)
def test_the_diff_holds_both_sides_and_nothing_else(old: bytes, new: bytes) -> None:
    hunk = lines({"f": old}, {"f": new})[2:]
    assert sum(line.startswith("@@") for line in hunk) == (old != new)
    assert sides(hunk) == ((old, new) if old != new else (b"", b""))
