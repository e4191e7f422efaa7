"""Undo of everything where edits stand against some of it: change by change, each as a whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from kairos.errors import UndoConflictError
from kairos.model import Change, Skip
from kairos.store.records import Reached, Transaction, Undoing
from kairos.store.undo import Contents, Past, Restored, compose


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
        chosen, why = every.without_clashes(current, error.paths)
        if not chosen:
            raise
    kept = every.joined(chosen)
    restored = compose(past, kept, current)
    left = tuple(every.word_on(unit, error) for unit, error in why.items())
    return kept, replace(restored, skipped=(*restored.skipped, *left))


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

    def without_clashes(
        self, current: Contents, clashing: Sequence[str]
    ) -> tuple[set[Undoing], dict[Undoing, UndoConflictError]]:
        """Return the changes that can be undone together, and what stands against each of the others.

        All that touches no file with a clash is taken; of the rest each, newest first, that goes with what was taken.
        """
        touched = {unit: self._touched(unit) for units in self._units.values() for unit in units}
        bad, chosen = set(clashing), set(touched)
        while chosen := {unit for unit in chosen if not touched[unit] & bad}:
            try:
                compose(self._past, self.joined(chosen), current)
                break
            except UndoConflictError as error:
                bad.update(error.paths)
        against: dict[Undoing, UndoConflictError] = {}
        for unit, paths in touched.items():
            if unit in chosen:
                continue
            try:
                compose(self._past, self.joined({*chosen, unit}), {path: current[path] for path in paths})
                chosen.add(unit)
            except UndoConflictError as error:
                against[unit] = error
        return chosen, against

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

    def word_on(self, unit: Undoing, error: UndoConflictError) -> Skip:
        """Return what is said of a change that stays as it is."""
        transaction = self._transactions[unit.target]
        if not unit.key:
            what, done = f"t{transaction.id}", f"the {transaction.kind} of {transaction.at:%Y-%m-%d}"
        else:
            change = self._change(transaction, unit)
            what = (
                f"{change.subject.file}:{change.subject.line}" if change.subject.line else change.subject.file
            )
            done = f"{change.reason} ({change.key}, t{transaction.id})"
        advice = f"Take the edits back by hand, then: kairos undo {unit.key or what}"
        return Skip(what, f"{done} is not undone. {error.what}", advice)
