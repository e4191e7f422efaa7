from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kairos.model import Change, ChangeKind, FileChange, Place
from kairos.store import chain, schema
from kairos.store.check import Flaw, chain_flaws, chain_of
from kairos.store.journal import Intent
from kairos.store.records import TransactionKind
from kairos.store.state import State
from kairos.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(tmp_path: Path, state_dir: Path) -> Iterator[Store]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with Store(state_dir) as store:
        yield store


def write(store: Store, root: Path, name: str, text: bytes) -> int:
    path = root / name
    before = path.read_bytes() if path.exists() else None
    change = Change(f"key{name}{len(text)}", ChangeKind.INDEX, "a reason", (), Place(name, 1, "text"))
    receipt = store.apply(
        root, [FileChange(name, before, text)], kind=TransactionKind.DREAM, at=NOW, changes=[change]
    )
    return receipt.transaction


def history(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        write(store, tmp_path / "one", "a.md", b"x" * (number + 1))
        write(store, tmp_path / "two", "b.md", b"y" * (number + 1))
    store.undo(tmp_path / "one", at=NOW, transactions=[5])


def flaws(state_dir: Path, noted: str | None = None) -> list[str]:
    with State.open(state_dir) as state:
        return [flaw.what for flaw in chain_flaws(state, noted)]


def test_an_honest_history_is_whole(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    assert flaws(state_dir) == []
    assert chain_of(store.state).links == 7


def test_undo_and_redo_leave_the_chain_whole(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    store.undo(tmp_path / "one", at=NOW, transactions=[7])
    store.undo(tmp_path / "two", at=NOW, all_=True)
    assert flaws(state_dir) == []


Tamper = Callable[[sqlite3.Connection], object]

FORGERIES: dict[str, tuple[str, str]] = {
    "a reason": ("UPDATE changes SET body = replace(body, 'a reason', 'another') WHERE txn = 2", "t2"),
    "original bytes": ("UPDATE files SET before = after WHERE txn = 3", "t3"),
    "a path": ("UPDATE files SET path = CAST('c.md' AS BLOB) WHERE txn = 4", "t4"),
    "a time": ("UPDATE transactions SET at = '2020-01-01T00:00:00+00:00' WHERE id = 1", "t1"),
    "what an undo undid": ("UPDATE undoings SET target = 3 WHERE txn = 7", "t7"),
    "whose root it was": ("UPDATE transactions SET root = 2 WHERE id = 1", "t1"),
    "a change more": (
        "INSERT INTO changes SELECT 6, 9, 'k', kind, 1, body FROM changes WHERE txn = 1 LIMIT 1",
        "t6",
    ),
    "a change less": ("DELETE FROM changes WHERE txn = 6", "t6"),
    "its place": (
        "UPDATE chain SET txn = -txn WHERE txn IN (2, 3); UPDATE chain SET txn = txn + 5 WHERE txn < 0",
        "t3",
    ),
    "its link": ("UPDATE chain SET link = printf('%064d', 1) WHERE txn = 2", "t2"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_every_forgery_is_detected(name: str, store: Store, tmp_path: Path, state_dir: Path) -> None:
    script, where = FORGERIES[name]
    history(store, tmp_path)
    tamper(state_dir, script)
    found = flaws(state_dir)
    assert any(f"Transaction {where}:" in what for what in found), found


def test_entries_taken_off_the_end_are_detected(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    store.close()
    cut = "DELETE FROM {} WHERE {} = 7;"
    parts = [
        ("files", "txn"),
        ("changes", "txn"),
        ("undoings", "txn"),
        ("chain", "txn"),
        ("transactions", "id"),
    ]
    tamper(state_dir, "".join(cut.format(*part) for part in parts))
    assert flaws(state_dir) == ["The journal: entries were removed from its end."]


def test_a_rewritten_history_lacks_the_noted_link(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    noted = chain_of(store.state).head
    store.close()
    assert flaws(state_dir, noted[:12]) == []
    with closing(sqlite3.connect(state_dir / "state.db")) as connection:
        connection.execute("UPDATE changes SET body = replace(body, 'a reason', 'another')")
        connection.execute("DELETE FROM chain")
        connection.execute("DELETE FROM sqlite_sequence WHERE name = 'chain'")
        chain.link_all(connection)
        connection.commit()
    assert flaws(state_dir) == []  # whoever can write to the state can forge all of it, …
    (what,) = flaws(state_dir, noted[:12])  # … but not a link that was noted elsewhere
    assert what == f"{noted[:12]} is not a link of the chain."


def test_a_journal_from_before_the_chain_gets_one(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    head = chain_of(store.state).head
    store.close()
    tamper(
        state_dir,
        "DROP TABLE moves; DROP TABLE chain; DROP TABLE collected; DROP TABLE notes; DROP TABLE note_edits;"
        "DROP TABLE alerts; DROP INDEX files_by_path; ALTER TABLE decisions DROP COLUMN txn;"
        "ALTER TABLE conflicts DROP COLUMN txn; ALTER TABLE dreams DROP COLUMN seen;"
        "ALTER TABLE files DROP COLUMN attributes; PRAGMA user_version = 1;",
    )
    with State.open(state_dir) as state:
        assert chain_of(state).head == head
        assert state.query("PRAGMA user_version") == [(schema.VERSION,)]
    assert flaws(state_dir) == []


def test_a_rolled_back_transaction_is_a_link_too(store: Store, tmp_path: Path, state_dir: Path) -> None:
    root = tmp_path / "one"
    number = store.journal.begin(str(root), store_intent()).id
    store.recover(root)
    assert chain_of(store.state).links == number == 1
    assert flaws(state_dir) == []


def store_intent() -> Intent:
    return Intent(TransactionKind.DREAM, NOW, ())


def tamper(state_dir: Path, script: str) -> None:
    with closing(sqlite3.connect(state_dir / "state.db")) as connection:
        connection.executescript(script)


def test_a_flaw_says_what_to_do(store: Store, tmp_path: Path, state_dir: Path) -> None:
    history(store, tmp_path)
    tamper(state_dir, "DELETE FROM changes WHERE txn = 6")
    with State.open(state_dir) as state:
        (flaw,) = chain_flaws(state)
    assert isinstance(flaw, Flaw)
    assert flaw.serious
    assert "backup" in flaw.mend
