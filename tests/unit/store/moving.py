"""Helpers for the tests of moved roots."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from kairos.core.root.provenance import KnownNote, Provenance
from kairos.model import Change, ChangeKind, Conflict, FileChange, Place
from kairos.store.check import activity_flaws, chain_flaws, database_flaws, record_flaws
from kairos.store.digests import sha256
from kairos.store.moved import Move, MoveResult, plan_move
from kairos.store.provenance import remember
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos.store.tree import Tree

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()
BEFORE, LATER = date(2026, 11, 1), date(2026, 11, 20)


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


def move(store: Store, old: Path, new: Path) -> MoveResult:
    return store.move(str(old), new, at=NOW)[1]


def planned_move(store: Store, old: Path, new: Path) -> Move:
    with closing(Tree(new)) as tree:
        return plan_move(store.state, str(old), tree)


def check(store: Store, tmp_path: Path) -> None:
    assert [
        *chain_flaws(store.state),
        *activity_flaws(store.state),
        *record_flaws(store.state),
        *database_flaws(tmp_path / "state"),
    ] == []
