"""Undo of everything where edits stand against some of it: change by change, each as a whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from kairos.errors import UndoConflictError
from kairos.model import Change, Skip
from kairos.store.records import Reached, Transaction, Undoing
from kairos.store.undo import Contents, Past, Restored, compose, try_back


def compose_most(
    past: Past, targets: Sequence[Undoing], current: Contents
) -> tuple[tuple[Undoing, ...], Restored]:
    """Return what of the targets, newest first, can be undone, with the bytes that it gives and a word on the rest.

    Raises UndoConflictError where edits stand against all of them.
    """
    try:
        return tuple(targets), compose(past, targets, current)
    except UndoConflictError as error:
        every = _Everything(past, targets)
        sure = every.without_clashes(current, error.paths)
        more, why = every.going_with(sure, current)
        if not more:
            raise
    kept, restored = _composed(past, every, (more, sure), current)
    left = tuple(every.word_on(unit, why.get(unit, "")) for unit in every.units if not _covers(kept, unit))
    return kept, replace(restored, skipped=(*restored.skipped, *left))


def _composed(
    past: Past, every: _Everything, choices: Sequence[set[Undoing]], current: Contents
) -> tuple[tuple[Undoing, ...], Restored]:
    """Return the first choice that can be undone as a whole; raises UndoConflictError where none can."""
    kept = every.joined(choices[0])
    try:
        return kept, compose(past, kept, current)
    except UndoConflictError:
        if not choices[1:] or not choices[1]:
            raise
        return _composed(past, every, choices[1:], current)


def _covers(kept: Sequence[Undoing], unit: Undoing) -> bool:
    return unit in kept or Undoing(unit.target) in kept


class _Everything:
    """What is to be undone, change by change; a transaction without changes is one of its own."""

    def __init__(self, past: Past, targets: Sequence[Undoing]) -> None:
        self._past = past
        self._transactions = {item.id: item for item in past.history}
        self._units = {undoing.target: tuple(self._parts(undoing.target)) for undoing in targets}

    def _parts(self, number: int) -> Iterator[Undoing]:
        transaction = self._transactions[number]
        keys = dict.fromkeys(c.key for c in transaction.changes if c.key not in transaction.undone_keys)
        yield from (Undoing(number, key) for key in keys or ("",))

    def joined(self, chosen: Collection[Undoing]) -> tuple[Undoing, ...]:
        """Return the chosen changes, newest first; those of a whole transaction as one."""
        found: list[Undoing] = []
        for number, units in self._units.items():
            mine = [unit for unit in units if unit in chosen]
            found += mine if len(mine) < len(units) else [Undoing(number)]
        return tuple(found)

    @property
    def units(self) -> Iterator[Undoing]:
        """Every change, newest first."""
        return (unit for units in self._units.values() for unit in units)

    def without_clashes(self, current: Contents, clashing: Sequence[str]) -> set[Undoing]:
        """Return the changes that touch no file with a clash, also not with one that comes of leaving the others."""
        touched = {unit: self._touched(unit) for unit in self.units}
        bad, chosen = set(clashing), set(touched)
        while chosen := {unit for unit in chosen if not touched[unit] & bad}:
            try:
                compose(self._past, self.joined(chosen), current)
                break
            except UndoConflictError as error:
                if bad.issuperset(error.paths):  # in a file that no change says it altered
                    return set()
                bad.update(error.paths)
        return chosen

    def going_with(self, sure: set[Undoing], current: Contents) -> tuple[set[Undoing], dict[Undoing, str]]:
        """Return these changes and each other one, newest first, that can be undone with them; and where others clash.

        Each is tried in its own files alone, as they are once all that is newer is undone.
        """
        data, chosen, clashes = dict(current), set(sure), dict[Undoing, str]()
        for number, units in self._units.items():
            transaction, before = self._transactions[number], dict(data)
            taken = [unit for unit in units if unit in sure]
            for unit in [*taken, *(unit for unit in units if unit not in sure)]:
                keys = {one.key for one in units if one in chosen or one == unit}
                tried = {
                    path: try_back(self._past, transaction, keys, path, before[path])
                    for path in self._touched(unit)
                }
                clash = "; ".join(why for _, why in tried.values() if why)
                if not clash:
                    chosen.add(unit)
                    data.update({path: new for path, (new, _) in tried.items()})
                elif unit not in sure:
                    clashes[unit] = clash
        return chosen, clashes

    def _touched(self, unit: Undoing) -> frozenset[str]:
        """Return the files that a change altered."""
        transaction = self._transactions[unit.target]
        reached = {file.path for file in transaction.files if file.reached is not Reached.BEFORE}
        if not unit.key:
            return frozenset(reached)
        return frozenset(edit.path for edit in self._change(transaction, unit).edits) & reached

    @staticmethod
    def _change(transaction: Transaction, unit: Undoing) -> Change:
        return next(change for change in transaction.changes if change.key == unit.key)

    def word_on(self, unit: Undoing, clash: str) -> Skip:
        """Return what is said of a change that stays as it is, and where an edit, or one that stays, is in its way."""
        transaction = self._transactions[unit.target]
        if not unit.key:
            what, done = f"t{transaction.id}", f"the {transaction.kind} of {transaction.at:%Y-%m-%d}"
        else:
            change = self._change(transaction, unit)
            what = (
                f"{change.subject.file}:{change.subject.line}" if change.subject.line else change.subject.file
            )
            done = f"{change.reason} ({change.key}, t{transaction.id})"
        where = f": {clash}" if clash else ""
        advice = f"Take the edits back by hand, then: kairos undo {unit.key or what}"
        return Skip(what, f"{done} is not undone. The undo clashes with later edits{where}.", advice)
