"""A conflict is settled with the transaction that carries out the decision, and with no other."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import pytest

from kairos.store.journal import Intent
from kairos.store.records import ConflictStatus, Settlement, TransactionKind, Verdict
from kairos.store.transaction import Store
from tests.unit.store.moving import NOW, check, conflict

BOTH = Settlement("c", None)


def status(store: Store, root: Path) -> tuple[ConflictStatus, str | None]:
    (record,) = store.state.conflicts(root, status=None)
    return record.status, record.keep


@pytest.mark.parametrize("keep", ["a", None])
def test_a_commit_settles_the_conflict_and_its_undo_opens_it(
    store: Store, old: Path, tmp_path: Path, keep: Literal["a"] | None
) -> None:
    store.state.sync_conflicts(old, [conflict("c")])
    settles = dataclasses.replace(BOTH, keep=keep)
    receipt = store.apply(old, [], kind=TransactionKind.RESOLVE, at=NOW, settles=settles)
    assert status(store, old) == (ConflictStatus.RESOLVED, keep)
    assert store.state.decisions(old) == ({} if keep else {"c": Verdict.KEEP_BOTH})
    store.undo(old, at=NOW, transactions=[receipt.transaction])
    assert status(store, old)[0] is ConflictStatus.OPEN
    assert store.state.decisions(old) == {}
    check(store, tmp_path)


def test_an_intent_alone_settles_nothing(store: Store, old: Path, tmp_path: Path) -> None:
    store.state.sync_conflicts(old, [conflict("c")])
    store.journal.begin(str(old), Intent(TransactionKind.RESOLVE, NOW, (), settles=BOTH))
    assert status(store, old) == (ConflictStatus.OPEN, None)
    assert store.state.decisions(old) == {}
    store.recover(old)  # nothing was left to write, so it is finished
    assert status(store, old) == (ConflictStatus.RESOLVED, None)
    assert store.state.decisions(old) == {"c": Verdict.KEEP_BOTH}
    check(store, tmp_path)


def test_what_is_rolled_back_leaves_no_trace_of_the_decision(store: Store, old: Path, tmp_path: Path) -> None:
    store.state.sync_conflicts(old, [conflict("c")])
    transaction = store.journal.begin(
        str(old), Intent(TransactionKind.RESOLVE, NOW, (), settles=dataclasses.replace(BOTH, keep="a"))
    )
    store.journal.roll_back(transaction)
    assert status(store, old) == (ConflictStatus.OPEN, None)
    transaction = store.journal.begin(str(old), Intent(TransactionKind.RESOLVE, NOW, (), settles=BOTH))
    store.journal.roll_back(transaction)
    assert store.state.query("SELECT count(*) FROM decisions") == [(0,)]
    check(store, tmp_path)
