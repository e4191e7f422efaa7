"""What an undo has to write: the earlier bytes, merged with what was edited since. Nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from kairos.core.markdown.render import additions, edits_by_path, render_file
from kairos.core.root.conflicts_note import CONFLICTS_NOTE, SIGNATURE
from kairos.errors import UndoConflictError
from kairos.model import Skip
from kairos.store.activity import what_holds
from kairos.store.digests import ABSENT, sha256
from kairos.store.records import SKIPPED_BY_UNDO, FileRecord, Reached, Transaction, TransactionKind, Undoing
from kairos.store.three_way import Clash, Deleted, merge

Contents = Mapping[str, bytes | None]
"""Bytes by path; None means that the file does not exist."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What an undo gives: the bytes of every touched path, and what it leaves alone."""

    contents: Contents
    skipped: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """The committed transactions of a root, newest first, and a way to read the bytes that they name.

    `dreams` are the numbers of the dreams that made transactions. In the files `sectioned`, lines of `§` separate the
    entries.
    """

    history: Sequence[Transaction]
    content: Callable[[str], bytes]
    dreams: Mapping[int, int] = field(default_factory=dict)
    sectioned: Collection[str] = ()

    def number(self, transaction: int) -> str:
        """The number that the log shows for a transaction: `12` for a dream, `t12` for any other."""
        return str(self.dreams.get(transaction, f"t{transaction}"))

    def name(self, transaction: int) -> str:
        """The same in a sentence: `dream 12` or `t12`."""
        return f"dream {self.number(transaction)}" if transaction in self.dreams else f"t{transaction}"

    def bytes_of(self, version: str) -> bytes | None:
        """The bytes of one version; None if the file does not exist in it."""
        return None if version == ABSENT else self.content(version)

    def touching(self, path: str) -> list[tuple[Transaction, FileRecord]]:
        """What was done to one path, newest first."""
        return [
            (transaction, file)
            for transaction in self.history
            for file in transaction.files
            if file.path == path and file.reached is not Reached.BEFORE
        ]


def compose(past: Past, targets: Sequence[Undoing], current: Contents, *, all_: bool = False) -> Restored:
    """Compute the bytes that every touched path of `current` gets.

    A path that nobody edited since gets back exactly what it had; otherwise the undo is merged line by line with what
    is there. Raises UndoConflictError, naming every file and line that clashes and what Kairos did there since; also
    if nothing would be restored because the files are gone. `all_` says that everything was to be undone, which the
    error then does not advise.
    """
    wanted: dict[str, bytes | None] = {}
    deleted: list[str] = []
    clashes: dict[str, str] = {}
    for path, data in current.items():
        exact = _record_to_restore(past, targets, path, data)
        if exact is not None:
            wanted[path] = past.bytes_of(exact.before)
            continue
        try:
            wanted[path] = _merged_undo(past, targets, path, data)
        except Clash as clash:
            if _is_regenerated(path, data):
                wanted[path] = data
            else:
                clashes[path] = str(clash)
        except Deleted:
            wanted[path] = None
            deleted.append(path)
    if clashes:
        raise _clash_error(past, targets, current, clashes, all_=all_)
    if deleted and wanted == current:
        raise _deleted_error(past, targets, deleted)
    # The note of the conflicts goes with the last conflict; the next dream writes it again if there are any.
    skipped = (_skip_for_deleted(past, targets, path) for path in deleted if path != CONFLICTS_NOTE)
    return Restored(wanted, tuple(skipped))


def _is_regenerated(path: str, data: bytes | None) -> bool:
    """Whether the next dream rewrites a file anyway, so that what it says now blocks no undo."""
    return path == CONFLICTS_NOTE and data is not None and data.startswith(SIGNATURE)


def export_command(past: Past, targets: Sequence[Undoing], path: str) -> str:
    """The command that prints what the newest of the targets found in a file."""
    ours = {undoing.target for undoing in targets}
    return next(
        f"`kairos export {past.number(item.id)}`" for item, _ in past.touching(path) if item.id in ours
    )


def _skip_for_deleted(past: Past, targets: Sequence[Undoing], path: str) -> Skip:
    """The Skip for a file that no longer exists, so that nothing can be put back into it."""
    remover = _remover(past, targets, path)
    reason = (
        "It was deleted or renamed after the dream"
        if remover is None
        else f"{_label(past, remover)} has removed it since"
    )
    return Skip(
        path,
        f"{reason}, so it was left alone.",
        f"{export_command(past, targets, path)} prints what it held.",
    )


def _remover(past: Past, targets: Sequence[Undoing], path: str) -> Transaction | None:
    """The transaction that removed a file since; None if somebody else did."""
    item, file = past.touching(path)[0]
    is_ours = item.id in {undoing.target for undoing in targets}
    return item if file.final == ABSENT and not is_ours else None


def _label(past: Past, item: Transaction) -> str:
    day = f"of {item.at:%Y-%m-%d}"
    return f"{past.name(item.id)} {day if item.id in past.dreams else f'({item.kind} {day})'}"


def _deleted_error(past: Past, targets: Sequence[Undoing], paths: Sequence[str]) -> UndoConflictError:
    """The error for an undo that would restore nothing: raising it keeps that undo from being used up."""
    removers = {path: _remover(past, targets, path) for path in paths}
    ours = {item.id: item for item in removers.values() if item is not None}
    others = [path for path, item in removers.items() if item is None and path != CONFLICTS_NOTE]
    if not others and ours:
        newest_first = [ours[number] for number in sorted(ours, reverse=True)]
        took = f"{listed([_label(past, item) for item in newest_first])} removed {listed(paths)} later"
        return UndoConflictError(
            f"{took}, so there is no file to restore text to.",
            tuple(paths),
            f"Nothing was written. Undo {listed([past.name(item.id) for item in newest_first])} first.",
        )
    if not others:
        return UndoConflictError(
            f"{CONFLICTS_NOTE} was deleted after the dream, so there is no file to restore text to.",
            tuple(paths),
            "Nothing was written. The next dream writes it again if conflicts are open.",
        )
    shown = dict.fromkeys(export_command(past, targets, path) for path in others)
    return UndoConflictError(
        f"There is no file to restore text to, because it was deleted or renamed after the dream: {listed(others)}.",
        tuple(paths),
        "Nothing was written. Restore the file under its name and undo again; "
        f"{listed([*shown])} prints what it held.",
    )


def _clash_error(
    past: Past, targets: Sequence[Undoing], current: Contents, clashes: Mapping[str, str], *, all_: bool
) -> UndoConflictError:
    """The error that says what an undo clashes with: what Kairos did since, the edits of others, or both."""
    ours = {undoing.target for undoing in targets}
    steps = {path: past.touching(path) for path in clashes}
    since = {
        item.id: item
        for touching in steps.values()
        for item, _ in touching
        if item.active and item.id > min(ours) and item.id not in ours and not _cancels_out(item, min(ours))
    }
    newest_first = [since[number] for number in sorted(since, reverse=True)]
    against = [_label(past, item) for item in newest_first]
    advice = []
    everything = all(
        item.id in ours or item.kind is TransactionKind.UNDO for item in past.history if item.active
    )
    edited = any(not found or found[0][1].final != sha256(current[path]) for path, found in steps.items())
    if since and not (everything and edited):  # undoing an undo would clash with the same edits
        first = listed([past.name(item.id) for item in newest_first])
        advice.append(
            f"Undo {first} first{'' if everything else ', or everything with `kairos undo --all`'}."
        )
    # If neither Kairos nor anybody else changed it since, the clash is with an edit made between the targets.
    if edited or not against:
        against.append("later edits")
        ways = () if all_ or advice else _ways_around(past, targets)
        advice.append(f"{', or '.join(('Revert those edits by hand', *ways))}.")
    where = "; ".join(clashes.values())
    return UndoConflictError(
        f"The undo clashes with {listed(against)}: {where}.",
        tuple(clashes),
        " ".join(("Nothing was written.", *advice)),
    )


def _cancels_out(item: Transaction, oldest: int) -> bool:
    """Whether this is an undo, and only of `oldest` or what came after it: what it changed was not there before."""
    return item.kind is TransactionKind.UNDO and all(undoing.target >= oldest for undoing in item.undoes)


def _ways_around(past: Past, targets: Sequence[Undoing]) -> Iterator[str]:
    """How to undo the rest if a part of the targets clashes with edits."""
    asked = {undoing.target: undoing.key for undoing in targets}
    holding = [item for item in past.history if item.holds and item.kind not in SKIPPED_BY_UNDO]
    several = {item.id for item in holding if len({c.key for c in item.changes} - item.undone_keys) > 1}
    if any(not key and number in several for number, key in asked.items()):
        yield "undo the other changes one by one"
    if several.intersection(asked) or any(item.id not in asked for item in holding):
        yield "run `kairos undo --all`, which undoes everything here that does not clash"


def listed(words: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _record_to_restore(
    past: Past, targets: Sequence[Undoing], path: str, data: bytes | None
) -> FileRecord | None:
    """The record whose `before` is exactly what the undo restores at this path; None if there is none.

    There is one if nothing that Kairos has done to the path since then still holds after this undo, and nobody else
    wrote in between.
    """
    steps = past.touching(path)
    touching = {transaction.id for transaction, _ in steps}
    reached = {undoing.target for undoing in targets} & touching
    if not reached:
        return None
    undoes = ((transaction.id, transaction.undoes) for transaction in past.history)
    ours = (past.history[0].id + 1, targets)
    holding, _ = what_holds(chain([ours], undoes))
    oldest = _oldest_needed(past, holding, touching, min(reached))
    present = sha256(data)
    for transaction, file in steps:
        goes = transaction.id not in holding or transaction.kind is TransactionKind.UNDO
        if not goes or file.final != present:
            return None
        if transaction.id == oldest:
            return file
        present = file.before
    return None


def _oldest_needed(past: Past, holding: set[int], touching: set[int], oldest: int) -> int:
    """The oldest transaction to go back to, so that the undos in between cancel out with what they undid."""
    for transaction in past.history:
        if transaction.id < oldest:
            break
        if transaction.id in holding and transaction.kind is TransactionKind.UNDO:
            oldest = min({oldest} | {undoing.target for undoing in transaction.undoes} & touching)
    return oldest


def _merged_undo(past: Past, targets: Sequence[Undoing], path: str, data: bytes | None) -> bytes | None:
    """Take the targets back one after the other, newest first, around what was edited since."""
    numbers = {transaction.id: transaction for transaction in past.history}
    for number, keys in _keys_by_transaction(targets).items():
        data = _step_back(past, numbers[number], keys, path, data)
    return data


def _step_back(
    past: Past, transaction: Transaction, keys: set[str], path: str, data: bytes | None
) -> bytes | None:
    """Take back some changes of one transaction in a file; the key "" stands for all of them."""
    file = next((item for item in transaction.files if item.path == path), None)
    if file is None or file.reached is Reached.BEFORE:
        return data
    base = _without(past, transaction, file, transaction.undone_keys)
    if "" in keys:
        other = past.bytes_of(file.before)
    else:
        other = _without(past, transaction, file, transaction.undone_keys | keys)
    return merge(path, base=base, other=other, this=data, sectioned=path in past.sectioned)


def try_back(
    past: Past, transaction: Transaction, keys: set[str], path: str, data: bytes | None
) -> tuple[bytes | None, str]:
    """Take back some changes of one transaction in a file, if that is possible.

    Returns the new bytes and "", or the bytes as they are and where the undo clashes.
    """
    try:
        return _step_back(past, transaction, keys, path, data), ""
    except Clash as clash:
        return data, "" if _is_regenerated(path, data) else str(clash)
    except Deleted:
        return data, ""  # the file stays deleted


def _keys_by_transaction(targets: Sequence[Undoing]) -> dict[int, set[str]]:
    """The keys of the changes to undo, by transaction; the key "" stands for all of it."""
    found: dict[int, set[str]] = {}
    for undoing in targets:
        found.setdefault(undoing.target, set()).add(undoing.key)
    return found


def _without(past: Past, transaction: Transaction, file: FileRecord, keys: frozenset[str]) -> bytes | None:
    """What a transaction would have left in a file without the changes `keys`."""
    if not keys:
        return past.bytes_of(file.final)
    edits = edits_by_path(change for change in transaction.changes if change.key not in keys)
    mine = edits.get(file.path, [])
    if file.reached is Reached.INTERIM:
        mine = additions(mine)
    return render_file(past.bytes_of(file.before), mine)
