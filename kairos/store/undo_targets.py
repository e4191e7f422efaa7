"""What an undo is asked to take back, and which of that is out of reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kairos.errors import OriginalsGoneError, UndoConflictError, UsageError
from kairos.model import Skip
from kairos.store.digests import IRREGULAR
from kairos.store.records import SKIPPED_BY_UNDO, Transaction, TransactionKind, Undoing
from kairos.store.tree import Found
from kairos.store.undo import Past, export_command, listed


def choose_targets(
    history: Sequence[Transaction],
    *,
    transactions: Sequence[int] | None,
    change_key: str | None,
    all_: bool,
) -> tuple[Undoing, ...]:
    """Turn a request to undo into its targets, newest first. Raises UsageError if there are none."""
    if all_:
        found = tuple(
            Undoing(transaction.id)
            for transaction in history
            if transaction.active and transaction.kind not in SKIPPED_BY_UNDO
        )
        if not found:
            raise UsageError(
                "There is nothing to undo: everything that was done in this root is already undone.",
                "See `kairos log`.",
            )
        return found
    if change_key is not None:
        among = [item for item in history if transactions is None or item.id in transactions]
        return (_target_change(among, change_key),)
    if not transactions:
        raise UsageError("Say what to undo: transactions, a change, or everything.")
    return tuple(_target_transaction(history, number) for number in sorted(set(transactions), reverse=True))


def _target_transaction(history: Sequence[Transaction], number: int) -> Undoing:
    target = next((item for item in history if item.id == number), None)
    if target is None:
        raise UsageError(f"There is no transaction t{number} in this root.", "See `kairos log`.")
    if target.kind is TransactionKind.MOVE:
        raise UsageError(
            f"Transaction t{number} only records that this root was moved; it changed no note.",
            "Move the directory back, then run `kairos moved HERE THERE`.",
        )
    if not target.holds:
        raise UsageError(f"Transaction t{number} is already undone.", "See `kairos log`.")
    for undoing in target.undoes:
        later = _whole_undo_of(history, undoing.target, after=number)
        if later is not None:
            raise UsageError(
                f"Transaction t{number} undid a part of t{undoing.target}, and t{later} has since undone all of it.",
                f"Undo t{later} first.",
            )
    return Undoing(number)


def _whole_undo_of(history: Sequence[Transaction], target: int, *, after: int) -> int | None:
    return next(
        (item.id for item in history if item.active and item.id > after and Undoing(target) in item.undoes),
        None,
    )


def _target_change(history: Sequence[Transaction], key: str) -> Undoing:
    holders = [item for item in history if any(change.key == key for change in item.changes)]
    if not holders:
        raise UsageError(
            f"There is no change {key} in this root.",
            "`kairos log` lists what was done by number, and `kairos show NUMBER` has the keys of its changes.",
        )
    for item in holders:
        if item.active and key not in item.undone_keys:
            return Undoing(item.id, key)
    raise UsageError(f"Change {key} is already undone.", f"To apply it again: `kairos approve {key}`.")


def within_reach(
    past: Past, targets: Sequence[Undoing], gone: Mapping[int, datetime], *, all_: bool
) -> tuple[tuple[Undoing, ...], tuple[Skip, ...]]:
    """Drop the targets whose originals are no longer kept; returns the rest, and a Skip for each dropped one.

    `gone` tells when they were discarded, by transaction. Only an undo of everything goes on without them: raises
    OriginalsGoneError if one was asked for, or if no target is left.
    """
    lost = {target.target for target in targets} & gone.keys()
    said = [
        f"The originals of the {item.kind} of {item.at:%Y-%m-%d} ({past.name(item.id)}) "
        f"were deleted on {gone[item.id]:%Y-%m-%d}"
        for item in past.history
        if item.id in lost
    ]
    kept = tuple(target for target in targets if target.target not in lost)
    if said and not (all_ and kept):
        raise OriginalsGoneError(
            f"{said[0]}; it can no longer be undone.",
            "`journal.keep_days` and `journal.max_bytes` in the configuration set how long they are kept.",
        )
    return kept, tuple(Skip(words, "It can no longer be undone.") for words in said)


def blocked_paths(past: Past, targets: Sequence[Undoing], found: Mapping[str, Found]) -> tuple[Skip, ...]:
    """A Skip for each path that is now taken by a link, a directory or a device, which stays.

    Raises UndoConflictError if nothing else is to be undone.
    """
    affected = {path for path in found if _is_affected(past, targets, path)}
    blocked = sorted(path for path in affected if found[path].sha256 == IRREGULAR)
    if blocked and len(blocked) == len(affected):
        raise UndoConflictError(
            f"There is now a link, a directory or a device under the name of {listed(blocked)}.",
            tuple(blocked),
            "Nothing was written. Rename it and undo again; "
            f"{export_command(past, targets, blocked[0])} prints what it held.",
        )
    reason = "There is now a link, a directory or a device under its name, which stays."
    return tuple(
        Skip(path, reason, f"{export_command(past, targets, path)} prints what it held.") for path in blocked
    )


def _is_affected(past: Past, targets: Sequence[Undoing], path: str) -> bool:
    """Whether anything that is to be undone was done to a path."""
    touching = {transaction.id: transaction for transaction, _ in past.touching(path)}
    return any(
        not undoing.key
        or any(edit.path == path for c in item.changes if c.key == undoing.key for edit in c.edits)
        for undoing in targets
        if (item := touching.get(undoing.target)) is not None
    )
