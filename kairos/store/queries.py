"""Queries of the history: for the reports (log, show, explain, attic), and for what dreams ask of the past."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kairos.model import Change, ChangeKind, Edit, Place, RemoveFile, Skip, Splice
from kairos.store.codec import from_json, parse_time
from kairos.store.database import decoding_errors
from kairos.store.journal import Journal
from kairos.store.packing import unpacked
from kairos.store.records import (
    SKIPPED_BY_UNDO,
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
from kairos.store.state import State, root_name
from kairos.store.text_lines import stripped_lines


def log(state: State, root: Path | str | None = None, *, limit: int = 50) -> tuple[LogRow, ...]:
    """Dreams, transactions that no dream made, and rejections that hold, newest first."""
    journal = Journal(state)
    with decoding_errors():
        rows = [
            _dream_row(dream, None if dream.transaction is None else journal.get(dream.transaction))
            for dream in state.dreams(root, limit=limit)
        ]
    dreamt = dreams_by_transaction(state)
    rows += [
        _transaction_row(transaction)
        for place in (state.roots() if root is None else (os.fsdecode(root_name(root)),))
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
    # The whole place is taken as JSON: from a name that is not UTF-8, SQLite would make an invalid text.
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
        yield LogRow(parse_time(at), os.fsdecode(path), "reject", what, None, None, {}, undone=False)


def _dream_row(dream: Dream, transaction: Transaction | None) -> LogRow:
    return LogRow(
        at=dream.at,
        root=dream.root,
        kind=TransactionKind.DREAM,
        outcome=dream.outcome,
        dream=dream.id,
        transaction=dream.transaction,
        changes={} if transaction is None else _by_kind(transaction),
        undone=transaction is not None and not transaction.holds,
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
        undone=not transaction.holds,
        undoes=transaction.undoes,
    )


def _by_kind(transaction: Transaction) -> Mapping[str, int]:
    return Counter(str(change.kind) for change in transaction.changes)


def dreams_by_transaction(state: State) -> Mapping[int, int]:
    """The number of the dream that made each transaction, for those that one made."""
    return dict(state.query("SELECT txn, max(id) FROM dreams WHERE txn IS NOT NULL GROUP BY txn"))


def unfinished_roots(state: State) -> tuple[str, ...]:
    """The roots with a transaction that was begun and not closed: a crash interrupted it, or it is running now."""
    rows = state.query(
        "SELECT DISTINCT path FROM transactions JOIN roots ON roots.id = root WHERE status = ?",
        TransactionStatus.PENDING,
    )
    return tuple(os.fsdecode(path) for (path,) in rows)


def has_been_changed(state: State, root: Path | str) -> bool:
    """Whether Kairos ever did anything in a root that could be undone, even if it was."""
    history = Journal(state).history(os.fsdecode(root_name(root)))
    return any(transaction.kind not in SKIPPED_BY_UNDO for transaction in history)


def newest_holding(state: State, root: Path | str) -> int | None:
    """The newest transaction of a root that still holds at least in part, other than an undo or a move."""
    for transaction in Journal(state).history(os.fsdecode(root_name(root))):
        if transaction.holds and transaction.kind not in SKIPPED_BY_UNDO:
            return transaction.id
    return None


def show(state: State, dream: int) -> DreamReport | None:
    """All about one dream; None if there is no such dream."""
    found = state.dream(dream)
    if found is None:
        return None
    with decoding_errors():
        transaction = None if found.transaction is None else Journal(state).get(found.transaction)
    rows = state.query("SELECT decisions FROM looked_at WHERE dream = ?", dream)
    decisions = unpacked(rows[0][0]) if rows else ()
    return DreamReport(found, transaction, decisions)


def show_transaction(state: State, number: int) -> DreamReport | Transaction | None:
    """All about one transaction, with its dream if a dream made it; None if there is none."""
    try:
        transaction = Journal(state).get(number)
    except KeyError:
        return None
    dream = dreams_by_transaction(state).get(number)
    return transaction if dream is None else show(state, dream)


def explain(
    state: State, root: Path | str, path: str, *, line: int | None = None, text: str = ""
) -> Explanation:
    """Why a file, or one line of it, is as it is: what was done there and what was considered.

    Line numbers are those from before each change, so a line is identified by its `text` if it has any. What was done
    to another line that had its number then is returned separately.
    """
    number, asked = state.root_id(root), _Asked(path, line, text.strip())
    changes = [
        PastChange(transaction, parse_time(at), not active, change)
        for transaction, at, active, body in state.query(
            "SELECT txn, at, changes.active, body FROM changes JOIN transactions ON transactions.id = txn "
            "WHERE root = ? AND status = ? ORDER BY txn DESC, position",
            number,
            TransactionStatus.COMMITTED,
        )
        if _touches(change := from_json(Change, body), replace(asked, text="")) or _touches(change, asked)
    ]
    rows = state.query("SELECT decisions FROM looked_at WHERE root = ?", number)
    decisions = unpacked(rows[0][0]) if rows else ()
    return Explanation(
        tuple(past for past in changes if _touches(past.change, asked)),
        tuple(decision for decision in decisions if any(map(asked.is_in, decision.places))),
        tuple(one for one in _considered(state, root) if _touches(one.change, asked)),
        tuple(
            skip for dream in state.dreams(root, limit=1) for skip in dream.skipped if _is_about(skip, asked)
        ),
        tuple(past for past in changes if not _touches(past.change, asked)),
    )


def _is_about(skip: Skip, asked: _Asked) -> bool:
    """Whether a Skip bears on what is asked for: a file, or one line of it.

    One about the whole file (`what` is then its path) bears on each line, unless it is about a change to some other.
    """
    if skip.what == asked.path:
        return asked.line is None or not skip.key
    line = re.fullmatch(r":(\d+)", skip.what.removeprefix(asked.path))
    if line is None:
        return False
    if not skip.text:  # then only its number identifies the line
        asked = replace(asked, text="")
    return asked.is_in(Place(asked.path, int(line[1]), skip.text))


def _considered(state: State, root: Path | str) -> Iterator[Proposal]:
    """The proposals that wait, and those whose rejection holds."""
    yield from state.proposals(root)
    verdicts = state.decisions(root)
    for proposal in state.proposals(root, status=ProposalStatus.REJECTED):
        if verdicts.get(proposal.change.key) is Verdict.REJECTED:
            yield proposal


def standing_witnesses(state: State, root: Path | str) -> frozenset[tuple[str, str]]:
    """(file, text) of the witnesses of all changes that still hold.

    Every dream asks for this, so nothing else of the changes is parsed.
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
    """(file, text) of what merges took away and an undo brought back, or would have taken away but for a rejection."""
    rows = state.query(
        "SELECT json_extract(body, '$.subject') FROM changes "
        "JOIN transactions ON transactions.id = changes.txn "
        "JOIN decisions ON decisions.root = transactions.root AND decisions.key = changes.key "
        "WHERE transactions.root = ?1 AND changes.kind = ?2 AND verdict IN (?3, ?4) "
        "UNION SELECT json_extract(body, '$.subject') FROM proposals "
        "JOIN decisions ON decisions.root = proposals.root AND decisions.key = proposals.key "
        "WHERE proposals.root = ?1 AND json_extract(body, '$.kind') = ?2 AND verdict = ?4",
        state.root_id(root),
        ChangeKind.MERGE,
        Verdict.UNDONE,
        Verdict.REJECTED,
    )
    places = (from_json(Place, found) for (found,) in rows)
    return frozenset((place.file, place.text) for place in places)


def undone_upkeep(state: State, root: Path | str) -> tuple[Change, ...]:
    """The changes of the index and of the managed note that a person took back, oldest first."""
    rows = state.query(
        "SELECT body FROM changes JOIN transactions ON transactions.id = changes.txn "
        "JOIN decisions ON decisions.root = transactions.root AND decisions.key = changes.key "
        "WHERE transactions.root = ? AND transactions.status = ? AND changes.kind IN (?, ?) "
        "AND verdict IN (?, ?) ORDER BY changes.txn, position",
        state.root_id(root),
        TransactionStatus.COMMITTED,
        ChangeKind.INDEX,
        ChangeKind.CONFLICTS,
        Verdict.UNDONE,
        Verdict.REJECTED,
    )
    return tuple(from_json(Change, body) for (body,) in rows)


def attic(state: State, root: Path | str) -> tuple[AtticRow, ...]:
    """Files that transactions removed and that no undo brought back, newest first."""
    return tuple(
        AtticRow(os.fsdecode(path), parse_time(at), transaction, before, parse_time(gone) if gone else None)
        for path, at, transaction, before, gone in state.query(
            "SELECT files.path, transactions.at, files.txn, before, collected.at FROM files "
            "JOIN transactions ON transactions.id = files.txn LEFT JOIN collected ON collected.txn = files.txn "
            "WHERE root = ? AND active AND kind != ? AND after = '' AND reached = 'after' "
            "ORDER BY files.txn DESC, files.path",
            state.root_id(root),
            TransactionKind.UNDO,
        )
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file, or one line of it, identified by its text if that is known and by its number otherwise."""

    path: str
    line: int | None
    text: str

    def is_in(self, place: Place) -> bool:
        """Whether a place covers what is asked for; its line numbers are those of the file at that time."""
        if place.file != self.path:
            return False
        if self.line is None:
            return True
        if self.text:
            return self.text in stripped_lines(place.text)
        return 0 <= self.line - place.line <= place.text.rstrip().count("\n")

    def is_written_by(self, change: Change) -> bool:
        """Whether a change wrote what is asked for: a whole line, or words in a line that existed before."""
        written = [edit for edit in change.edits if edit.path == self.path]
        if self.line is None or not self.text:
            return self.line is None and bool(written)
        texts = list(filter(None, map(_inserted_text, written)))
        if any(self.text in stripped_lines(text) for text in texts):
            return True
        if change.subject.file != self.path:  # in other files, only the addresses of links are rewritten
            return any(f"{mark}{text}" in self.text for text in texts for mark in ("](", "[["))
        return self._was_rewritten(change.subject.text, texts)

    def _was_rewritten(self, before: str, texts: Sequence[str]) -> bool:
        """Whether a line of `before` became what is asked for when `texts` were written into it."""
        inside = [text for text in texts if text in self.text]
        if not inside:
            return False
        begin = self.text[: min(map(self.text.index, inside))]
        end = self.text[max(self.text.rindex(text) + len(text) for text in inside) :]
        return any(
            line.startswith(begin) and line.endswith(end) for line in filter(None, stripped_lines(before))
        )


def _inserted_text(edit: Edit) -> str:
    data = b"" if isinstance(edit, RemoveFile) else edit.text if isinstance(edit, Splice) else edit.data
    return data.decode("utf-8", "surrogateescape").strip()


def _touches(change: Change, asked: _Asked) -> bool:
    return any(map(asked.is_in, _places(change))) or asked.is_written_by(change)


def _places(change: Change) -> Iterator[Place]:
    yield change.subject
    if change.witness is not None:
        yield change.witness.place
