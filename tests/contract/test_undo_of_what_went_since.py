"""Undo of changes to files and lines that are gone by now. Where Kairos itself removed the file, the report names the
step that did so."""

from __future__ import annotations

import pytest

from kairos.core.root.conflicts_note import CONFLICTS_NOTE
from kairos.errors import UndoConflictError
from kairos.model import CreateFile, RemoveFile, Span, Splice
from tests.contract.steps import Harness, change, dream, undo

NOTE = b"---\nname: kairos-conflicts\n---\n\n"


def rewrite_then_remove(harness: Harness, path: str) -> tuple[int, int]:
    """Rewrite a file that Kairos created, together with a removed line, then remove it. Returns both transactions."""
    harness.edit("a.md", b"one\ntwo\n")
    dream(harness, change("made", CreateFile(path, NOTE + b"both\n")))
    first = dream(
        harness,
        change("one", CreateFile(path, NOTE + b"one of them\n")),
        change("line", Splice("a.md", Span(0, 4), b"")),
    )
    return first.transaction, dream(harness, change("none", RemoveFile(path))).transaction


def test_a_removed_conflicts_note_is_not_reported(harness: Harness) -> None:
    first, _ = rewrite_then_remove(harness, CONFLICTS_NOTE)
    assert undo(harness, first).skipped == ()
    assert harness.files() == {"a.md": b"one\ntwo\n"}


def test_a_note_that_kairos_removed_since_is_reported_with_that_step(harness: Harness) -> None:
    first, second = rewrite_then_remove(harness, "b.md")
    (skip,) = undo(harness, first).skipped
    assert skip.what == "b.md"
    assert skip.reason.startswith(f"t{second} (dream of ")
    assert skip.reason.endswith(") has removed it since, so it was left alone.")
    assert harness.files() == {"a.md": b"one\ntwo\n"}


@pytest.mark.parametrize("path", [CONFLICTS_NOTE, "b.md"])
def test_undo_of_a_removed_file_alone_asks_for_the_later_undo_first(harness: Harness, path: str) -> None:
    _, second = rewrite_then_remove(harness, path)
    with pytest.raises(UndoConflictError, match=rf"t{second} .* removed {path} later.* Undo t{second} first"):
        undo(harness, change_key="one")
    undo(harness, second)
    undo(harness, change_key="one")
    assert harness.files()[path] == NOTE + b"both\n"


def test_a_deleted_conflicts_note_is_left_to_the_next_dream(harness: Harness) -> None:
    dream(harness, change("made", CreateFile(CONFLICTS_NOTE, NOTE + b"both\n")))
    dream(harness, change("one", CreateFile(CONFLICTS_NOTE, NOTE + b"one of them\n")))
    harness.edit(CONFLICTS_NOTE, None)
    with pytest.raises(UndoConflictError, match="The next dream writes it again"):
        undo(harness, change_key="one")


THREE = b"- a\n- b\n- c\n"


@pytest.mark.parametrize(
    ("since", "left"),
    [(b"- a\n- c\n", b"# M\n"), (b"- b\n", b"# M\n"), (b"", b"# M\n"), (b"- a\n- c\n- mine\n", None)],
)
def test_a_line_that_is_gone_does_not_block_the_undo_of_its_neighbours(
    harness: Harness, since: bytes, left: bytes | None
) -> None:
    harness.edit("MEMORY.md", b"# M\n")
    dream(harness, change("lines", Splice("MEMORY.md", Span(4, 4), THREE)))
    harness.edit("MEMORY.md", b"# M\n" + since)
    if left is None:
        with pytest.raises(UndoConflictError, match=r"MEMORY\.md, lines 2–4"):
            undo(harness, change_key="lines")
    else:
        undo(harness, change_key="lines")
        assert harness.files()["MEMORY.md"] == left


def test_undo_is_refused_when_one_of_two_equal_lines_is_gone(harness: Harness) -> None:
    harness.edit("a.md", b"- a\n")
    dream(harness, change("lines", Splice("a.md", Span(4, 4), b"- b\n- a\n")))
    harness.edit("a.md", b"- b\n")
    with pytest.raises(UndoConflictError):
        undo(harness, change_key="lines")


def test_a_pointer_that_was_appended_since_blocks_no_undo(harness: Harness) -> None:
    index, zod = b"# M\n- [A](a.md)\n- [Kafka](kafka.md)\n", b"- [Zod](zod.md)\n"
    harness.edit("MEMORY.md", index)
    harness.edit("a.md", b"- one\n- last\n")
    first = dream(
        harness,
        change("moved", Splice("MEMORY.md", Span(4, 4), index[16:]), Splice("MEMORY.md", Span(16, 36), b"")),
        change("added", Splice("MEMORY.md", Span(36, 36), b"- [B](b.md)\n")),
        change("gone", Splice("a.md", Span(6, 13), b"")),
    )
    harness.edit("MEMORY.md", harness.files()["MEMORY.md"] + zod)
    harness.edit("a.md", b"- one\n- since\n")
    edited = harness.files()
    undone = undo(harness, first.transaction)
    assert undone.skipped == ()
    assert harness.files() == {"MEMORY.md": index + zod, "a.md": b"- one\n- last\n- since\n"}
    undo(harness, undone.transaction)
    assert harness.files() == edited
    for key in ("moved", "added", "gone"):
        undo(harness, change_key=key)
    assert harness.files() == {"MEMORY.md": index + zod, "a.md": b"- one\n- last\n- since\n"}
