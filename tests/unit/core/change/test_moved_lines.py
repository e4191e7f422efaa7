"""Where lines are once a plan is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kairos.core.change.moved_lines import MovedLines
from kairos.core.root.figures import Exposure
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Edit, Place, RemoveFile, Skip, Span, Splice

Read = Callable[[Mapping[str, str | bytes]], Reading]
TEXT = "- one\n- two\n- three\n- four\n"


def moved(read: Read, *edits: Edit) -> MovedLines:
    change = Change("k", ChangeKind.PRUNE, "over", edits, Place("a.md", 1, ""))
    return MovedLines(read({"a.md": TEXT, "b.md": TEXT}), (change,))


def cut(start: int, end: int, text: bytes = b"") -> Splice:
    return Splice("a.md", Span(start, end), text)


@pytest.mark.parametrize(
    ("edits", "lines"),
    [
        ((cut(0, 6),), [1, 1, 2, 3]),  # a removed line keeps its number
        ((cut(6, 12), cut(20, 20, b"- new\n- and more\n")), [1, 2, 2, 5]),
        ((cut(6, 12, b"- another\n"),), [1, 2, 3, 4]),
        ((cut(0, 0, b"- new\n"),), [2, 3, 4, 5]),
    ],
)
def test_a_remark_on_a_line_follows_the_line(read: Read, edits: tuple[Edit, ...], lines: list[int]) -> None:
    plan = moved(read, *edits)
    told = [plan.skip(Skip(f"a.md:{line}", "left")).what for line in (1, 2, 3, 4)]
    assert told == [f"a.md:{line}" for line in lines]


def test_remarks_on_anything_but_lines_of_edited_notes_stay_as_they_are(read: Read) -> None:
    plan = moved(read, cut(0, 6))
    for what in ("a.md", "b.md:2", "c.md:2", "the whole plan", "a.md:99"):
        assert plan.skip(Skip(what, "left")) == Skip(what, "left")


def test_credentials_are_reported_where_they_are_or_were(read: Read) -> None:
    found = (Exposure("a.md", 1, "token"), Exposure("a.md", 3, "password"), Exposure("b.md", 3, "password"))
    assert moved(read, cut(0, 6)).exposures(found) == (found[0], Exposure("a.md", 2, "password"), found[2])
    assert moved(read, RemoveFile("a.md")).exposures(found) == found
