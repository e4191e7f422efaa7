"""What both stores promise: apply compares first and is atomic; undo is exact and merges with later edits."""

from __future__ import annotations

from hashlib import sha256

import pytest

from kairos.errors import ChangedError, NoSuchRootError, UndoConflictError, UsageError
from kairos.model import CreateFile, FileChange, RemoveFile, Span, Splice
from kairos.store import queries
from kairos.store.overview import overview
from kairos.store.records import TransactionKind, Verdict
from tests.contract.steps import NOW, PORT, TWIN, Harness, change, dream, three_changes, undo


def test_apply_writes_creates_and_removes(harness: Harness) -> None:
    receipt = three_changes(harness)
    assert harness.files() == {"port.md": PORT[19:], "new/note.md": b"- new\n"}
    assert set(receipt.written) == {"port.md", "new/note.md"}
    assert receipt.removed == ("twin.md",)
    assert receipt.skipped == ()


def test_apply_refuses_as_a_whole_when_one_file_differs(harness: Harness) -> None:
    harness.edit("a.md", b"somebody else's\n")
    harness.edit("b.md", b"b\n")
    edits = [FileChange("a.md", b"as read\n", b"new\n"), FileChange("b.md", b"b\n", None)]
    before = harness.files()
    with pytest.raises(ChangedError) as caught:
        harness.store.apply(harness.root, edits, kind=TransactionKind.DREAM, at=NOW)
    assert caught.value.paths == ("a.md",)
    assert harness.files() == before


def test_apply_refuses_when_a_witness_differs(harness: Harness) -> None:
    harness.edit("b.md", b"b\n")
    with pytest.raises(ChangedError) as caught:
        harness.store.apply(
            harness.root,
            [FileChange("b.md", b"b\n", None, requires=("witness.md",))],
            kind=TransactionKind.DREAM,
            at=NOW,
            base={"witness.md": sha256(b"b\n").hexdigest()},
        )
    assert caught.value.paths == ("witness.md",)
    assert harness.files() == {"b.md": b"b\n"}


def test_a_creation_never_replaces_a_file(harness: Harness) -> None:
    harness.edit("a.md", b"theirs\n")
    with pytest.raises(ChangedError):
        harness.store.apply(
            harness.root, [FileChange("a.md", None, b"ours\n")], kind=TransactionKind.DREAM, at=NOW
        )
    assert harness.files() == {"a.md": b"theirs\n"}


def test_a_missing_root_is_named(harness: Harness) -> None:
    with pytest.raises(NoSuchRootError, match="elsewhere"):
        harness.store.apply(harness.root / "elsewhere", [], kind=TransactionKind.DREAM, at=NOW)


def test_an_undo_can_be_undone_and_redone(harness: Harness) -> None:
    receipt = three_changes(harness)
    after = harness.files()
    first = undo(harness, receipt.transaction)
    assert harness.files() == {"port.md": PORT, "twin.md": TWIN}
    second = undo(harness, first.transaction)
    assert harness.files() == after
    undo(harness, second.transaction)
    assert harness.files() == {"port.md": PORT, "twin.md": TWIN}


def test_undo_after_single_changes_undoes_the_rest(harness: Harness) -> None:
    receipt = three_changes(harness)
    undo(harness, change_key="gone")
    assert harness.files() == {"port.md": PORT[19:], "new/note.md": b"- new\n", "twin.md": TWIN}
    undo(harness, change_key="line")
    assert harness.files()["port.md"] == PORT
    whole = undo(harness, receipt.transaction)
    assert harness.files() == {"port.md": PORT, "twin.md": TWIN}
    undo(harness, whole.transaction)
    assert harness.files() == {"port.md": PORT, "new/note.md": b"- new\n", "twin.md": TWIN}


def test_two_changes_of_one_file_are_undone_apart(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    dream(
        harness,
        change("first", Splice("a.md", Span(0, 4), b"")),
        change("last", Splice("a.md", Span(8, 14), b"THREE\n")),
    )
    assert harness.files() == {"a.md": b"two\nTHREE\n"}
    undo(harness, change_key="first")
    assert harness.files() == {"a.md": b"one\ntwo\nTHREE\n"}
    undo(harness, change_key="last")
    assert harness.files() == {"a.md": b"one\ntwo\nthree\n"}


@pytest.mark.parametrize("again", ["transaction", "change", "everything"])
def test_what_is_undone_cannot_be_undone_again(harness: Harness, again: str) -> None:
    receipt = three_changes(harness)
    undo(harness, receipt.transaction)
    before = harness.files()
    number = (receipt.transaction,) if again == "transaction" else ()
    key = "gone" if again == "change" else None
    with pytest.raises(UsageError, match=r"already undone|nothing to undo"):
        undo(harness, *number, change_key=key, all_=again == "everything")
    assert harness.files() == before


def test_undo_of_an_undone_or_unknown_change_advises_what_to_do(harness: Harness) -> None:
    three_changes(harness)
    undo(harness, change_key="gone")
    with pytest.raises(UsageError, match="already undone") as raised:
        undo(harness, change_key="gone")
    assert raised.value.advice == "To apply it again: `kairos approve gone`."
    with pytest.raises(UsageError, match="no change never") as raised:
        undo(harness, change_key="never")
    assert "`kairos show NUMBER`" in raised.value.advice


def test_unknown_and_empty_requests_are_usage_errors(harness: Harness) -> None:
    three_changes(harness)
    with pytest.raises(UsageError, match="no transaction t99"):
        undo(harness, 99)
    with pytest.raises(UsageError, match="no change nonsense"):
        undo(harness, change_key="nonsense")
    with pytest.raises(UsageError, match="Say what to undo"):
        undo(harness)


def test_a_partial_undo_cannot_be_undone_before_a_later_whole_one(harness: Harness) -> None:
    receipt = three_changes(harness)
    part = undo(harness, change_key="gone")
    whole = undo(harness, receipt.transaction)
    with pytest.raises(UsageError, match=f"Undo t{whole.transaction} first"):
        undo(harness, part.transaction)


def test_undo_keeps_later_edits_of_other_lines(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\nfour\nfive\n")
    receipt = dream(harness, change("k", Splice("a.md", Span(0, 4), b"")))
    harness.edit("a.md", b"two\nthree\nfour\nfive\nsix, by hand\n")
    undo(harness, receipt.transaction)
    assert harness.files() == {"a.md": b"one\ntwo\nthree\nfour\nfive\nsix, by hand\n"}


def test_undo_that_clashes_writes_nothing(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    harness.edit("b.md", b"b\n")
    receipt = dream(
        harness, change("k", Splice("a.md", Span(4, 8), b"TWO\n")), change("r", RemoveFile("b.md"))
    )
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    before = harness.files()
    with pytest.raises(UndoConflictError, match=r"a\.md, line 2") as caught:
        undo(harness, receipt.transaction)
    assert caught.value.paths == ("a.md",)
    assert harness.files() == before
    undo(harness, change_key="r")
    assert harness.files()["b.md"] == b"b\n"


def test_undo_that_clashes_names_the_later_transaction(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\nthree\n")
    first = dream(harness, change("k", Splice("a.md", Span(4, 8), b"TWO\n")))
    later = dream(harness, change("l", Splice("a.md", Span(4, 8), b"2\n")))
    with pytest.raises(UndoConflictError, match=rf"clashes with t{later.transaction} \(dream of") as caught:
        undo(harness, first.transaction)
    assert "later edits" not in str(caught.value)
    assert f"Undo t{later.transaction} first" in caught.value.advice
    harness.edit("a.md", b"one\n2, by hand\nthree\n")
    with pytest.raises(UndoConflictError, match=rf"t{later.transaction} .* and later edits: a\.md, line 2"):
        undo(harness, first.transaction)
    harness.edit("a.md", b"one\n2\nthree\n")
    undo(harness, later.transaction)
    undo(harness, first.transaction)
    assert harness.files() == {"a.md": b"one\ntwo\nthree\n"}


def test_undo_skips_a_file_that_was_deleted_since(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\n")
    harness.edit("b.md", b"three\nfour\n")
    receipt = dream(
        harness, change("k", Splice("a.md", Span(0, 4), b"")), change("l", Splice("b.md", Span(0, 6), b""))
    )
    harness.edit("a.md", None)
    undone = undo(harness, receipt.transaction)
    assert harness.files() == {"b.md": b"three\nfour\n"}
    assert [(skip.what, skip.advice) for skip in undone.skipped] == [
        ("a.md", f"`kairos export t{receipt.transaction}` prints what it held.")
    ]


def test_an_undo_that_would_restore_nothing_is_refused_and_works_later(harness: Harness) -> None:
    harness.edit("a.md", b"one\ntwo\n")
    receipt = dream(harness, change("k", Splice("a.md", Span(0, 4), b"")))
    harness.edit("a.md", None)
    harness.edit("aa.md", b"two\n")
    with pytest.raises(
        UndoConflictError, match=rf"renamed .*: a\.md\..*kairos export t{receipt.transaction}"
    ):
        undo(harness, receipt.transaction)
    assert harness.files() == {"aa.md": b"two\n"}
    harness.edit("a.md", b"two\n")
    undo(harness, receipt.transaction)
    assert harness.files() == {"a.md": b"one\ntwo\n", "aa.md": b"two\n"}


def test_undo_never_overwrites_a_file_that_was_recreated(harness: Harness) -> None:
    receipt = three_changes(harness)
    harness.edit("twin.md", b"something new under the old name\n")
    with pytest.raises(UndoConflictError, match=r"twin\.md exists again"):
        undo(harness, receipt.transaction)


def test_undo_never_deletes_a_created_file_that_was_edited(harness: Harness) -> None:
    receipt = three_changes(harness)
    harness.edit("new/note.md", b"- new\n- by hand\n")
    with pytest.raises(UndoConflictError, match=r"new/note\.md was edited"):
        undo(harness, receipt.transaction)


def test_undo_of_an_older_dream_keeps_the_newer_one(harness: Harness) -> None:
    harness.edit("a.md", b"1\n2\n3\n4\n5\n6\n")
    old = dream(harness, change("old", Splice("a.md", Span(0, 2), b"")))
    new = dream(harness, change("new", Splice("a.md", Span(8, 10), b"")))
    undo(harness, old.transaction)
    assert harness.files() == {"a.md": b"1\n2\n3\n4\n5\n"}
    undo(harness, new.transaction)
    assert harness.files() == {"a.md": b"1\n2\n3\n4\n5\n6\n"}


def test_undone_changes_are_marked_until_they_are_redone(harness: Harness) -> None:
    receipt = three_changes(harness)
    assert harness.store.state.decisions(harness.root) == {}
    part = undo(harness, change_key="gone")
    assert harness.store.state.decisions(harness.root) == {"gone": Verdict.UNDONE}
    undo(harness, part.transaction)
    assert harness.store.state.decisions(harness.root) == {}
    whole = undo(harness, receipt.transaction)
    assert set(harness.store.state.decisions(harness.root)) == {"gone", "line", "made"}
    undo(harness, whole.transaction)
    assert harness.store.state.decisions(harness.root) == {}


def test_reports_follow_undo(harness: Harness) -> None:
    receipt = three_changes(harness)
    state = harness.store.state
    assert [row.duplicates_removed for row in overview(state)] == [2]
    assert [row.path for row in queries.attic(state, harness.root)] == ["twin.md"]
    undo(harness, change_key="line")
    assert [row.duplicates_removed for row in overview(state)] == [1]
    undo(harness, receipt.transaction)
    assert [row.duplicates_removed for row in overview(state)] == [0]
    assert queries.attic(state, harness.root) == ()
    explained = queries.explain(state, harness.root, "twin.md")
    assert [(past.change.key, past.undone) for past in explained.changes] == [("gone", True)]
    assert [row.undone for row in queries.log(state, harness.root)] == [False, False, True]


def test_a_line_whose_link_was_redirected_is_explained_by_what_went(harness: Harness) -> None:
    index = b"- [Old](old.md) and new.md\n- See [[old]]\n- Of new.md\n"
    harness.edit("MEMORY.md", index)
    harness.edit("old.md", b"x\n")
    at, wiki = index.index(b"old.md"), index.index(b"old]]")
    gone = change(
        "gone",
        RemoveFile("old.md"),
        Splice("MEMORY.md", Span(at, at + 6), b"new.md"),
        Splice("MEMORY.md", Span(wiki, wiki + 3), b"new"),
    )
    dream(harness, gone)
    for number, text in enumerate(harness.files()["MEMORY.md"].decode().splitlines(), start=1):
        found = queries.explain(harness.store.state, harness.root, "MEMORY.md", line=number, text=text)
        assert [past.change.key for past in found.changes] == (["gone"] if number < 3 else [])


def test_a_dream_undone_change_by_change_counts_as_undone(harness: Harness) -> None:
    receipt = three_changes(harness)
    state = harness.store.state
    for key in ("gone", "line"):
        undo(harness, change_key=key)
    assert [row.undone for row in queries.log(state, harness.root)][-1] is False
    redo = undo(harness, change_key="made").transaction
    assert [row.undone for row in queries.log(state, harness.root)][-1] is True
    with pytest.raises(UsageError, match="already undone"):
        undo(harness, receipt.transaction)
    undo(harness, redo)
    assert [row.undone for row in queries.log(state, harness.root)][-1] is False


def test_recover_has_nothing_to_do_after_success(harness: Harness) -> None:
    three_changes(harness)
    before = harness.files()
    assert harness.store.recover(harness.root) == ()
    assert harness.files() == before


def test_a_file_that_was_created_and_removed_does_not_come_back(harness: Harness) -> None:
    made = dream(harness, change("made", CreateFile("a.md", b"a\n")))
    gone = dream(harness, change("gone", RemoveFile("a.md")))
    undo(harness, made.transaction)
    undo(harness, gone.transaction)
    assert harness.files() == {}


def test_equal_lines_come_back_in_place_after_any_undos_in_between(harness: Harness) -> None:
    original = b"x\ny\nx\nx\nx\n"
    harness.edit("a.md", original)
    receipt = dream(
        harness,
        change("first", Splice("a.md", Span(2, 4), b"")),
        change("last", Splice("a.md", Span(8, 10), b"")),
    )
    first_undo = undo(harness, receipt.transaction)
    second_undo = undo(harness, undo(harness, first_undo.transaction).transaction)
    redo = undo(harness, second_undo.transaction)
    assert harness.files() == {"a.md": b"x\nx\nx\n"}
    undo(harness, change_key="first")
    undo(harness, redo.transaction)
    assert harness.files() == {"a.md": original}
