"""Undo of everything when some of it clashes with edits: change by change, each as a whole or not at all."""

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
    """Return the targets that can be undone, and what undoing them gives, with a Skip for each of the rest.

    Targets are given and returned newest first. Raises UndoConflictError if all of them clash with edits.
    """
    try:
        return tuple(targets), compose(past, targets, current, all_=True)
    except UndoConflictError as error:
        units = _UndoUnits(past, targets)
        safe = units.without_clashes(current, error.paths)
        chosen, clashes = units.extended(safe, current)
        if not chosen:
            raise
    kept, restored = _compose_first(past, units, (chosen, safe), current)
    left = tuple(units.skip_for(unit, clashes.get(unit, "")) for unit in units.all if not _covers(kept, unit))
    return kept, replace(restored, skipped=(*restored.skipped, *left))


def _compose_first(
    past: Past, units: _UndoUnits, choices: Sequence[set[Undoing]], current: Contents
) -> tuple[tuple[Undoing, ...], Restored]:
    """Compose the first choice that can be undone as a whole; raises UndoConflictError if none can."""
    kept = units.as_targets(choices[0])
    try:
        return kept, compose(past, kept, current, all_=True)
    except UndoConflictError:
        if not choices[1:] or not choices[1]:
            raise
        return _compose_first(past, units, choices[1:], current)


def _covers(kept: Sequence[Undoing], unit: Undoing) -> bool:
    return unit in kept or Undoing(unit.target) in kept


class _UndoUnits:
    """What is to be undone, split into units: single changes, and transactions that have no changes."""

    def __init__(self, past: Past, targets: Sequence[Undoing]) -> None:
        self._past = past
        self._transactions = {item.id: item for item in past.history}
        self._units = {undoing.target: tuple(self._split(undoing.target)) for undoing in targets}

    def _split(self, number: int) -> Iterator[Undoing]:
        transaction = self._transactions[number]
        keys = dict.fromkeys(c.key for c in transaction.changes if c.key not in transaction.undone_keys)
        yield from (Undoing(number, key) for key in keys or ("",))

    def as_targets(self, chosen: Collection[Undoing]) -> tuple[Undoing, ...]:
        """The chosen units, newest first; if all of a transaction are chosen, the transaction as one."""
        found: list[Undoing] = []
        for number, units in self._units.items():
            mine = [unit for unit in units if unit in chosen]
            found += mine if len(mine) < len(units) else [Undoing(number)]
        return tuple(found)

    @property
    def all(self) -> Iterator[Undoing]:
        """Every unit, newest first."""
        return (unit for units in self._units.values() for unit in units)

    def without_clashes(self, current: Contents, clashing: Sequence[str]) -> set[Undoing]:
        """The units that touch no file with a clash, nor one that clashes once the other units are left out."""
        touched = {unit: self._touched(unit) for unit in self.all}
        bad, chosen = set(clashing), set(touched)
        while chosen := {unit for unit in chosen if not touched[unit] & bad}:
            try:
                compose(self._past, self.as_targets(chosen), current)
                break
            except UndoConflictError as error:
                if bad.issuperset(error.paths):  # in a file that no change claims to have altered
                    return set()
                bad.update(error.paths)
        return chosen

    def extended(self, safe: set[Undoing], current: Contents) -> tuple[set[Undoing], dict[Undoing, str]]:
        """Return `safe` with every other unit that can be undone together with it, and where the rest clashes.

        Each unit is tried, newest first, in its own files only, as they are once everything newer is undone.
        """
        data, chosen, clashes = dict(current), set(safe), dict[Undoing, str]()
        for number, units in self._units.items():
            transaction, before = self._transactions[number], dict(data)
            taken = [unit for unit in units if unit in safe]
            for unit in [*taken, *(unit for unit in units if unit not in safe)]:
                keys = {one.key for one in units if one in chosen or one == unit}
                tried = {
                    path: try_back(self._past, transaction, keys, path, before[path])
                    for path in self._touched(unit)
                }
                clash = "; ".join(why for _, why in tried.values() if why)
                if not clash:
                    chosen.add(unit)
                    data.update({path: new for path, (new, _) in tried.items()})
                elif unit not in safe:
                    clashes[unit] = clash
        return chosen, clashes

    def _touched(self, unit: Undoing) -> frozenset[str]:
        """The files that a unit altered."""
        transaction = self._transactions[unit.target]
        reached = {file.path for file in transaction.files if file.reached is not Reached.BEFORE}
        if not unit.key:
            return frozenset(reached)
        return frozenset(edit.path for edit in self._change(transaction, unit).edits) & reached

    @staticmethod
    def _change(transaction: Transaction, unit: Undoing) -> Change:
        return next(change for change in transaction.changes if change.key == unit.key)

    def skip_for(self, unit: Undoing, clash: str) -> Skip:
        """The Skip for a unit that is not undone, naming the edit, or the unit that stays, in its way."""
        transaction = self._transactions[unit.target]
        if not unit.key:
            what = self._past.number(transaction.id)
            done = f"the {transaction.kind} of {transaction.at:%Y-%m-%d}"
        else:
            change = self._change(transaction, unit)
            what = change.subject.reference
            done = f"{change.reason} ({change.key}, {self._past.name(transaction.id)})"
        where = f": {clash}" if clash else ""
        advice = f"Revert those edits by hand, then run `kairos undo {unit.key or what}`."
        return Skip(what, f"{done} was not undone: the undo clashes with later edits{where}.", advice)
