from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.errors import LockedError, OriginalsGoneError
from kairos.model import FileChange
from kairos.store import queries
from kairos.store.check import chain_flaws, journal_flaws
from kairos.store.records import TransactionKind
from kairos.store.retention import Retention, collect, collected, find_discardable
from kairos.store.transaction import Store
from tests.aged import age_originals

FIRST = datetime(2026, 1, 1, 4, tzinfo=UTC)
KEEP = Retention(days=30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.md").write_bytes(b"version 0\n" * 50)
    (root / "gone.md").write_bytes(b"taken out\n")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "state") as store:
        yield store


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def write(store: Store, root: Path, number: int, name: str = "a.md") -> int:
    path = root / name
    before = path.read_bytes() if path.exists() else None
    after = f"version {number}\n".encode() * 50
    files = [FileChange(name, before, after)]
    done = store.apply(root, files, kind=TransactionKind.DREAM, at=day(number)).transaction
    age_originals(root.parent / "state", day(number))
    return done


def test_only_old_originals_are_discarded_and_the_rest_can_be_undone(store: Store, root: Path) -> None:
    numbers = [write(store, root, number) for number in range(10, 60, 10)]
    found = collect(store.state, store.objects, KEEP, day(61))
    assert [item.id for item in found.transactions] == numbers[:3]  # days 10, 20, 30
    assert collected(store.state).keys() == set(numbers[:3])
    store.undo(root, at=day(62), transactions=[numbers[4]])
    store.undo(root, at=day(62), transactions=[numbers[3]])
    assert (root / "a.md").read_bytes() == b"version 30\n" * 50
    with pytest.raises(OriginalsGoneError, match=r"dream of 2026-01-31 \(t3\) were deleted on 2026-03-03"):
        store.undo(root, at=day(62), transactions=[numbers[2]])
    assert (root / "a.md").read_bytes() == b"version 30\n" * 50


def test_undo_of_everything_reports_what_can_no_longer_be_undone(store: Store, root: Path) -> None:
    for number in range(10, 60, 10):
        write(store, root, number)
    collect(store.state, store.objects, KEEP, day(61))
    receipt = store.undo(root, at=day(62), all_=True)
    assert (root / "a.md").read_bytes() == b"version 30\n" * 50
    assert len(receipt.skipped) == 3
    with pytest.raises(OriginalsGoneError):
        store.undo(root, at=day(63), all_=True)


def test_the_latest_dream_can_be_undone_however_old_it_is(store: Store, root: Path) -> None:
    old, latest = write(store, root, 1), write(store, root, 2)
    found = collect(store.state, store.objects, KEEP, day(4000))  # a clock that was wrong, say
    assert [item.id for item in found.transactions] == [old]
    store.undo(root, at=day(3), transactions=[latest])
    assert (root / "a.md").read_bytes() == b"version 1\n" * 50


def test_a_backdated_dream_is_as_young_as_its_originals(store: Store, root: Path) -> None:
    files = [FileChange("gone.md", b"taken out\n", None)]
    store.apply(root, files, kind=TransactionKind.DREAM, at=day(0))
    age_originals(root.parent / "state", day(90))
    write(store, root, 95)
    assert find_discardable(store.state, store.objects, KEEP, day(100)).transactions == ()
    assert len(find_discardable(store.state, store.objects, KEEP, day(121)).transactions) == 1
    collect(store.state, store.objects, KEEP, day(100))
    store.undo(root, at=day(100), all_=True)
    assert (root / "gone.md").read_bytes() == b"taken out\n"


def test_the_latest_dream_outlasts_the_undo_of_a_part_of_it(store: Store, root: Path) -> None:
    old = write(store, root, 1)
    latest = write(store, root, 2)
    store.undo(root, at=day(3), transactions=[latest])
    undo = store.journal.history(str(root.resolve()))[0].id
    tiny = Retention(days=30, most_bytes=1)
    assert [item.id for item in find_discardable(store.state, store.objects, tiny, day(4)).transactions] == [
        old
    ]
    collect(store.state, store.objects, tiny, day(4))
    store.undo(root, at=day(4), transactions=[undo])
    store.undo(root, at=day(4), transactions=[latest])
    assert (root / "a.md").read_bytes() == b"version 1\n" * 50


def test_computing_what_is_due_changes_nothing(store: Store, root: Path, tmp_path: Path) -> None:
    write(store, root, 0)
    write(store, root, 1, "latest.md")
    files = sorted(tmp_path.rglob("*"))
    found = find_discardable(store.state, store.objects, KEEP, day(100))
    assert len(found.transactions) == 1
    assert found.size > 0 < found.remaining
    assert sorted(tmp_path.rglob("*")) == files
    store.undo(root, at=day(100), all_=True)


def test_originals_that_a_younger_transaction_needs_stay(store: Store, root: Path) -> None:
    write(store, root, 0)
    write(store, root, 50)  # undoing it needs `version 0`
    collect(store.state, store.objects, KEEP, day(60))
    store.undo(root, at=day(60), transactions=[2])
    assert (root / "a.md").read_bytes() == b"version 0\n" * 50


def test_originals_that_a_pending_transaction_needs_stay(store: Store, root: Path) -> None:
    write(store, root, 0)
    store.state.query("UPDATE transactions SET status = 'pending'")
    found = collect(store.state, store.objects, KEEP, day(1000))
    assert (found.transactions, found.files) == ((), ())


def test_a_size_limit_takes_the_oldest_but_never_the_latest_of_a_root(
    store: Store, root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.md").write_bytes(os.urandom(3000))
    apply = store.apply
    apply(
        other, [FileChange("b.md", (other / "b.md").read_bytes(), b"")], kind=TransactionKind.DREAM, at=day(0)
    )
    for number in range(1, 6):
        path = root / "a.md"
        apply(
            root,
            [FileChange("a.md", path.read_bytes(), os.urandom(3000))],
            kind=TransactionKind.DREAM,
            at=day(number),
        )
    whole = sum(kept.size for kept in store.objects.all())
    found = collect(store.state, store.objects, Retention(30, whole - 4000), day(6))
    assert [item.id for item in found.transactions] == [2, 3, 4]
    assert sum(kept.size for kept in store.objects.all()) <= whole - 4000
    collect(store.state, store.objects, Retention(30, 0), day(6))
    assert [
        item.id for item in store.journal.history(str(root)) if item.id not in collected(store.state)
    ] == [6]
    store.undo(other, at=day(6), all_=True)


def test_the_attic_says_which_originals_are_gone(store: Store, root: Path) -> None:
    store.apply(root, [FileChange("gone.md", b"taken out\n", None)], kind=TransactionKind.DREAM, at=day(0))
    age_originals(root.parent / "state", day(0))
    write(store, root, 1)
    assert [row.gone for row in queries.attic(store.state, root)] == [None]
    collect(store.state, store.objects, KEEP, day(100))
    assert [row.gone for row in queries.attic(store.state, root)] == [day(100)]


def test_history_stays_whole_and_nothing_is_reported_lost(store: Store, root: Path) -> None:
    for number in range(5):
        write(store, root, number)
    collect(store.state, store.objects, KEEP, day(100))
    assert list(chain_flaws(store.state)) == []
    assert list(journal_flaws(store.state, store.objects)) == []
    assert len(store.journal.history(str(root))) == 5


def test_files_left_by_a_crash_are_removed(store: Store, root: Path, tmp_path: Path) -> None:
    write(store, root, 0)
    shelf = tmp_path / "state/objects/ab"
    shelf.mkdir(exist_ok=True)
    never_named = shelf / ("0" * 62 + ".gz")
    never_named.write_bytes(gzip.compress(b"never named"))
    os.utime(never_named, (0, 0))
    (shelf / "tmp-00ff").write_bytes(b"half")
    (shelf / "somebody else's").write_bytes(b"")
    found = collect(store.state, store.objects, KEEP, day(1))
    assert (found.strays, len(found.files), found.transactions) == (2, 2, ())
    assert [file.name for file in shelf.iterdir()] == ["somebody else's"]
    store.undo(root, at=day(1), all_=True)


def test_files_left_by_an_interrupted_collection_are_removed(
    store: Store, root: Path, tmp_path: Path
) -> None:
    write(store, root, 1)
    write(store, root, 2)
    saved = tmp_path / "saved"
    shutil.copytree(tmp_path / "state/objects", saved)
    collect(store.state, store.objects, Retention(30, 0), day(3))
    after = {kept.digest for kept in store.objects.all()}
    shutil.copytree(saved, tmp_path / "state/objects", dirs_exist_ok=True)
    assert {kept.digest for kept in store.objects.all()} > after
    collect(store.state, store.objects, KEEP, day(3))
    assert {kept.digest for kept in store.objects.all()} == after


def test_nothing_is_discarded_while_a_dream_writes(store: Store, root: Path) -> None:
    write(store, root, 0)
    with store.objects.shared(), pytest.raises(LockedError):
        collect(store.state, store.objects, KEEP, day(100))
    assert collected(store.state) == {}


def test_a_dream_waits_for_the_collection(store: Store, root: Path, tmp_path: Path) -> None:
    begins, done = threading.Event(), threading.Event()

    def dream() -> None:
        with Store(tmp_path / "state") as other:
            begins.set()
            write(other, root, 1)
        done.set()

    thread = threading.Thread(target=dream)
    with store.objects.exclusive():
        thread.start()
        begins.wait()
        assert not done.wait(0.3)
        assert (root / "a.md").read_bytes() == b"version 0\n" * 50
    thread.join(10)
    assert done.is_set()


def test_old_idle_dreams_are_forgotten_except_the_first_and_the_latest(store: Store, root: Path) -> None:
    number = write(store, root, 2)

    def dream(at: int, transaction: int | None = None) -> int:
        return store.state.record_dream(
            root, at=day(at), today=day(at).date(), outcome="nothing", transaction=transaction
        )

    first, did, idle, young, latest = dream(1), dream(2, number), dream(3), dream(290), dream(300)
    collect(store.state, store.objects, Retention(180), day(300))
    assert {item.id for item in store.state.dreams(root)} == {first, did, young, latest}
    assert store.state.dream(idle) is None
    assert not list(chain_flaws(store.state))
