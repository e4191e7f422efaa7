"""What a refused undo names as the reason, and what it advises."""

from __future__ import annotations

import pytest

from kairos.errors import UndoConflictError
from kairos.model import Span, Splice
from tests.contract.steps import Harness, change, dream, undo

ALL = "`kairos undo --all`"


def two_changes_and_an_edit(harness: Harness) -> int:
    harness.edit("a.md", b"one\ntwo\nthree\nfour\nfive\n")
    receipt = dream(
        harness,
        change("k", Splice("a.md", Span(0, 4), b"ONE\n")),
        change("l", Splice("a.md", Span(19, 24), b"FIVE\n")),
    )
    harness.edit("a.md", b"ONE, by hand\ntwo\nthree\nfour\nFIVE\n")
    return receipt.transaction


def test_what_the_undo_of_everything_would_leave_out_is_advised(harness: Harness) -> None:
    number = two_changes_and_an_edit(harness)
    with pytest.raises(UndoConflictError, match="with later edits") as caught:
        undo(harness, number)
    assert "undo the other changes one by one" in caught.value.advice
    assert ALL in caught.value.advice
    with pytest.raises(UndoConflictError, match="with later edits") as caught:
        undo(harness, change_key="k")
    assert "one by one" not in caught.value.advice
    assert ALL in caught.value.advice


def test_a_last_change_is_not_told_to_undo_others(harness: Harness) -> None:
    two_changes_and_an_edit(harness)
    undo(harness, change_key="l")
    with pytest.raises(UndoConflictError, match="with later edits: ") as caught:
        undo(harness, change_key="k")
    assert caught.value.advice == "Nothing was written. Revert those edits by hand."


def test_the_undos_of_other_changes_are_not_what_an_undo_clashes_with(harness: Harness) -> None:
    number = two_changes_and_an_edit(harness)
    undo(harness, change_key="l")  # which records the edit
    for chosen in ({"change_key": "k"}, {"all_": True}):
        with pytest.raises(UndoConflictError, match=r"clashes with later edits: a\.md, line 1") as caught:
            undo(harness, **chosen)
        assert "first" not in caught.value.advice
    with pytest.raises(UndoConflictError, match=r"clashes with later edits: a\.md, line 1"):
        undo(harness, number)


def test_an_undo_of_everything_that_clashes_is_not_advised_again(harness: Harness) -> None:
    two_changes_and_an_edit(harness)
    harness.edit("a.md", b"1\n2\n3\n4\n5\n")
    with pytest.raises(UndoConflictError) as caught:
        undo(harness, all_=True)
    assert caught.value.advice == "Nothing was written. Revert those edits by hand."
