"""What is known of a root that was moved, and how the chain stays what it was."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from kairos.core.figures import Alert, AlertKind
from kairos.core.provenance import KnownNote, Provenance
from kairos.errors import LockedError, NoSuchRootError, StorageError, UsageError
from kairos.layouts import by_name
from kairos.model import Change, ChangeKind, Conflict, FileChange, Place
from kairos.store import queries
from kairos.store.chain import ORIGIN
from kairos.store.check import activity_flaws, chain_flaws, chain_of, database_flaws, record_flaws
from kairos.store.files import read_snapshot
from kairos.store.forget import forget
from kairos.store.lock import RootLock
from kairos.store.moved import Move, Noted, Notes, Past, planned, told_of_origin
from kairos.store.overview import overview
from kairos.store.provenance import known_notes, open_alerts, origin, remember
from kairos.store.records import ConflictStatus, ProposalStatus, TransactionKind, Verdict
from kairos.store.retention import Retention, due
from kairos.store.transaction import Store
from kairos.store.tree import Tree, sha256

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()
BEFORE, LATER = date(2026, 11, 1), date(2026, 11, 20)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    (root := tmp_path / "old").mkdir()
    for name in ("a.md", "b.md"):
        (root / name).write_bytes(name.encode())
    return root


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def store(tmp_path: Path, old: Path) -> Iterator[Store]:  # noqa: ARG001 - made before it
    with Store(tmp_path / "state") as store:
        yield store


def change(key: str, file: str = "a.md") -> Change:
    return Change(key, ChangeKind.MERGE, "said twice", (), Place(file, 1, "text"))


def conflict(name: str, since: date = TODAY) -> Conflict:
    return Conflict(name, Place("a.md", 1, "x"), Place("b.md", 1, "y"), None, "ports differ", since)


def write(store: Store, root: Path, name: str, text: bytes, key: str) -> int:
    path = root / name
    before = path.read_bytes() if path.exists() else None
    receipt = store.apply(
        root, [FileChange(name, before, text)], kind=TransactionKind.DREAM, at=NOW, changes=[change(key)]
    )
    dream = store.state.record_dream(
        root, at=NOW, today=TODAY, outcome="applied", transaction=receipt.transaction
    )
    notes = {
        p.name: KnownNote(p.name, sha256(p.read_bytes()), p.stat().st_mtime_ns) for p in root.glob("*.md")
    }
    remember(store.state, root, Provenance(notes, tuple(notes.values())), dream=dream, today=TODAY)
    return receipt.transaction


def move(store: Store, old: Path, new: Path) -> Noted:
    return store.move(str(old), new, at=NOW)[1]


def planned_move(store: Store, old: Path, new: Path) -> Move:
    with closing(Tree(new)) as tree:
        return planned(store.state, str(old), tree)


def check(store: Store, tmp_path: Path) -> None:
    assert [
        *chain_flaws(store.state),
        *activity_flaws(store.state),
        *record_flaws(store.state),
        *database_flaws(tmp_path / "state"),
    ] == []


def test_all_that_was_known_is_known_of_the_new_path(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    state = store.state
    for number in range(3):
        write(store, old, "a.md", b"x" * (number + 1), f"k{number}")
    store.undo(old, at=NOW, change_key="k2")
    state.sync_conflicts(old, [conflict("c")])
    state.sync_proposals(old, [change("p")], today=TODAY)
    state.decide(old, "d", Verdict.KEEP_BOTH, at=NOW)
    alert = Alert("a.md", AlertKind.BACKDATED, "words")
    remember(state, old, Provenance({}, (), (), (alert,)), dream=1, today=TODAY)
    noted, links = chain_of(state).head, chain_of(state).links
    old.rename(new)
    assert move(store, old, new) == Noted(5, (), ())
    assert list(state.roots()) == [str(new)]
    assert [item.conflict.id for item in state.conflicts(new)] == ["c"]
    assert [item.change.key for item in state.proposals(new)] == ["p"]
    assert state.decisions(new) == {"d": Verdict.KEEP_BOTH, "k2": Verdict.UNDONE}
    assert open_alerts(state, new) == (alert,)
    assert set(known_notes(state, new)) == {"a.md", "b.md"}
    assert len(state.dreams(new)) == 3
    assert next((row.kind, row.outcome) for row in queries.log(state, new)) == ("move", f"from {old}")
    assert chain_of(state).links == links + 1
    assert list(chain_flaws(state, noted)) == []  # the old head is a link for ever
    check(store, tmp_path)
    store.undo(new, at=NOW, all_=True)
    assert (new / "a.md").read_bytes() == b"a.md"
    assert not old.exists()
    check(store, tmp_path)


def test_a_move_is_nothing_that_undo_or_status_mean(store: Store, old: Path, new: Path) -> None:
    first = write(store, old, "a.md", b"x", "k")
    old.rename(new)
    number = move(store, old, new).transaction
    assert number is not None
    assert queries.newest_holding(store.state, new) == first
    (row,) = overview(store.state)
    assert row.last is not None
    assert row.last.since is None
    found = due(store.state, store.objects, Retention(1000, most_bytes=0), NOW)
    assert found.transactions == ()  # what the latest dream needs
    with pytest.raises(UsageError, match="was moved"):
        store.undo(new, at=NOW, transactions=[number])
    store.undo(new, at=NOW, all_=True)
    with pytest.raises(UsageError, match="nothing to undo"):
        store.undo(new, at=NOW, all_=True)


def test_there_and_back_and_on(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    places = [old, new, old, tmp_path / "third"]
    write(store, old, "a.md", b"0", "k0")
    for number, (before, after) in enumerate(pairwise(places), start=1):
        before.rename(after)
        move(store, before, after)
        if number != 2:
            write(store, after, "a.md", str(number).encode(), f"k{number}")
    check(store, tmp_path)
    assert [row.outcome for row in queries.log(store.state) if row.kind == "move"] == [
        f"from {path}" for path in (old, new, old)
    ]
    old.mkdir()  # another one, which has a history of its own
    write(store, old, "a.md", b"theirs", "k9")
    store.undo(places[-1], at=NOW, all_=True)
    assert (places[-1] / "a.md").read_bytes() == b"a.md"
    assert (old / "a.md").read_bytes() == b"theirs"
    check(store, tmp_path)


FORGERIES = (
    "UPDATE moves SET before = CAST('/x' AS BLOB)",
    "UPDATE moves SET after = CAST('/x' AS BLOB)",
    "UPDATE moves SET upto = upto - 1",
    "UPDATE moves SET upto = upto + 2",
    "UPDATE roots SET path = CAST('/x' AS BLOB)",
    "DELETE FROM moves",
    "INSERT INTO moves VALUES (1, CAST('/x' AS BLOB), CAST('/y' AS BLOB), 9)",
    "UPDATE transactions SET note = 'from /x' WHERE kind = 'move'",
)


@pytest.mark.parametrize("script", FORGERIES)
def test_a_move_cannot_be_forged(script: str, store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    write(store, old, "a.md", b"y", "k1")
    old.rename(new)
    move(store, old, new)
    write(store, new, "a.md", b"z", "k2")
    check(store, tmp_path)
    with closing(sqlite3.connect(tmp_path / "state" / "state.db")) as raw, raw:
        raw.execute(script)
    assert list(chain_flaws(store.state))


def test_a_root_without_transactions_gets_its_path_and_no_record(store: Store, old: Path, new: Path) -> None:
    store.state.record_dream(old, at=NOW, today=TODAY, outcome="reported")
    old.rename(new)
    assert move(store, old, new) == Noted(None, (), ())
    assert list(store.state.roots()) == [str(new)]
    assert chain_of(store.state).head == ORIGIN


def test_what_is_no_move_is_refused(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    head = chain_of(store.state).head
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoSuchRootError, match="does not exist"):
        move(store, old, new)
    with pytest.raises(UsageError, match="Something stands at"):
        move(store, old, tmp_path / "empty")
    old.rename(new)
    with pytest.raises(NoSuchRootError, match="is not a directory"):
        move(store, old, new / "a.md")
    with pytest.raises(NoSuchRootError, match="never looked at"):
        move(store, tmp_path / "other", new)
    with pytest.raises(UsageError, match="No note that Kairos knew in"):
        move(store, old, tmp_path / "empty")
    old.write_bytes(b"a file")
    with pytest.raises(UsageError, match="Something stands at"):
        move(store, old, new)
    old.unlink()
    for name in (old, new):
        with RootLock(tmp_path / "state" / "locks", name), pytest.raises(LockedError):
            move(store, old, new)
    old.symlink_to(new)
    assert chain_of(store.state).head == head
    link = tmp_path / "link"
    link.symlink_to(new)
    move(store, old, link)  # a link is followed, and one that was left behind leads elsewhere
    assert list(store.state.roots()) == [str(new)]


def test_what_was_done_there_since_follows(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
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
    moved, noted = store.move(str(old), new, at=NOW)
    assert (moved.past, moved.since) == (Past(2, 3), Past(1, 1))
    assert moved.notes == Notes(2, 2, 2)  # until it was written there
    assert noted == Noted(5, ("again",), ())
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


def test_a_note_that_the_later_dreams_only_took_down_stays_as_it_was_known(
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


def test_a_name_alone_does_not_make_it_the_same_directory(store: Store, old: Path, new: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    old.rename(old.parent / "gone")
    new.mkdir()
    for a, b, plain in ((b"theirs", b"theirs", False), (b"x", b"theirs", False), (b"x", b"b.md", True)):
        (new / "a.md").write_bytes(a)
        (new / "b.md").write_bytes(b)
        assert planned_move(store, old, new).is_plain is plain
    write(store, new, "a.md", b"y", "k1")
    write(store, new, "a.md", b"z", "k2")
    assert planned_move(store, old, new).is_plain  # it was x when Kairos came to it
    (new / "b.md").write_bytes(b"edited")
    assert not planned_move(store, old, new).is_plain


def test_of_a_root_without_notes_only_a_history_is_in_doubt(store: Store, old: Path, new: Path) -> None:
    for name in ("a.md", "b.md"):
        (old / name).unlink()
    store.state.record_dream(old, at=NOW, today=TODAY, outcome="reported")
    old.rename(new)
    assert planned_move(store, old, new).is_plain
    new.rename(old)
    store.apply(old, [FileChange("a.md", None, b"x")], kind=TransactionKind.DREAM, at=NOW)
    old.rename(new)
    assert not planned_move(store, old, new).is_plain


def test_two_histories_at_a_time_are_not_made_one(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    new.mkdir()
    write(store, new, "a.md", b"theirs", "k0")
    write(store, old, "a.md", b"x", "k1")
    old.rename(tmp_path / "gone")
    with pytest.raises(UsageError, match="two histories") as raised:
        move(store, old, new)
    assert "to a new path first" in raised.value.advice
    store.state.record_dream(looked := tmp_path / "looked", at=NOW, today=TODAY, outcome="reported")
    write(store, new, "a.md", b"ours", "k2")
    with pytest.raises(UsageError, match="two histories") as raised:
        move(store, looked, new)
    assert f"`kairos forget {looked}`" in raised.value.advice
    forget(store.state, looked)
    assert set(store.state.roots()) == {str(old), str(new)}
    check(store, tmp_path)


@pytest.mark.parametrize("writes", [True, False])
def test_two_moves_are_told_in_either_order(
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


def test_what_a_transaction_left_is_as_it_was_though_a_later_dream_took_it_down(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    (old / "c.md").write_bytes(b"c.md")
    write(store, old, "b.md", b"b", "k0")
    edits = [FileChange("a.md", b"a.md", b"x"), FileChange("c.md", b"c.md", None)]
    store.apply(old, edits, kind=TransactionKind.DREAM, at=NOW)  # what was known is of before
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


def test_what_went_on_there_since_is_no_move_told_too_early(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    last = tmp_path / "last"
    write(store, old, "a.md", b"x", "k0")
    old.rename(last)
    new.mkdir()  # a copy, where somebody goes on
    for name in ("a.md", "b.md"):
        (new / name).write_bytes((last / name).read_bytes())
    write(store, new, "a.md", b"y", "k1")
    move(store, old, last)
    write(store, new, "b.md", b"z", "k2")  # while the first was known there
    new.rename(tmp_path / "gone")
    with pytest.raises(UsageError, match="two histories"):
        move(store, new, last)
    check(store, tmp_path)


def test_a_directory_with_roots_in_it_is_told_of_by_each(store: Store, old: Path, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    for name in ("one", "two's"):
        (root := tmp_path / "all" / name).mkdir()
        write(store, root, "a.md", b"x", name)
    (tmp_path / "all").rename(tmp_path / "here")
    with pytest.raises(NoSuchRootError, match="never looked at") as raised:
        move(store, tmp_path / "all", tmp_path / "here")
    assert f"(2): `kairos moved {tmp_path}/all/one {tmp_path}/here/one`" in raised.value.advice
    with pytest.raises(NoSuchRootError, match="never looked at") as raised:
        move(store, tmp_path / "al", old)
    assert raised.value.advice == "See `kairos status`."


def test_two_directories_that_changed_places_do_so_by_way_of_two_new_paths(
    store: Store, old: Path, tmp_path: Path
) -> None:
    (other := tmp_path / "other").mkdir()
    (other / "c.md").write_bytes(b"c.md")
    write(store, old, "a.md", b"x", "k0")
    write(store, other, "c.md", b"y", "k1")
    third, fourth = tmp_path / "third", tmp_path / "fourth"
    old.rename(fourth)
    other.rename(old)
    fourth.rename(other)
    with pytest.raises(UsageError, match="Something stands at"):
        move(store, old, other)
    old.rename(third)
    assert planned_move(store, old, other).notes == Notes(2, 2, 2)
    assert not planned_move(store, old, other).is_plain  # what was known there is of another
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


def test_a_name_need_not_be_text(store: Store, old: Path, tmp_path: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    old.rename(odd)
    move(store, old, odd)
    odd.rename(old)
    move(store, odd, old)
    assert queries.log(store.state)[0].outcome == f"from {tmp_path}/\\xff"
    check(store, tmp_path)


def told(store: Store, root: Path) -> tuple[str, ...]:
    snapshot = read_snapshot(root, layout="plain", role_of=by_name("plain").role_of)
    return told_of_origin(store.state, snapshot)


def test_where_notes_come_from_is_told_if_there_is_one_answer(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    write(store, old, "a.md", b"x", "k0")  # as Kairos left it
    (twin := tmp_path / "twin's").mkdir()
    (twin / "a.md").write_bytes(b"x")
    (twin / "b.md").write_bytes(b"b.md")
    assert told(store, twin) == told(store, old) == ()  # nothing is gone
    old.rename(new)
    (word,) = told(store, twin)
    assert f"2 of the 2 notes that Kairos knew in {old} are here" in word
    assert f"""`kairos moved {old} '{tmp_path}/twin'"'"'s'`""" in word
    (twin / "b.md").write_bytes(b"another")
    assert told(store, twin) == ()  # one of two is not most of them
    assert told(store, new)
    write(store, twin, "b.md", b"b.md", "k1")
    twin.rename(tmp_path / "gone")
    assert told(store, new) == ()  # it may be either


def test_what_cannot_be_looked_at_is_not_gone(store: Store, old: Path, new: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    old.rename(new)
    long = old.parent / ("x" * 300)
    store.state.query("UPDATE roots SET path = ?", os.fsencode(long))
    with pytest.raises(StorageError, match="look at"):
        move(store, long, new)
    assert told(store, new) == ()
