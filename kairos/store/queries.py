"""The reports: log, show, explain, attic."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from kairos.model import Change, ChangeKind, Decision, Place, Skip
from kairos.store.codec import from_json, moment
from kairos.store.database import understood
from kairos.store.journal import Journal
from kairos.store.records import (
    AtticRow,
    Dream,
    DreamReport,
    Explanation,
    LogRow,
    PastChange,
    Proposal,
    ProposalStatus,
    Transaction,
    TransactionKind,
    TransactionStatus,
    Verdict,
)
from kairos.store.state import State


def log(state: State, root: Path | str | None = None, *, limit: int = 50) -> tuple[LogRow, ...]:
    """Dreams, the transactions that no dream made, and the rejections that hold, newest first."""
    journal = Journal(state)
    with understood():
        rows = [
            _dream_row(dream, None if dream.transaction is None else journal.get(dream.transaction))
            for dream in state.dreams(root, limit=limit)
        ]
    dreamt = {row[0] for row in state.query("SELECT txn FROM dreams WHERE txn IS NOT NULL")}
    rows += [
        _transaction_row(transaction)
        for place in (state.roots() if root is None else (os.path.realpath(root),))
        for transaction in journal.history(place, limit=limit)
        if transaction.id not in dreamt
    ]
    rows += _rejections(state, None if root is None else state.root_id(root), limit)
    seen: dict[int | None, int | None] = dict(
        state.query("SELECT id, seen FROM dreams ORDER BY id DESC LIMIT ?", limit)
    )
    rows.sort(
        key=lambda row: (row.at, row.transaction or seen.get(row.dream) or 0, row.dream or 0), reverse=True
    )
    return tuple(rows[:limit])


def _rejections(state: State, root: int | None, limit: int) -> Iterator[LogRow]:
    # A whole place stays JSON; of a name that is no UTF-8, SQLite would make a text that is none.
    for path, key, at, subject in state.query(
        "SELECT path, decisions.key, at, json_extract(body, '$.subject') FROM decisions "
        "JOIN roots ON roots.id = decisions.root "
        "LEFT JOIN proposals ON proposals.root = decisions.root AND proposals.key = decisions.key "
        "WHERE verdict = ? AND coalesce(decisions.root = ?, TRUE) ORDER BY at DESC LIMIT ?",
        Verdict.REJECTED,
        root,
        limit,
    ):
        what = key if subject is None else f"{key} of {from_json(Place, subject).file}"
        yield LogRow(moment(at), os.fsdecode(path), "reject", what, None, None, {}, undone=False)


def _dream_row(dream: Dream, transaction: Transaction | None) -> LogRow:
    return LogRow(
        at=dream.at,
        root=dream.root,
        kind=TransactionKind.DREAM,
        outcome=dream.outcome,
        dream=dream.id,
        transaction=dream.transaction,
        changes={} if transaction is None else _by_kind(transaction),
        undone=transaction is not None and not transaction.active,
    )


def _transaction_row(transaction: Transaction) -> LogRow:
    return LogRow(
        at=transaction.at,
        root=transaction.root,
        kind=transaction.kind,
        outcome=transaction.note,
        dream=None,
        transaction=transaction.id,
        changes=_by_kind(transaction),
        undone=not transaction.active,
    )


def _by_kind(transaction: Transaction) -> Mapping[str, int]:
    return Counter(str(change.kind) for change in transaction.changes)


def newest_holding(state: State, root: Path | str) -> int | None:
    """Return the newest transaction of a root, other than an undo, of which something still holds."""
    for transaction in Journal(state).history(os.path.realpath(root)):
        keys = {change.key for change in transaction.changes}
        if (
            transaction.active
            and transaction.kind is not TransactionKind.UNDO
            and (not keys or keys - transaction.undone_keys)  # without changes it is a mere decision
        ):
            return transaction.id
    return None


def show(state: State, dream: int) -> DreamReport | None:
    """All about one dream; None where there is no such dream."""
    found = state.dream(dream)
    if found is None:
        return None
    with understood():
        transaction = None if found.transaction is None else Journal(state).get(found.transaction)
    rows = state.query("SELECT decisions FROM looked_at WHERE dream = ?", dream)
    decisions = from_json(tuple[Decision, ...], rows[0][0]) if rows else ()
    return DreamReport(found, transaction, decisions)


def explain(state: State, root: Path | str, path: str, *, line: int | None = None) -> Explanation:
    """Why a file, or one line of it, is as it is: what was done there and what was considered."""
    number = state.root_id(root)
    changes = [
        PastChange(transaction, moment(at), not active, change)
        for transaction, at, active, body in state.query(
            "SELECT txn, at, changes.active, body FROM changes JOIN transactions ON transactions.id = txn "
            "WHERE root = ? AND status = ? ORDER BY txn DESC, position",
            number,
            TransactionStatus.COMMITTED,
        )
        if _touches(change := from_json(Change, body), path, line)
    ]
    rows = state.query("SELECT decisions FROM looked_at WHERE root = ?", number)
    decisions = from_json(tuple[Decision, ...], rows[0][0]) if rows else ()
    return Explanation(
        tuple(changes),
        tuple(
            decision for decision in decisions if any(_holds(place, path, line) for place in decision.places)
        ),
        tuple(one for one in _considered(state, root) if _touches(one.change, path, line)),
        tuple(
            skip for dream in state.dreams(root, limit=1) for skip in dream.skipped if _is_about(skip, path)
        ),
    )


def _is_about(skip: Skip, path: str) -> bool:
    """Whether something that was left alone is a file, or stood in it: `what` is `file` or `file:line` then."""
    return skip.what == path or re.fullmatch(r":\d+", skip.what.removeprefix(path)) is not None


def _considered(state: State, root: Path | str) -> Iterator[Proposal]:
    """Yield the proposals that wait, and those whose rejection holds."""
    yield from state.proposals(root)
    verdicts = state.decisions(root)
    for proposal in state.proposals(root, status=ProposalStatus.REJECTED):
        if verdicts.get(proposal.change.key) is Verdict.REJECTED:
            yield proposal


def standing_witnesses(state: State, root: Path | str) -> frozenset[tuple[str, str]]:
    """Return (file, text) of the witnesses of all changes that still hold.

    Every dream asks for this, so nothing else of its past is taken apart.
    """
    rows = state.query(
        "SELECT DISTINCT json_extract(body, '$.witness.place') "
        "FROM changes JOIN transactions ON transactions.id = txn "
        "WHERE root = ? AND status = ? AND transactions.active AND changes.active "
        "AND json_extract(body, '$.witness') IS NOT NULL",
        state.root_id(root),
        TransactionStatus.COMMITTED,
    )
    places = (from_json(Place, found) for (found,) in rows)
    return frozenset((place.file, place.text) for place in places)


def restored_subjects(state: State, root: Path | str) -> frozenset[tuple[str, str]]:
    """Return (file, text) of what merges took away that were undone since."""
    rows = state.query(
        "SELECT DISTINCT json_extract(body, '$.subject') FROM changes "
        "JOIN transactions ON transactions.id = changes.txn "
        "JOIN decisions ON decisions.root = transactions.root AND decisions.key = changes.key "
        "WHERE transactions.root = ? AND changes.kind = ? AND verdict = ?",
        state.root_id(root),
        ChangeKind.MERGE,
        Verdict.UNDONE,
    )
    places = (from_json(Place, found) for (found,) in rows)
    return frozenset((place.file, place.text) for place in places)


def attic(state: State, root: Path | str) -> tuple[AtticRow, ...]:
    """Files that transactions removed and that no undo brought back, newest first."""
    return tuple(
        AtticRow(os.fsdecode(path), moment(at), transaction, before, moment(gone) if gone else None)
        for path, at, transaction, before, gone in state.query(
            "SELECT files.path, transactions.at, files.txn, before, collected.at FROM files "
            "JOIN transactions ON transactions.id = files.txn LEFT JOIN collected ON collected.txn = files.txn "
            "WHERE root = ? AND active AND kind != ? AND after = '' AND reached = 'after' "
            "ORDER BY files.txn DESC, files.path",
            state.root_id(root),
            TransactionKind.UNDO,
        )
    )


def _touches(change: Change, path: str, line: int | None) -> bool:
    if any(_holds(place, path, line) for place in _places(change)):
        return True
    return line is None and any(edit.path == path for edit in change.edits)


def _places(change: Change) -> Iterator[Place]:
    yield change.subject
    if change.witness is not None:
        yield change.witness.place


def _holds(place: Place, path: str, line: int | None) -> bool:
    """Whether a place covers the line; the lines are those of the file as it was then."""
    return place.file == path and (line is None or 0 <= line - place.line <= place.text.rstrip().count("\n"))
