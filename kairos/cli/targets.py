"""The target of `kairos undo` and `kairos export`, read from their arguments."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kairos.cli.keys import RootedKey, resolve_key
from kairos.cli.numbers import NUMBER, NUMBERS, no_such_number
from kairos.cli.roots import advice_if_moved, known_root, resolve_root
from kairos.errors import UsageError
from kairos.report.phrases import shell_path
from kairos.store.overview import moves

if TYPE_CHECKING:
    from kairos.store.state import State

_KEY = re.compile(r"[0-9a-f]{4,}")

Verb = Literal["undo", "export"]
_DONE: Mapping[Verb, str] = {"undo": "undone", "export": "exported"}


@dataclass(frozen=True, slots=True)
class Target:
    """A transaction or a change of a root; with neither, everything that was done to the root."""

    root: str
    transaction: int | None = None
    change: str | None = None


def resolve_target(
    words: Sequence[str], state: State, *, everything: bool = False, verb: Verb = "undo"
) -> Target:
    """Return the target that `[ROOT] [TARGET]` names, in either order; raises UsageError if there is no such one."""
    given, wanted = _root_and_target(words, verb)
    ever_known = {*state.roots(), *moves(state)}
    if given is not None and not given.exists() and os.path.realpath(given) not in ever_known:
        raise _neither(given, verb)
    if wanted is None:
        root = resolve_root(given, state)
        return Target(root) if everything else Target(root, _latest(root, state, verb))
    if everything:
        raise UsageError(f"--all and {wanted} cannot be combined.", "Leave one of them out.")
    roots = tuple(state.roots()) if given is None else (known_root(given, state),)
    number = NUMBER.fullmatch(wanted)
    found = _by_number(number, roots, state, verb) if number else None
    if found is not None:
        return found
    keys = _known_keys(roots, state)
    is_key = _KEY.fullmatch(wanted) and any(one.key.startswith(wanted) for one in keys)
    if number and not is_key:
        raise no_such_number(number, state)
    return _by_key(wanted, keys, verb)


def _root_and_target(words: Sequence[str], verb: Verb) -> tuple[Path | None, str | None]:
    """Tell the root from the target; raises UsageError if there is more than one of either."""
    targets = [word for word in words if _is_target(word)]
    roots = [word for word in words if not _is_target(word)]
    strange = next((word for word in roots if not Path(word).exists()), None)
    if len(roots) > 1 and strange is not None:
        raise _neither(strange, verb)
    if len(roots) > 1 or len(targets) > 1:
        raise UsageError(
            f"Give at most one directory and one thing to {verb}.", f"See `kairos {verb} --help`."
        )
    return (Path(roots[0]) if roots else None), (targets[0] if targets else None)


def _neither(word: object, verb: Verb) -> UsageError:
    key = " The key of a change will do, too." if verb == "undo" else ""
    return UsageError(
        f"{word} is neither a directory nor something that can be {_DONE[verb]}.", f"{NUMBERS}{key}"
    )


def _is_target(word: str) -> bool:
    return bool(NUMBER.fullmatch(word) or _KEY.fullmatch(word)) and not Path(word).is_dir()


def _latest(root: str, state: State, verb: Verb) -> int:
    """Return the newest transaction still in force: it could clash with undoing an older one."""
    from kairos.store.queries import has_been_changed, newest_holding

    number = newest_holding(state, root)
    if number is None:
        # What Kairos did there may be known under the path from which the directory was moved.
        moved = "" if has_been_changed(state, root) else advice_if_moved(shell_path(root, ""), state.roots())
        raise UsageError(f"There is nothing to {verb} in {root}.", f"{moved or 'See `kairos log`'}.")
    return number


def _by_number(word: re.Match[str], roots: Sequence[str], state: State, verb: Verb) -> Target | None:
    """Return what a number names; None if it names nothing."""
    from kairos.store.journal import Journal

    wanted = int(word[2]) if word[1] else _transaction_of_dream(int(word[2]), state, verb)
    try:
        transaction = None if wanted is None else Journal(state).get(wanted)
    except KeyError:
        return None
    if transaction is None or transaction.status != "committed":
        return None
    if transaction.root not in roots:
        raise UsageError(f"{word[0]} was done in {transaction.root}, not in {', '.join(roots)}.")
    if not word[1] and verb == "undo" and not transaction.holds:
        raise UsageError(f"Dream {word[0]} is already undone.", "See `kairos log`.")
    return Target(transaction.root, transaction.id)


def _transaction_of_dream(number: int, state: State, verb: Verb) -> int | None:
    """Return the transaction of a dream; None if there is no such dream. Raises UsageError if it changed nothing."""
    dream = state.dream(number)
    if dream is not None and dream.transaction is None:
        raise UsageError(f"Dream {number} changed nothing, so there is nothing to {verb}.")
    return None if dream is None else dream.transaction


def _known_keys(roots: Sequence[str], state: State) -> frozenset[RootedKey]:
    from kairos.store.journal import Journal

    journal = Journal(state)
    return frozenset(
        RootedKey(root, change.key)
        for root in roots
        for transaction in journal.history(root)
        for change in transaction.changes
    )


def _by_key(prefix: str, known: Collection[RootedKey], verb: Verb) -> Target:
    advice = "See `kairos log` and `kairos show`."
    resolved = resolve_key(prefix, known, what="change", advice=advice, command=f"kairos {verb}")
    return Target(resolved.root, change=resolved.key)
