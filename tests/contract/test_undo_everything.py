"""An undo of everything is exact; where later edits clash with it, each change is undone as a whole or not at all."""

from __future__ import annotations

import pytest

from kairos.errors import UndoConflictError
from kairos.model import RemoveFile, Span, Splice
from tests.contract.steps import Harness, change, dream, undo


def test_undo_of_everything_goes_back_to_an_edit_between_two_dreams(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    dream(harness, change("k", Splice("a.md", Span(4, 8), b"TWO\n")))
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    dream(harness, change("l", Splice("a.md", Span(4, 15), b"zwei\n")))
    (skip,) = undo(harness, all_=True).skipped
    assert harness.files() == {"a.md": b"one\n2, by hand\nthree\n"}
    assert "(k, t1) was not undone: the undo clashes with later edits: a.md, line 2" in skip.reason


def test_undo_of_everything_keeps_a_change_whole_when_an_edit_clashes_with_it(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    harness.edit("b.md", b"1\n2\n3\n4\n5\n6\n7\n8\n")
    harness.edit("c.md", b"x\n")
    first = dream(
        harness,
        change("m", Splice("a.md", Span(4, 8), b"TWO\n"), Splice("b.md", Span(16, 16), b"9\n")),
        change("n", Splice("b.md", Span(0, 2), b"")),
        change("o", RemoveFile("c.md")),
    )
    later = dream(harness, change("p", Splice("b.md", Span(2, 4), b"drei\n")))
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    undone = undo(harness, all_=True)
    assert harness.files() == {
        "a.md": b"one\n2, by hand\nthree\n",
        "b.md": b"1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        "c.md": b"x\n",
    }
    (skip,) = undone.skipped
    assert skip.what == "a.md:1"
    assert (
        f"(m, t{first.transaction}) was not undone: the undo clashes with later edits: a.md, line 2"
        in skip.reason
    )
    assert skip.advice.endswith("run `kairos undo m`.")
    past = {item.id: item for item in harness.store.journal.history(str(harness.root))}
    assert (past[first.transaction].active, past[first.transaction].undone_keys) == (
        True,
        frozenset({"n", "o"}),
    )
    assert not past[later.transaction].active
    with pytest.raises(UndoConflictError, match=r"a\.md, line 2"):
        undo(harness, all_=True)
    harness.edit("a.md", b"one\nTWO\nthree\n")
    assert undo(harness, all_=True).skipped == ()
    assert harness.files()["a.md"] == b"one\ntwo\nthree\n"
    assert harness.files()["b.md"] == b"1\n2\n3\n4\n5\n6\n7\n8\n"


def test_undo_of_everything_keeps_only_the_edited_one_of_two_changes(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\nfour\nfive\n")
    dream(
        harness,
        change("k", Splice("a.md", Span(0, 4), b"ONE\n")),
        change("l", Splice("a.md", Span(19, 24), b"FIVE\n")),
    )
    harness.edit("a.md", b"ONE, by hand\ntwo\nthree\nfour\nFIVE\n")
    (skip,) = undo(harness, all_=True).skipped
    assert "(k, t" in skip.reason
    assert harness.files() == {"a.md": b"ONE, by hand\ntwo\nthree\nfour\nfive\n"}


def test_a_refusal_to_undo_everything_does_not_advise_to_undo_everything(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    receipt = dream(harness, change("k", Splice("a.md", Span(4, 8), b"TWO\n")))
    undone = undo(harness, receipt.transaction)
    undo(harness, undone.transaction)
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    with pytest.raises(UndoConflictError, match="later edits") as caught:
        undo(harness, all_=True)
    assert "Revert those edits by hand" in caught.value.advice
    assert "first" not in caught.value.advice
    assert "--all" not in caught.value.advice


def test_undo_all_is_one_transaction_and_exact(harness: Harness) -> None:
    harness.edit("a.md", b"x\nx\nx\nz\nx\nx\ny\n")
    original = harness.files()
    first = dream(harness, change("1", Splice("a.md", Span(0, 2), b"")))
    dream(harness, change("2", Splice("a.md", Span(8, 10), b"y\n")))
    undo(harness, first.transaction)
    dream(harness, change("3", RemoveFile("a.md")))
    everything = undo(harness, all_=True)
    assert harness.files() == original
    undo(harness, everything.transaction)
    assert harness.files() == {}


def test_undo_of_everything_goes_around_a_deleted_note_and_an_edited_one(harness: Harness) -> None:
    for path in ("a.md", "b.md", "c.md"):
        harness.edit(path, b"one\ntwo\nthree\n")
    two = Span(4, 8)
    dream(harness, *(change(path[0], Splice(path, two, b"TWO\n")) for path in ("a.md", "b.md", "c.md")))
    harness.edit("a.md", None)
    harness.edit("b.md", b"one\n2, by hand\nthree\n")
    skipped = undo(harness, all_=True).skipped
    assert harness.files() == {"b.md": b"one\n2, by hand\nthree\n", "c.md": b"one\ntwo\nthree\n"}
    assert {skip.what for skip in skipped} == {"a.md", "b.md:1"}


def test_undo_of_everything_keeps_a_change_that_another_one_that_stays_was_built_on(harness: Harness) -> None:
    for path in ("a.md", "c.md", "d.md"):
        harness.edit(path, b"one\ntwo\nthree\n")
    two = Span(4, 8)
    dream(harness, change("k", Splice("a.md", two, b"TWO\n")), change("n", Splice("d.md", two, b"TWO\n")))
    dream(harness, change("p", Splice("a.md", two, b"zwei\n"), Splice("c.md", two, b"zwei\n")))
    harness.edit("c.md", b"one\n2, by hand\nthree\n")
    undo(harness, all_=True)
    assert harness.files() == {
        "a.md": b"one\nzwei\nthree\n",
        "c.md": b"one\n2, by hand\nthree\n",
        "d.md": b"one\ntwo\nthree\n",
    }


def test_a_refusal_names_the_later_dream_as_well_as_the_later_edits(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    first = dream(harness, change("k", Splice("a.md", Span(4, 8), b"TWO\n")))
    later = dream(harness, change("l", Splice("a.md", Span(4, 8), b"zwei\n")))
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    with pytest.raises(UndoConflictError, match="later edits") as caught:
        undo(harness, first.transaction)
    assert f"Undo t{later.transaction} first, or everything with `kairos undo --all`." in caught.value.advice
    assert "Revert those edits by hand" in caught.value.advice


def test_undo_of_everything_is_refused_if_only_deleted_notes_do_not_clash(harness: Harness) -> None:
    for path in ("a.md", "b.md"):
        harness.edit(path, b"one\ntwo\nthree\n")
    two = Span(4, 8)
    dream(harness, change("a", Splice("a.md", two, b"TWO\n")), change("b", Splice("b.md", two, b"TWO\n")))
    harness.edit("a.md", None)
    harness.edit("b.md", b"one\n2, by hand\nthree\n")
    with pytest.raises(UndoConflictError):
        undo(harness, all_=True)
    assert harness.files() == {"b.md": b"one\n2, by hand\nthree\n"}
    harness.edit("a.md", b"one\nTWO\nthree\n")
    (skip,) = undo(harness, all_=True).skipped
    assert skip.what == "b.md:1"
    assert harness.files()["a.md"] == b"one\ntwo\nthree\n"
