"""Everything recorded about a moved root follows it, and the chain stays intact."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from kairos.core.root.figures import Alert, AlertKind
from kairos.core.root.provenance import Provenance
from kairos.errors import LockedError, NoSuchRootError, StorageError, UsageError
from kairos.layouts import by_name
from kairos.store import queries
from kairos.store.chain import ORIGIN
from kairos.store.check import chain_flaws, chain_of
from kairos.store.files import read_snapshot
from kairos.store.lock import RootLock
from kairos.store.moved import MoveResult, hint_at_origin
from kairos.store.overview import overview
from kairos.store.provenance import known_notes, open_alerts, remember
from kairos.store.records import Verdict
from kairos.store.retention import Retention, find_discardable
from kairos.store.transaction import Store
from tests.unit.store.moving import NOW, TODAY, change, check, conflict, move, write


def test_everything_recorded_follows_to_the_new_path(
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
    assert move(store, old, new) == MoveResult(5, (), ())
    assert list(state.roots()) == [str(new)]
    assert [item.conflict.id for item in state.conflicts(new)] == ["c"]
    assert [item.change.key for item in state.proposals(new)] == ["p"]
    assert state.decisions(new) == {"d": Verdict.KEEP_BOTH, "k2": Verdict.UNDONE}
    assert open_alerts(state, new) == (alert,)
    assert set(known_notes(state, new)) == {"a.md", "b.md"}
    assert len(state.dreams(new)) == 3
    assert next((row.kind, row.outcome) for row in queries.log(state, new)) == ("move", f"from {old}")
    assert chain_of(state).links == links + 1
    assert list(chain_flaws(state, noted)) == []  # the old head stays a link of the chain
    check(store, tmp_path)
    store.undo(new, at=NOW, all_=True)
    assert (new / "a.md").read_bytes() == b"a.md"
    assert not old.exists()
    check(store, tmp_path)


def test_undo_and_status_skip_moves(store: Store, old: Path, new: Path) -> None:
    first = write(store, old, "a.md", b"x", "k")
    old.rename(new)
    number = move(store, old, new).transaction
    assert number is not None
    assert queries.newest_holding(store.state, new) == first
    (row,) = overview(store.state)
    assert row.last is not None
    assert row.last.since is None
    found = find_discardable(store.state, store.objects, Retention(1000, most_bytes=0), NOW)
    assert found.transactions == ()  # the latest dream needs it
    with pytest.raises(UsageError, match="was moved"):
        store.undo(new, at=NOW, transactions=[number])
    store.undo(new, at=NOW, all_=True)
    with pytest.raises(UsageError, match="nothing to undo"):
        store.undo(new, at=NOW, all_=True)


def test_a_root_can_move_there_and_back_and_on(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
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
    old.mkdir()  # another root, with its own history
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


def test_a_root_without_transactions_moves_without_a_journal_record(
    store: Store, old: Path, new: Path
) -> None:
    store.state.record_dream(old, at=NOW, today=TODAY, outcome="reported")
    old.rename(new)
    assert move(store, old, new) == MoveResult(None, (), ())
    assert list(store.state.roots()) == [str(new)]
    assert chain_of(store.state).head == ORIGIN


def test_impossible_moves_are_refused(store: Store, old: Path, new: Path, tmp_path: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    head = chain_of(store.state).head
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoSuchRootError, match="does not exist"):
        move(store, old, new)
    with pytest.raises(UsageError, match="still exists, so it was not moved"):
        move(store, old, tmp_path / "empty")
    old.rename(new)
    with pytest.raises(NoSuchRootError, match="is not a directory"):
        move(store, old, new / "a.md")
    with pytest.raises(NoSuchRootError, match="has never looked at"):
        move(store, tmp_path / "other", new)
    with pytest.raises(UsageError, match="None of the notes that Kairos knew in"):
        move(store, old, tmp_path / "empty")
    old.write_bytes(b"a file")
    with pytest.raises(UsageError, match="still exists, so it was not moved"):
        move(store, old, new)
    old.unlink()
    for name in (old, new):
        with RootLock(tmp_path / "state" / "locks", name), pytest.raises(LockedError):
            move(store, old, new)
    old.symlink_to(new)
    assert chain_of(store.state).head == head
    link = tmp_path / "link"
    link.symlink_to(new)
    move(store, old, link)  # a link is followed; one left behind now leads elsewhere
    assert list(store.state.roots()) == [str(new)]


def test_a_path_that_is_not_text_can_be_moved_to(store: Store, old: Path, tmp_path: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    old.rename(odd)
    move(store, old, odd)
    odd.rename(old)
    move(store, odd, old)
    assert queries.log(store.state)[0].outcome == f"from {tmp_path}/\\xff"
    check(store, tmp_path)


def hints(store: Store, root: Path) -> tuple[str, ...]:
    snapshot = read_snapshot(root, layout="plain", role_of=by_name("plain").role_of)
    return hint_at_origin(store.state, snapshot)


def test_the_origin_of_a_moved_root_is_suggested_if_it_is_unambiguous(
    store: Store, old: Path, new: Path, tmp_path: Path
) -> None:
    write(store, old, "a.md", b"x", "k0")  # as Kairos left it
    (twin := tmp_path / "twin's").mkdir()
    (twin / "a.md").write_bytes(b"x")
    (twin / "b.md").write_bytes(b"b.md")
    assert hints(store, twin) == hints(store, old) == ()  # no note is missing
    old.rename(new)
    (word,) = hints(store, twin)
    assert f"2 of the 2 notes that Kairos knew in {old} are here" in word
    assert f"""`kairos moved {old} '{tmp_path}/twin'"'"'s'`""" in word
    (twin / "b.md").write_bytes(b"another")
    assert hints(store, twin) == ()  # one of two notes is not a majority
    assert hints(store, new)
    write(store, twin, "b.md", b"b.md", "k1")
    twin.rename(tmp_path / "gone")
    assert hints(store, new) == ()  # it could be either of the two


def test_a_root_that_cannot_be_looked_at_is_not_gone(store: Store, old: Path, new: Path) -> None:
    write(store, old, "a.md", b"x", "k0")
    old.rename(new)
    long = old.parent / ("x" * 300)
    store.state.query("UPDATE roots SET path = ?", os.fsencode(long))
    with pytest.raises(StorageError, match="look at"):
        move(store, long, new)
    assert hints(store, new) == ()
