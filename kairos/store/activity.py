"""Which transactions still hold, after undos and undos of undos."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kairos.store.records import Undoing


def what_holds(undoes: Iterable[tuple[int, Collection[Undoing]]]) -> tuple[set[int], set[Undoing]]:
    """The transactions that hold, and all that these undo.

    Takes each committed transaction with what it undoes, newest first: only a later one undoes an earlier one.
    """
    holding: set[int] = set()
    undone: set[Undoing] = set()
    for number, targets in undoes:
        if Undoing(number) not in undone:
            holding.add(number)
            undone.update(targets)
    return holding, undone
