"""Joining histories: the new path of a moved root has records of its own from before the move was reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from kairos.core.root.provenance import KnownNote, Provenance
from kairos.errors import NoSuchRootError, UsageError
from kairos.model import FileChange
from kairos.store import queries
from kairos.store.check import chain_flaws, chain_of
from kairos.store.digests import sha256
from kairos.store.forget import forget
from kairos.store.moved import HistorySize, MoveResult, Notes
from kairos.store.overview import overview
from kairos.store.provenance import known_notes, origin, remember
from kairos.store.records import ConflictStatus, ProposalStatus, TransactionKind, Verdict
from kairos.store.transaction import Store
from tests.unit.store.moving import (
    BEFORE,
    LATER,
    NOW,
    TODAY,
    change,
    check,
    conflict,
    move,
    planned_move,
    write,
)


def test_the_records_of_both_paths_are_joined(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    state = store.state
    write(store, old, "a.md", b"x", "again")
    store.undo(old, at=NOW, change_key="again")
    write(store, old, "b.md", b"y", "stays")
    state.sync_conflicts(
        old, [conflict("both", BEFORE), conflict("only old", BEFORE), conflict("kept", BEFORE)]
    )
    state.set_conflict(old, "kept", ConflictStatus.RESOLVED)
    state.decide(old, "kept", Verdict.KEEP_BOTH, at=NOW)
    state.sync_proposals(old, [change("both"), change("only old"), change("no")], today=BEFORE)
    state.set_proposal(old, "no", ProposalStatus.REJECTED)
    state.decide(old, "no", Verdict.REJECTED, at=NOW)
    old.rename(new)
    write(store, new, "a.md", b"x", "again")
    state.sync_conflicts(new, [conflict("both", LATER), conflict("only new", LATER), conflict("kept", LATER)])
    state.sync_proposals(new, [change("both"), change("only new"), change("no")], today=LATER)
    state.decide(new, "later", Verdict.REJECTED, at=NOW)
    moved, result = store.move(str(old), new, at=NOW)
    assert (moved.past, moved.since) == (HistorySize(2, 3), HistorySize(1, 1))
    assert moved.notes == Notes(2, 2, 2)  # until something is written there
    assert result == MoveResult(5, ("again",), ())
    assert list(state.roots()) == [str(new)]
    assert {item.conflict.id: item.conflict.since for item in state.conflicts(new)} == {
        "both": BEFORE,
        "only new": LATER,
    }
    assert {item.change.key: item.since for item in state.proposals(new)} == {
        "both": BEFORE,
        "only new": LATER,
    }
    assert state.decisions(new) == {
        "again": Verdict.UNDONE,
        "kept": Verdict.KEEP_BOTH,
        "no": Verdict.REJECTED,
        "later": Verdict.REJECTED,
    }
    assert [dream.id for dream in state.dreams(new)] == [3, 2, 1]
    (row,) = overview(state)
    assert row.last is not None
    assert row.last.since is None
    check(store, tmp_path)
    store.undo(new, at=NOW, change_key="again")
    assert (new / "a.md").read_bytes() == b"a.md"
    store.undo(new, at=NOW, all_=True)
    assert (new / "b.md").read_bytes() == b"b.md"
    check(store, tmp_path)
    new.rename(old)
    move(store, new, old)
    check(store, tmp_path)


def test_what_was_known_of_a_note_outlasts_dreams_that_only_recorded_it(
    store: Store, old: Path, new: Path
) -> None:
    state = store.state
    first = state.record_dream(old, at=NOW, today=BEFORE, outcome="reported")
    then = [
        KnownNote("same.md", "1" * 64, 1, sessions=("s1",), changed=BEFORE),
        KnownNote("edited.md", "1" * 64, 1, sessions=("s1", "s2"), outside=True, changed=BEFORE),
        KnownNote("back.md", "1" * 64, 1, gone=BEFORE),
    ]
    remember(state, old, Provenance({}, tuple(then)), dream=first, today=BEFORE)
    old.rename(new)
    (new / "same.md").write_bytes(b"x")
    second = state.record_dream(new, at=NOW, today=LATER, outcome="reported")
    since = [
        KnownNote("same.md", "2" * 64, 2),
        KnownNote("edited.md", "2" * 64, 2, sessions=("s2", "s3"), changed=LATER),
        KnownNote("back.md", "2" * 64, 2),
        KnownNote("fresh.md", "2" * 64, 2),
    ]
    remember(state, new, Provenance({}, tuple(since)), dream=second, today=LATER)
    move(store, old, new)
    known = known_notes(state, new)
    assert known["same.md"] == then[0]
    assert known["edited.md"] == KnownNote(
        "edited.md", "2" * 64, 2, sessions=("s1", "s2", "s3"), outside=True, changed=LATER
    )
    assert known["back.md"] == since[2]
    assert known["fresh.md"] == since[3]
    about = origin(state, new, "edited.md")
    assert about is not None
    assert (about.first_seen, about.first_dream) == (BEFORE, first)


def test_equal_names_alone_do_not_make_it_the_same_directory(store: Store, old: Path, new: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    old.rename(old.parent / "gone")
    new.mkdir()
    for a, b, plain in ((b"theirs", b"theirs", False), (b"x", b"theirs", False), (b"x", b"b.md", True)):
        (new / "a.md").write_bytes(a)
        (new / "b.md").write_bytes(b)
        assert planned_move(store, old, new).is_plain is plain
    write(store, new, "a.md", b"y", "k1")
    write(store, new, "a.md", b"z", "k2")
    assert planned_move(store, old, new).is_plain  # it was x when Kairos first wrote to it
    (new / "b.md").write_bytes(b"edited")
    assert not planned_move(store, old, new).is_plain


def test_a_root_without_notes_is_in_doubt_only_if_it_has_a_history(
    store: Store, old: Path, new: Path
) -> None:
    for name in ("a.md", "b.md"):
        (old / name).unlink()
    store.state.record_dream(old, at=NOW, today=TODAY, outcome="reported")
    old.rename(new)
    assert planned_move(store, old, new).is_plain
    new.rename(old)
    store.apply(old, [FileChange("a.md", None, b"x")], kind=TransactionKind.DREAM, at=NOW)
    old.rename(new)
    assert not planned_move(store, old, new).is_plain


def test_two_parallel_histories_are_not_joined(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    new.mkdir()
    write(store, new, "a.md", b"theirs", "k0")
    write(store, old, "a.md", b"x", "k1")
    old.rename(tmp_path / "gone")
    with pytest.raises(UsageError, match="separate histories") as raised:
        move(store, old, new)
    assert "to a new path first" in raised.value.advice
    store.state.record_dream(looked := tmp_path / "looked", at=NOW, today=TODAY, outcome="reported")
    write(store, new, "a.md", b"ours", "k2")
    with pytest.raises(UsageError, match="separate histories") as raised:
        move(store, looked, new)
    assert f"`kairos forget {looked}`" in raised.value.advice
    forget(store.state, looked)
    assert set(store.state.roots()) == {str(old), str(new)}
    check(store, tmp_path)


@pytest.mark.parametrize("writes", [True, False])
def test_two_moves_can_be_reported_in_either_order(
    writes: bool, store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    state, last = store.state, tmp_path / "last"
    write(store, old, "a.md", b"x", "k0")
    state.decide(old, "first", Verdict.KEEP_BOTH, at=NOW)
    old.rename(new)
    if writes:
        write(store, new, "a.md", b"y", "k1")
        store.undo(new, at=NOW, change_key="k1")
        write(store, new, "b.md", b"z", "k2")
    else:
        state.record_dream(new, at=NOW, today=TODAY, outcome="reported")
    state.decide(new, "second", Verdict.KEEP_BOTH, at=NOW)
    head = chain_of(state).head
    new.rename(last)
    move(store, old, last)
    move(store, new, last)
    assert list(state.roots()) == [str(last)]
    assert {"first", "second"} <= set(state.decisions(last))
    assert [row.outcome for row in queries.log(state) if row.kind == "move"] == [
        f"from {path}" for path in ((new, old) if writes else (old,))
    ]
    assert list(chain_flaws(state, head)) == []
    check(store, tmp_path)
    write(store, last, "a.md", b"w", "k3")
    store.undo(last, at=NOW, all_=True)
    assert {path.name: path.read_bytes() for path in last.iterdir()} == {"a.md": b"a.md", "b.md": b"b.md"}
    check(store, tmp_path)


def test_bytes_left_by_a_transaction_identify_a_note_after_later_dreams(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    (old / "c.md").write_bytes(b"c.md")
    write(store, old, "b.md", b"b", "k0")
    edits = [FileChange("a.md", b"a.md", b"x"), FileChange("c.md", b"c.md", None)]
    store.apply(old, edits, kind=TransactionKind.DREAM, at=NOW)  # recorded as known only before it
    old.rename(new)
    dream = store.state.record_dream(new, at=NOW, today=TODAY, outcome="reported")
    taken = [KnownNote(name, sha256((new / name).read_bytes()), 1) for name in ("a.md", "b.md")]
    remember(store.state, new, Provenance({}, tuple(taken)), dream=dream, today=TODAY)
    move(store, old, new)
    new.rename(tmp_path / "last")
    found = planned_move(store, new, tmp_path / "last")
    assert found.notes == Notes(2, 2, 2)
    (tmp_path / "last" / "c.md").write_bytes(b"c.md")
    found = planned_move(store, new, tmp_path / "last")
    assert found.notes == Notes(3, 3, 3)


def test_a_copy_that_was_edited_since_is_no_move(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    last = tmp_path / "last"
    write(store, old, "a.md", b"x", "k0")
    old.rename(last)
    new.mkdir()  # a copy in which somebody works on
    for name in ("a.md", "b.md"):
        (new / name).write_bytes((last / name).read_bytes())
    write(store, new, "a.md", b"y", "k1")
    move(store, old, last)
    write(store, new, "b.md", b"z", "k2")  # while the first transaction was known there
    new.rename(tmp_path / "gone")
    with pytest.raises(UsageError, match="separate histories"):
        move(store, new, last)
    check(store, tmp_path)


def test_moving_a_directory_that_holds_roots_names_a_command_for_each(
    store: Store, old: Path, tmp_path: Path
) -> None:
    (tmp_path / "all").mkdir()
    for name in ("one", "two's"):
        (root := tmp_path / "all" / name).mkdir()
        write(store, root, "a.md", b"x", name)
    (tmp_path / "all").rename(tmp_path / "here")
    with pytest.raises(NoSuchRootError, match="has never looked at") as raised:
        move(store, tmp_path / "all", tmp_path / "here")
    assert f"(2): `kairos moved {tmp_path}/all/one {tmp_path}/here/one`" in raised.value.advice
    with pytest.raises(NoSuchRootError, match="has never looked at") as raised:
        move(store, tmp_path / "al", old)
    assert raised.value.advice == "See `kairos status`."


def test_two_roots_swap_paths_by_way_of_two_new_paths(store: Store, old: Path, tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    (other / "c.md").write_bytes(b"c.md")
    write(store, old, "a.md", b"x", "k0")
    write(store, other, "c.md", b"y", "k1")
    third, fourth = tmp_path / "third", tmp_path / "fourth"
    old.rename(fourth)
    other.rename(old)
    fourth.rename(other)
    with pytest.raises(UsageError, match="still exists, so it was not moved"):
        move(store, old, other)
    old.rename(third)
    assert planned_move(store, old, other).notes == Notes(2, 2, 2)
    assert not planned_move(store, old, other).is_plain  # what is known there belongs to the other root
    other.rename(fourth)
    for before, after in ((old, fourth), (other, third)):
        move(store, before, after)
    for before, after in ((fourth, other), (third, old)):
        before.rename(after)
        move(store, before, after)
    check(store, tmp_path)
    for root, name in ((old, "c.md"), (other, "a.md")):
        store.undo(root, at=NOW, all_=True)
        assert (root / name).read_bytes() == name.encode()
