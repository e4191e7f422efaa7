"""Edits are applied to bytes."""

from __future__ import annotations

import pytest

from kairos.core.markdown.render import OverlapError, apply_splices, file_changes, is_blank, render_file
from kairos.model import Change, ChangeKind, CreateFile, Edit, Place, RemoveFile, Span, Splice, Witness


def splice(start: int, end: int, text: bytes = b"", path: str = "a.md") -> Splice:
    return Splice(path, Span(start, end), text)


def change(*edits: Edit, witness: str = "", kind: ChangeKind = ChangeKind.MERGE) -> Change:
    found = Witness("w", Place(witness, 1, "w"), (("c", "w"),)) if witness else None
    return Change("k", kind, "r", edits, Place("a.md", 1, "x"), witness=found)


def test_splices_refer_to_the_bytes_as_they_were_read() -> None:
    assert (
        apply_splices(b"0123456789", [splice(8, 9), splice(0, 1, b"zero"), splice(3, 5, b"")])
        == b"zero125679"
    )


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply_splices(b"ab", [splice(1, 1, b"1"), splice(1, 1, b"2"), splice(2, 2, b"!")]) == b"a12b!"


@pytest.mark.parametrize(
    "splices",
    [(splice(0, 3), splice(2, 4)), (splice(3, 2),), (splice(0, 99),), (splice(1, 1, b"x"), splice(0, 2))],
)
def test_overlapping_and_impossible_splices_are_refused(splices: tuple[Splice, ...]) -> None:
    with pytest.raises(OverlapError, match=r"a\.md"):
        apply_splices(b"abcd", splices)


def test_a_file_is_created_replaced_or_removed() -> None:
    assert render_file(None, [CreateFile("a.md", b"new")]) == b"new"
    assert render_file(b"old", [CreateFile("a.md", b"new")]) == b"new"
    assert render_file(b"old", [splice(0, 1, b"O")]) == b"Old"
    assert render_file(b"old", [splice(0, 1), RemoveFile("a.md")]) is None
    assert render_file(b"old", []) == b"old"


@pytest.mark.parametrize(
    ("data", "gone"),
    [
        (b"---\nname: x\n---\n\n# Title\n\n## Below\n", True),
        (b"\xef\xbb\xbf---\r\nname: x\r\n---\r\n# Title\r\n", True),
        (b"<!-- TODO: tell Mara -->\n", False),
        (b"---\nThe key is with Mara.\n\n---\n", False),  # thematic breaks, not front matter
        (b"", True),
        (b"# Title\n\n- One entry.\n", False),
        (b"#no heading\n", False),
        (b"---\nThe key of the shed hangs in the hall.\n\nMara has the other one.\n\n---\n\n", False),
    ],
)
def test_if_empty_removes_only_files_without_entries(data: bytes, *, gone: bool) -> None:
    assert is_blank(data) is gone
    assert (render_file(data, [RemoveFile("a.md", if_empty=True)]) is None) is gone


def test_additions_are_written_before_removals() -> None:
    edits = change(splice(0, 2), splice(4, 4, b"+"), witness="b.md")
    (found,) = file_changes({"a.md": b"abcd"}, [edits], modes={"a.md": 0o640}, index=None)
    assert (found.before, found.interim, found.after) == (b"abcd", b"abcd+", b"cd+")
    assert (found.mode, found.index, found.requires) == (0o640, False, ("b.md",))


def test_additions_and_edits_in_the_file_of_the_witness_require_nothing() -> None:
    (added,) = file_changes(
        {"a.md": b"ab"}, [change(splice(2, 2, b"c"), witness="b.md")], modes={}, index="a.md"
    )
    assert (added.interim, added.requires, added.index, added.mode) == (None, (), True, None)
    (own,) = file_changes({"a.md": b"ab"}, [change(splice(0, 1), witness="a.md")], modes={}, index=None)
    assert own.requires == ()
    pruned = change(splice(0, 1), kind=ChangeKind.PRUNE)
    assert file_changes({"a.md": b"ab"}, [pruned], modes={}, index=None)[0].requires == ()


def test_unchanged_files_are_not_written() -> None:
    same = change(splice(0, 1, b"a"), kind=ChangeKind.INDEX)
    assert file_changes({"a.md": b"ab"}, [same], modes={}, index=None) == ()
