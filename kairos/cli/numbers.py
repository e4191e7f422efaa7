"""The numbers by which users name what was done: `12` is a dream, and `t12` any other transaction.

A dream that changed something also has a transaction, whose number is accepted but never shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kairos.errors import UsageError

if TYPE_CHECKING:
    from kairos.store.records import Undoing
    from kairos.store.state import State

NUMBER = re.compile(r"(t?)(\d{1,18})")

NUMBERS = "Give a number of `kairos log`: like 12 for a dream, like t12 for anything else."
"""Advice on a number that names nothing."""

_NAMED = 3
"""How many things that an undo took back are named."""


def shown_number(transaction: int, dreams: Mapping[int, int]) -> str:
    """Return the number of a transaction in the log; `dreams` are those that made one, by its number."""
    dream = dreams.get(transaction)
    return f"t{transaction}" if dream is None else str(dream)


def names_of(transaction: int, dreams: Mapping[int, int]) -> Collection[str]:
    """Return every number by which a transaction may be named."""
    return {shown_number(transaction, dreams), f"t{transaction}"}


def no_such_number(word: re.Match[str], state: State) -> UsageError:
    """Return the error for a well-formed number that names nothing."""
    number = int(word[2])
    if word[1]:
        return UsageError(f"There is no transaction t{number}.", NUMBERS)
    is_transaction = state.query("SELECT 1 FROM transactions WHERE id = ?", number)
    hint = f" If you mean t{number}, write it with the t." if is_transaction else ""
    return UsageError(f"There is no dream {number}.", f"{NUMBERS}{hint}")


def undone_words(undoes: Sequence[Undoing], dreams: Mapping[int, int]) -> str:
    """Return what an undo took back, such as "dream 12 and change 5cecbd2697 of t3"."""
    named = [_words(undoing, dreams) for undoing in undoes[:_NAMED]]
    if len(undoes) > _NAMED:
        named.append(f"{len(undoes) - _NAMED} more")
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def undone_values(undoes: Sequence[Undoing], dreams: Mapping[int, int]) -> list[dict[str, Any]]:
    """Return the same as values for JSON: the number of each and, if only one change of it was undone, its key."""
    return [
        {"number": shown_number(undoing.target, dreams), "key": undoing.key or None} for undoing in undoes
    ]


def _words(undoing: Undoing, dreams: Mapping[int, int]) -> str:
    number = shown_number(undoing.target, dreams)
    whole = number if number.startswith("t") else f"dream {number}"
    return f"change {undoing.key} of {whole}" if undoing.key else whole
